"""Values as pages show them: what came from a barcode draws nothing and hides nothing."""

from __future__ import annotations

import unicodedata

HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs")
"""Categories of characters that no eye can see: controls, marks of direction, what is no character."""


def shown(value: object) -> object:
    """None as nothing, invisible characters as their code points; everything else as it is."""
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "".join(c if _visible(c) else f"⟨U+{ord(c):04X}⟩" for c in value)


def _visible(character: str) -> bool:
    """Whether a character may go to a page as it is. Line breaks may, for texts that people write."""
    return character in "\n\t" or unicodedata.category(character) not in HIDDEN
