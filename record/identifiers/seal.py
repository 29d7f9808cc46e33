"""Seals of containers and trailers (ISO 17712).

    [M M M M] D D D D D D D [C]
     |     |  |           |  +-- class, where it is printed: H high security, S security, I indicative
     |     |  +-----------+----- serial number
     +-----+-------------------- maker, line or country; the standard fixes neither letters nor length

Nothing in a seal's number proves it: it is known by its shape, better by what is written beside it.
"""

from __future__ import annotations

import re

from record.identifiers.folding import Text, fold
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

LONGEST = 14
"""Characters that the terminals' forms have room for."""

_SHAPE = re.compile(r"([A-Z]{0,5})([0-9]{5,12})([A-Z]?)")
_LIKELY = re.compile(r"[A-Z]{1,4}[0-9]{5,10}[A-Z]?")


def parse(text: str | Text, *, longest: int = LONGEST) -> Identifier:
    """A seal by its shape alone, or unknown. Never raises; always with `Code.BY_SHAPE`."""
    folded = fold(text)
    match = _SHAPE.fullmatch(folded.compact)
    if not folded.grouped or match is None or len(folded.compact) > longest:
        return refused(folded)
    proof = remark(Code.BY_SHAPE, kind=Kind.SEAL)
    parts = {"maker": match[1], "serial": match[2], "class": match[3]}
    filled = {name: part for name, part in parts.items() if part}
    return Identifier(Kind.SEAL, folded.compact, filled, (*folded.remarks, proof), folded.raw)


def likely(normal: str) -> bool:
    """Whether the number looks like a seal's: a maker's letters before its digits."""
    return _LIKELY.fullmatch(normal) is not None
