"""MRN, the number of a cargo manifest, and the cargo number that begins with it.

    C E C Y Y Y Y A A A A N N N N [- M M M M - H H H H]
    |   | |     | |     | |     |    |     |   +-----+-- HSN, house bill
    |   | |     | |     | |     |    +-----+------------ MSN, master bill
    |   | |     | |     | +-----+----------------------- number
    |   | |     | +-----+------------------------------- carrier
    |   | +-----+--------------------------------------- year
    +---+----------------------------------------------- Ecuador's manifests

The widths after the year are not published: fifteen characters are usual, others are a warning.
"""

from __future__ import annotations

import re

from record.identifiers.folding import TO_DIGIT, Text, fold
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 15
_USUAL = re.compile(r"CEC([0-9]{4})([A-Z0-9]{4})([0-9]{4})(?:([0-9]{4})([0-9]{4})?)?")
_OTHER = re.compile(r"CEC([0-9]{4})([A-Z0-9]{1,8}?)([0-9]{2,8})")
_BILLS = re.compile(r"(CEC[A-Z0-9 -]*?)[ -]([0-9]{1,5})[ -]([0-9]{1,5})")
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def parse(text: str | Text) -> Identifier:
    """An MRN or cargo number, or unknown with the reason. Never raises.

    ``parts`` has ``mrn``, its fields, and ``msn`` and ``hsn`` of a cargo number.
    """
    folded = fold(text)
    bills = _BILLS.fullmatch(folded.plain)
    head = re.sub("[ -]", "", bills[1]) if bills else ""
    if bills and len(head) == LENGTH and _USUAL.fullmatch(head):
        return _found(folded, head, {"msn": bills[2], "hsn": bills[3]})
    number, exchange = _year_as_digits(folded.compact)
    usual = _USUAL.fullmatch(number)
    if usual:
        found = {name: bill for name, bill in (("msn", usual[4]), ("hsn", usual[5])) if bill}
        return _found(folded, number[:LENGTH], found).remarked(exchange)
    if not _OTHER.fullmatch(number):
        return refused(folded)
    return _found(folded, number, {}).remarked([*exchange, remark(Code.MRN_WIDTH, length=str(len(number)))])


def _year_as_digits(compact: str) -> tuple[str, list[Remark]]:
    year = "".join(TO_DIGIT.get(character, character) for character in compact[3:7])
    number = compact[:3] + year + compact[7:]
    if not compact.startswith("CEC") or number == compact:
        return compact, []
    return number, [remark(Code.SWAPPED, found=compact, taken=number)]


def _found(folded: Text, mrn: str, bills: dict[str, str]) -> Identifier:
    year = mrn[3:7]
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return refused(folded, remark(Code.IMPOSSIBLE_YEAR, kind=Kind.MRN, year=year))
    match = _USUAL.fullmatch(mrn) or _OTHER.fullmatch(mrn)
    fields = {"mrn": mrn, "year": year}
    if match:
        fields |= {"carrier": match[2], "number": match[3]}
    normal = mrn + bills.get("msn", "") + bills.get("hsn", "")
    return Identifier(Kind.MRN, normal, fields | bills, folded.remarks, folded.raw)
