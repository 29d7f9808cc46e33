"""Size-type codes of containers (ISO 6346, chapter 4 and annexes D and E).

    L H T T
    | | +-+-- type: G general, R refrigerated, T tank … with a digit
    | +------ height, and width where it is more than 8 feet
    +-------- length: 2 20 feet, 4 40 feet, L 45 feet …

Lengths, heights and types are lists of data; a type that is not in them is a warning when its shape is right.
Booking papers use the trade's names (40HC): they are taken for the code that is usually meant, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

_TYPE = re.compile(r"[A-Z][0-9]")
GRAMMARS = ("99A9", "9?A9", "??A9")
"""Tried in this order when the text is no code as it stands."""


@dataclass(frozen=True)
class Sizes:
    """The known first, second, and third and fourth characters, and the trade's names."""

    lengths: Container[str]
    heights: Container[str]
    types: Container[str]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def shaped(self, code: str) -> bool:
        """Whether length and height are listed and the type has its shape."""
        return (
            len(code) == 4
            and code[0] in self.lengths
            and code[1] in self.heights
            and (code[2:] in self.types or _TYPE.fullmatch(code[2:]) is not None)
        )


def parse(text: str | Text, sizes: Sizes) -> Identifier:
    """A size-type code, or unknown. Never raises."""
    folded = fold(text)
    code = folded.compact
    if sizes.shaped(code):
        return _found(folded, code, sizes)
    if code in sizes.aliases:
        taken = sizes.aliases[code]
        named = remark(Code.TRADE_NAME, found=code, taken=taken)
        return _found(folded, taken, sizes).remarked([named])
    for grammar in GRAMMARS:
        fitted = swapped(code, grammar, most=1)
        if fitted and sizes.shaped(fitted[0]) and fitted[0][2:] in sizes.types:
            return _found(folded, fitted[0], sizes).remarked(fitted[1])
    return refused(folded)


def _found(folded: Text, code: str, sizes: Sizes) -> Identifier:
    found = Identifier(Kind.SIZE_TYPE, code, parts(code), folded.remarks, folded.raw)
    return found if code[2:] in sizes.types else found.remarked([remark(Code.UNLISTED_SIZE, type=code[2:])])


def parts(normal: str) -> dict[str, str]:
    """Length, height, type and the type's group of a normal form."""
    return {"length": normal[0], "height": normal[1], "type": normal[2:], "group": normal[2]}
