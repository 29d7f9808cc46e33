"""Booking numbers of shipping lines.

Every line has a shape of its own and none has a check digit: 6 to 16 letters and digits, at least five of
them digits. One that begins with the letters that a line puts before its numbers (EBKG, EGLV) is likely a
booking; any other is known only by what is written beside it.
"""

from __future__ import annotations

import re
from collections.abc import Container

from record.identifiers.folding import Text, fold
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

_SHAPE = re.compile(r"(?=(?:[A-Z]*[0-9]){5})[A-Z0-9]{6,16}")
_PREFIXED = re.compile(r"([A-Z]{4})[A-Z0-9]*[0-9]{6,}[A-Z]?")


def parse(text: str | Text) -> Identifier:
    """A booking number by its shape alone, or unknown. Never raises; always with `Code.BY_SHAPE`."""
    folded = fold(text)
    if not folded.grouped or not _SHAPE.fullmatch(folded.compact):
        return refused(folded)
    proof = remark(Code.BY_SHAPE, kind=Kind.BOOKING)
    prefix = {"prefix": folded.compact[:4]} if _PREFIXED.fullmatch(folded.compact) else {}
    return Identifier(Kind.BOOKING, folded.compact, prefix, (*folded.remarks, proof), folded.raw)


def likely(found: Identifier, prefixes: Container[str]) -> bool:
    """Whether the number begins with letters that a shipping line puts before its own."""
    return found.parts.get("prefix", "") in prefixes
