"""Access keys of the tax office's electronic documents (SRI, ficha técnica de comprobantes electrónicos).

    DDMMYYYY TT RRRRRRRRRRRRR A EEEPPP SSSSSSSSS NNNNNNNN M K
    |        |  |             | |  |   |         |        | +-- check digit
    |        |  |             | |  |   |         |        +---- emission, 1 normal
    |        |  |             | |  |   |         +------------- numeric code, free
    |        |  |             | |  |   +----------------------- sequence
    |        |  |             | |  +--------------------------- point of issue
    |        |  |             | +------------------------------ establishment
    |        |  |             +-------------------------------- 1 test, 2 production
    |        |  +---------------------------------------------- RUC of the issuer
    |        +------------------------------------------------- 01 invoice … 06 guía de remisión, 07 retention
    +---------------------------------------------------------- date of issue

The check is 11 − (the sum of the 48 digits × 2,3,4,5,6,7 repeating from the right, by 11); 11 counts 0 and
10 counts 1.
What the fields say is only warned about: 49 digits with a right check are a key.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from record.identifiers import ruc
from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 49
GRAMMAR = "9" * LENGTH
MOST_SWAPS = 6
GUIA_DE_REMISION = "06"
DOCUMENTS = frozenset({"01", "03", "04", "05", "06", "07"})

_FIELDS = {
    "date": (0, 8),
    "document": (8, 10),
    "ruc": (10, 23),
    "environment": (23, 24),
    "establishment": (24, 27),
    "point": (27, 30),
    "sequence": (30, 39),
    "code": (39, 47),
    "emission": (47, 48),
    "check": (48, 49),
}


def check_digit(first_48: str) -> int:
    """The check digit of the first 48 digits. Raises ValueError when they are not 48 digits."""
    if len(first_48) != 48 or not (first_48.isascii() and first_48.isdigit()):
        raise ValueError(f"48 digits expected, not {first_48!r}")
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(first_48)))
    return {11: 0, 10: 1}.get(11 - total % 11, 11 - total % 11)


def parse(text: str | Text, *, documents: Container[str] | None = DOCUMENTS) -> Identifier:
    """An access key, or unknown with the reason. Never raises.

    ``documents`` are the known document types, None asks no such question. ``parts`` has the fields,
    ``date`` as ISO 8601 where there is such a day, and ``number`` as it is printed (``001-501-000000008``).
    """
    folded = fold(text)
    fitted = swapped(folded.compact, GRAMMAR, most=MOST_SWAPS)
    if fitted is None:
        return refused(folded)
    normal, exchange = fitted
    expected = check_digit(normal[:48])
    if int(normal[48]) != expected:
        wrong = remark(Code.CHECK_DIGIT, kind=Kind.ACCESS_KEY, found=normal[48], expected=str(expected))
        return refused(folded, wrong, exchange)
    found = parts(normal)
    remarks = [*folded.remarks, *exchange, *_doubts(found, documents)]
    return Identifier(Kind.ACCESS_KEY, normal, found, tuple(remarks), folded.raw)


def _doubts(found: dict[str, str], documents: Container[str] | None) -> list[Remark]:
    doubts = []
    if not ruc.parse(found["ruc"]):
        doubts.append(remark(Code.ISSUER_RUC, ruc=found["ruc"]))
    if "-" not in found["date"]:
        doubts.append(remark(Code.IMPOSSIBLE_DATE, date=found["date"]))
    if documents is not None and found["document"] not in documents:
        doubts.append(remark(Code.UNKNOWN_DOCUMENT, document=found["document"]))
    if found["environment"] == "1":
        doubts.append(remark(Code.TEST_ENVIRONMENT))
    elif found["environment"] != "2":
        doubts.append(remark(Code.UNKNOWN_ENVIRONMENT, environment=found["environment"]))
    if found["emission"] != "1":
        doubts.append(remark(Code.UNKNOWN_EMISSION, emission=found["emission"]))
    return doubts


def parts(normal: str) -> dict[str, str]:
    """The fields of a normal form, with ``number`` composed of establishment, point and sequence."""
    found = {name: normal[start:end] for name, (start, end) in _FIELDS.items()}
    found["date"] = _iso_date(found["date"])
    found["number"] = "-".join((found["establishment"], found["point"], found["sequence"]))
    return found


def _iso_date(written: str) -> str:
    """``ddmmyyyy`` as ISO 8601, or as it was when there is no such day."""
    try:
        return datetime.strptime(written, "%d%m%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return written
