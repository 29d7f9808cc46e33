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

import re
from collections.abc import Container
from datetime import date

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 17
GRAMMAR = "9" * LENGTH
MOST_SWAPS = 4
"""Letters read as digits that are believed: a text with more is no misread DAE."""

FIRST_POSSIBLE, LAST_POSSIBLE = 2000, 2099
ECUAPASS = 2012

OLD = re.compile(r"[0-9]{3}(19[0-9]{2}|20(0[0-9]|1[0-2]))[0-9]{9}")
"""Numbers of the system before Ecuapass (3-4-2-6 and a check digit): sixteen digits, up to 2012."""

GROUPED = re.compile(r"(?:DAE[ -]?)?[0-9]{3}[ -][0-9]{4}[ -][0-9]{2}[ -][0-9]{1,12}")
"""District, year, regime and a sequence of any length, as people type it without its leading zeros."""


def parse(
    text: str | Text,
    *,
    districts: Container[str] | None = None,
    regimes: Container[str] | None = None,
    import_regimes: Container[str] = (),
    today: date | None = None,
) -> Identifier:
    """A DAE number, or unknown with the reason. Never raises.

    ``districts`` and ``regimes`` are the known codes (regimes of export), None asks no such question; one
    of ``import_regimes`` is remarked as such. With ``today`` a year after this one is a warning.
    """
    folded = fold(text)
    compact = folded.compact.removeprefix("DAE")
    fitted = swapped(compact, GRAMMAR, most=MOST_SWAPS)
    if fitted is None:
        return _near(folded)
    normal, exchange = fitted
    found = parts(normal)
    if not FIRST_POSSIBLE <= int(found["year"]) <= LAST_POSSIBLE:
        wrong = remark(Code.IMPOSSIBLE_YEAR, kind=Kind.DAE, year=found["year"])
        return refused(folded, wrong, exchange)
    doubts = _doubts(found, districts, regimes, import_regimes, today)
    return Identifier(Kind.DAE, normal, found, (*folded.remarks, *exchange, *doubts), folded.raw)


def is_grouped(folded: Text) -> bool:
    """Whether a text is written in the groups of a DAE with a year of this century, whatever its length."""
    return GROUPED.fullmatch(folded.plain) is not None and folded.compact.removeprefix("DAE")[3:5] == "20"


def _near(folded: Text) -> Identifier:
    """A refusal that says how near the text came: a number from before 2012, or groups of another length."""
    if OLD.fullmatch(folded.compact):
        return refused(folded, remark(Code.OLD_REFRENDO))
    if GROUPED.fullmatch(folded.plain):
        count = sum(map(str.isdigit, folded.compact))
        return refused(folded, remark(Code.LENGTH, kind=Kind.DAE, found=str(count), wanted=str(LENGTH)))
    return refused(folded)


def _doubts(
    found: dict[str, str],
    districts: Container[str] | None,
    regimes: Container[str] | None,
    import_regimes: Container[str],
    today: date | None,
) -> list[Remark]:
    doubts = []
    if districts is not None and found["district"] not in districts:
        doubts.append(remark(Code.UNKNOWN_DISTRICT, district=found["district"]))
    if found["regime"] in import_regimes:
        doubts.append(remark(Code.IMPORT_REGIME, regime=found["regime"]))
    elif regimes is not None and found["regime"] not in regimes:
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
