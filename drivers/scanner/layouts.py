"""Keyboard layouts: which character a key stands for, as the scanner means it.

A keyboard scanner sends keys, not characters, and it chooses them for the layout that it was set up for. Each
layout here is drawn as its keys lie, from the key left of ``1`` to the one right of the space bar's row; a
blank in a drawing is no character. Source: the symbols of X.org's keyboard data, ``us`` and ``latam``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

ROWS = ((41, *range(2, 14)), range(16, 28), range(30, 41), (43, 86), range(44, 54))
"""Linux key codes of the four rows of characters, and of the two keys whose place differs by keyboard."""

COMBINING = {"´": "\u0301", "¨": "\u0308", "^": "\u0302", "`": "\u0300"}
"""Accents that wait for their letter, and the combining character of each."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Characters by key code, in three levels; ``dead`` are accents that join the character after them."""

    name: str
    plain: Mapping[int, str]
    shift: Mapping[int, str]
    altgr: Mapping[int, str] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()

    def character(self, key: int, *, shift: bool, altgr: bool) -> str | None:
        """What the key stands for, None where it stands for no character."""
        level = self.altgr if altgr else self.shift if shift else self.plain
        return level.get(key)


def _level(*rows: str) -> dict[int, str]:
    return {
        key: character
        for keys, row in zip(ROWS, rows, strict=True)
        for key, character in zip(keys, row, strict=True)
        if character != " "
    } | {57: " "}


US = Layout(
    "us",
    plain=_level("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "\\<", "zxcvbnm,./"),
    shift=_level("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"', "|>", "ZXCVBNM<>?"),
)
"""The layout that scanners leave the factory with."""

LATIN_AMERICAN = Layout(
    "latam",
    plain=_level("|1234567890'¿", "qwertyuiop´+", "asdfghjklñ{", "}<", "zxcvbnm,.-"),
    shift=_level('°!"#$%&/()=?¡', "QWERTYUIOP¨*", "ASDFGHJKLÑ[", "]>", "ZXCVBNM;:_"),
    altgr=_level("¬|@·~½¬{[]}\\ ", "@          ~", "         ~^", "`\\", " " * 10),
    dead=frozenset("´¨^`"),
)
"""The Spanish layout of Latin America."""

LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in (US, LATIN_AMERICAN)}
"""The layouts by the name that a site writes."""


def accented(accent: str, character: str) -> str:
    """A dead accent and the character after it: one letter, the accent alone before a blank, or both."""
    if character == " ":
        return accent
    joined = unicodedata.normalize("NFC", character + COMBINING[accent])
    return joined if len(joined) == 1 else accent + character


def meant(text: str, host: Layout = LATIN_AMERICAN, scanner: Layout = US) -> str:
    """What a code said that was typed into a desktop whose layout is not the scanner's.

    With a scanner set to US and a desktop in Spanish, ``https://x?id=A-1`` arrives as ``httpsÑ--x_id¿A'1``.
    Characters that no key of the host gives stay as they are.
    """
    keys = {host.plain[key]: scanner.plain.get(key) for key in host.plain}
    keys |= {host.shift[key]: scanner.shift.get(key) for key in host.shift}
    return "".join(keys.get(part) or part for character in text for part in _typed(character, keys))


def _typed(character: str, keys: Mapping[str, object]) -> str:
    """The characters of the keys that made one character: a dead accent and its letter are two."""
    if character in keys:
        return character
    parts = unicodedata.normalize("NFD", character)
    for accent, combining in COMBINING.items():
        if parts[1:] == combining:
            return accent + parts[0]
    return character
