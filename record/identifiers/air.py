"""Numbers of air cargo: air waybills, house air waybills and unit load devices (IATA).

    016-1234567 5 [00012]      AWB, resolution 600a: airline, serial number, check digit = serial by 7;
    |   |       |  |           a label's barcode adds five digits, the piece
    |   |       |  +---------- piece
    |   |       +------------- check digit, 0 to 6
    |   +--------------------- serial number
    +------------------------- airline

    P M C 12345 LA             ULD, standard 40/1: no check digit
    | | | |     +------------- owner, an airline's two characters or three letters
    | | | +------------------- serial number, four or five digits
    | | +--------------------- contour
    | +----------------------- base
    +------------------------- category

A HAWB is whatever its forwarder prints: up to 20 letters and digits, known only by what is written beside it.
"""

from __future__ import annotations

import re
from collections.abc import Container

from record.identifiers import dae
from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

AWB_GRAMMAR = "9" * 11
AWB_PIECE_GRAMMAR = "9" * 16

ULD_CATEGORIES = frozenset("APNRDFGMHKVJU")
ULD_BASES = frozenset("ABGKLMPQR")
_ULD = re.compile(r"([A-Z]{3})([0-9]{4,5})([A-Z]{3}|[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])")
_ULD_GRAMMARS = ("AAA99999AA", "AAA9999AA", "AAA99999AAA")

HAWB_LONGEST = 20
_HAWB = re.compile(r"(?=(?:[A-Z]*[0-9]){5})[A-Z0-9]{6,20}")


def awb_check_digit(serial: str) -> int:
    """The check digit of seven digits. Raises ValueError when they are not seven digits."""
    if len(serial) != 7 or not (serial.isascii() and serial.isdigit()):
        raise ValueError(f"seven digits expected, not {serial!r}")
    return int(serial) % 7


def parse_awb(text: str | Text) -> Identifier:
    """An AWB of 11 digits, or of 16 with the piece, or unknown with the reason. Never raises.

    ``normal`` is the 11 digits; the piece of a label is ``parts["piece"]``.
    """
    folded = fold(text)
    fitted = swapped(folded.compact, AWB_GRAMMAR) or swapped(folded.compact, AWB_PIECE_GRAMMAR)
    if fitted is None or dae.is_grouped(folded):
        return refused(folded)
    digits, exchange = fitted
    normal, piece = digits[:11], digits[11:]
    expected = awb_check_digit(normal[3:10])
    if int(normal[10]) != expected:
        wrong = remark(Code.CHECK_DIGIT, kind=Kind.AWB, found=normal[10], expected=str(expected))
        return refused(folded, wrong, exchange)
    parts = awb_parts(normal) | ({"piece": piece} if piece else {})
    return Identifier(Kind.AWB, normal, parts, (*folded.remarks, *exchange), folded.raw)


def awb_parts(normal: str) -> dict[str, str]:
    """Airline, serial number and check digit of a normal form."""
    return {"airline": normal[:3], "serial": normal[3:10], "check": normal[10]}


def awb_written(normal: str) -> str:
    """The number as people write it: ``016-12345675``."""
    return f"{normal[:3]}-{normal[3:]}"


def parse_uld(
    text: str | Text,
    *,
    categories: Container[str] = ULD_CATEGORIES,
    bases: Container[str] = ULD_BASES,
) -> Identifier:
    """A ULD, or unknown. Never raises; a category or base that is not listed is a warning."""
    folded = fold(text)
    exact = _ULD.fullmatch(folded.compact)
    if exact:
        return _uld(folded, exact, categories, bases)
    for grammar in _ULD_GRAMMARS:
        fitted = swapped(folded.compact, grammar, most=2)
        match = _ULD.fullmatch(fitted[0]) if fitted else None
        if fitted and match:
            return _uld(folded, match, categories, bases).remarked(fitted[1])
    return refused(folded)


def _uld(folded: Text, match: re.Match[str], categories: Container[str], bases: Container[str]) -> Identifier:
    kind, serial, owner = match.groups()
    remarks = list(folded.remarks)
    for letter, listed in ((kind[0], categories), (kind[1], bases)):
        if letter not in listed:
            remarks.append(remark(Code.UNLISTED_ULD, letter=letter))
    parts = {"type": kind, "category": kind[0], "base": kind[1], "contour": kind[2]}
    parts |= {"serial": serial, "owner": owner}
    return Identifier(Kind.ULD, match[0], parts, tuple(remarks), folded.raw)


def uld_like_a_seal(normal: str) -> bool:
    """Whether three letters, five digits and a letter may as well be a seal with its class: ``AKE12345H``."""
    return re.fullmatch(r"[A-Z]{3}[0-9]{5}[A-Z]", normal) is not None


def uld_written(normal: str) -> str:
    """The number with spaces between type, serial number and owner: ``PMC 12345 LA``."""
    match = _ULD.fullmatch(normal)
    return " ".join(match.groups()) if match else normal


def parse_hawb(text: str | Text) -> Identifier:
    """A HAWB by its shape alone, or unknown. Never raises; always with `Code.BY_SHAPE`."""
    folded = fold(text)
    if not folded.grouped or not _HAWB.fullmatch(folded.compact):
        return refused(folded)
    proof = remark(Code.BY_SHAPE, kind=Kind.HAWB)
    return Identifier(Kind.HAWB, folded.compact, {}, (*folded.remarks, proof), folded.raw)
