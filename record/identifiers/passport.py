"""Passports: a number by its shape, or the machine-readable zone (ICAO 9303 part 4).

    P<ECUAPELLIDO<<NOMBRE<<<<<<<<<<<<<<<<<<<<<<<
    A123456787ECU8001014M3001012<<<<<<<<<<<<<<04
    |       ||| ||     |||     ||             |+-- check digit of the digits before
    |       ||| ||     |||     ||             +--- check digit of the personal number
    |       ||| ||     |||     |+----------------- personal number
    |       ||| ||     ||+-----+------------------ expiry with its check digit
    |       ||| ||     |+------------------------- sex
    |       ||| |+-----+-------------------------- birth with its check digit
    |       ||+-+--------------------------------- nationality
    |       |+------------------------------------ check digit of the number
    +-------+------------------------------------- number, nine characters filled with <

Weights 7, 3, 1 repeating, letters A=10 to Z=35, < as 0, by ten. A number alone has no check digit: it is
known by its shape, better by what is written beside it. Only number and country are given, nothing else of
the person.
"""

from __future__ import annotations

import re

from record.identifiers.folding import Text, fold
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

_SHAPE = re.compile(r"[A-Z]{0,3}[0-9]{6,9}|[A-Z][A-Z0-9][0-9]{6,7}")
_LIKELY = re.compile(r"[A-Z][0-9]{7}")
LONGEST = 9
_ZONE = re.compile(
    r"(?:P[A-Z<][A-Z<]{42})?"
    r"([A-Z0-9<]{9}[0-9])([A-Z<]{3})([0-9]{7})[MFX<]([0-9]{7})([A-Z0-9<]{14}[0-9<])([0-9])"
)


def check_digit(field: str) -> int:
    """The check digit of a field of a machine-readable zone: capital letters, digits and ``<``."""
    return sum(_value(character) * (7, 3, 1)[place % 3] for place, character in enumerate(field)) % 10


def _value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


def parse(text: str | Text, *, longest: int = LONGEST) -> Identifier:
    """A passport by its zone, or by its number's shape with `Code.BY_SHAPE`, or unknown. Never raises."""
    folded = fold(text)
    zone = _ZONE.fullmatch(folded.plain.replace(" ", ""))
    if zone:
        return _from_zone(folded, zone)
    if not folded.grouped or len(folded.compact) > longest or not _SHAPE.fullmatch(folded.compact):
        return refused(folded)
    proof = remark(Code.BY_SHAPE, kind=Kind.PASSPORT)
    return Identifier(Kind.PASSPORT, folded.compact, {}, (*folded.remarks, proof), folded.raw)


def _from_zone(folded: Text, zone: re.Match[str]) -> Identifier:
    number, country, birth, expiry, personal, last = zone.groups()
    fields = [number, birth, expiry]
    checked = [*fields, personal] if personal.strip("<") else fields
    sound = all(check_digit(field[:-1]) == _value(field[-1]) for field in checked)
    if not sound or check_digit(number + birth + expiry + personal) != int(last):
        return refused(folded, remark(Code.MRZ))
    normal = number[:9].rstrip("<")
    return Identifier(Kind.PASSPORT, normal, {"country": country.rstrip("<")}, folded.remarks, folded.raw)


def likely(normal: str) -> bool:
    """Whether the number looks like a passport's of the region: one letter and seven digits."""
    return _LIKELY.fullmatch(normal) is not None
