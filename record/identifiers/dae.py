"""DAE, the export declaration that goods enter against.

    D D D Y Y Y Y R R S S S S S S S S
    |   | |     | | | +-------------+-- sequence
    |   | |     | +-+------------------ regime (40 definitive export)
    |   | +-----+---------------------- year of acceptance
    +---+------------------------------ customs district (028 Guayaquil by sea)

Seventeen digits without a check digit, stored joined and shown with hyphens. Districts and regimes are lists
that are known to be incomplete, so one that is not in them is a warning. Ecuapass began in 2012: an earlier
year is a warning, one outside 2000 to 2099 is no DAE.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, unknown
from record.identifiers.remark import Code, Remark, remark

LENGTH = 17
GRAMMAR = "9" * LENGTH
MOST_SWAPS = 4
"""Letters read as digits that are believed: a text with more is no misread DAE."""

FIRST_POSSIBLE, LAST_POSSIBLE = 2000, 2099
ECUAPASS = 2012


def parse(
    text: str | Text,
    *,
    districts: Container[str] | None = None,
    regimes: Container[str] | None = None,
    today: date | None = None,
) -> Identifier:
    """A DAE number, or unknown with the reason. Never raises.

    ``districts`` and ``regimes`` are the known codes, None asks no such question; with ``today`` a year
    after this one is a warning.
    """
    folded = fold(text)
    compact = folded.compact.removeprefix("DAE")
    fitted = swapped(compact, GRAMMAR)
    if fitted is None or sum(map(str.isalpha, compact)) > MOST_SWAPS:
        return unknown(folded.raw, folded.compact, folded.remarks)
    normal, exchange = fitted
    found = parts(normal)
    if not FIRST_POSSIBLE <= int(found["year"]) <= LAST_POSSIBLE:
        wrong = remark(Code.IMPOSSIBLE_YEAR, kind=Kind.DAE, year=found["year"])
        return unknown(folded.raw, folded.compact, (*folded.remarks, wrong))
    remarks = [*folded.remarks] + ([exchange] if exchange else [])
    remarks += _doubts(found, districts, regimes, today)
    return Identifier(Kind.DAE, normal, found, tuple(remarks), folded.raw)


def _doubts(
    found: dict[str, str],
    districts: Container[str] | None,
    regimes: Container[str] | None,
    today: date | None,
) -> list[Remark]:
    doubts = []
    if districts is not None and found["district"] not in districts:
        doubts.append(remark(Code.UNKNOWN_DISTRICT, district=found["district"]))
    if regimes is not None and found["regime"] not in regimes:
        doubts.append(remark(Code.UNKNOWN_REGIME, regime=found["regime"]))
    if int(found["year"]) < ECUAPASS:
        doubts.append(remark(Code.YEAR_BEFORE_ECUAPASS, year=found["year"]))
    if today is not None and int(found["year"]) > today.year:
        doubts.append(remark(Code.YEAR_IN_FUTURE, year=found["year"]))
    return doubts


def parts(normal: str) -> dict[str, str]:
    """District, year, regime and sequence of a normal form."""
    return {"district": normal[:3], "year": normal[3:7], "regime": normal[7:9], "sequence": normal[9:]}


def written(normal: str) -> str:
    """The number as people write it: ``028-2026-40-00123456``."""
    return f"{normal[:3]}-{normal[3:7]}-{normal[7:9]}-{normal[9:]}"
