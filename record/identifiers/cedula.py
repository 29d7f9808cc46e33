"""Cédulas, the identity cards of Ecuador (registro civil; the arithmetic is Luhn's).

    P P T N N N N N N K
    | | | |         | +-- check digit
    | | | +---------+---- serial number
    | | +---------------- 0 to 5
    +-+------------------ province, 01 to 24, 30 abroad

Odd places are doubled, less 9 where that is more than 9; all digits with the check sum to a multiple of ten.
"""

from __future__ import annotations

from collections.abc import Container

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 10
GRAMMAR = "9" * LENGTH
LAST_THIRD_DIGIT = "5"
PROVINCES = frozenset(f"{number:02}" for number in range(1, 25)) | {"30", "50"}
DOUBTFUL = frozenset({"50"})
"""A province code that only some sources have; taken, with a warning."""


def check_digit(first_nine: str) -> int:
    """The check digit of the first nine digits. Raises ValueError when they are not nine digits."""
    from stdnum import luhn

    if len(first_nine) != 9 or not (first_nine.isascii() and first_nine.isdigit()):
        raise ValueError(f"nine digits expected, not {first_nine!r}")
    return int(luhn.calc_check_digit(first_nine))


def parse(text: str | Text, *, provinces: Container[str] = PROVINCES) -> Identifier:
    """A cédula, or unknown with the reason. Never raises; strict in province, third digit and check digit."""
    folded = fold(text)
    fitted = swapped(folded.compact, GRAMMAR)
    if fitted is None:
        return refused(folded)
    normal, exchange = fitted
    wrong = fault(normal, Kind.CEDULA, provinces)
    if wrong:
        return refused(folded, wrong, exchange)
    return Identifier(
        Kind.CEDULA, normal, parts(normal), (*folded.remarks, *exchange, *doubts(normal)), folded.raw
    )


def fault(ten: str, kind: Kind, provinces: Container[str] = PROVINCES) -> Remark | None:
    """What keeps ten digits from being a cédula, told of ``kind`` (a RUC begins with one), or None."""
    if ten[:2] not in provinces:
        return remark(Code.UNKNOWN_PROVINCE, kind=kind, province=ten[:2])
    if ten[2] > LAST_THIRD_DIGIT:
        return remark(Code.THIRD_DIGIT, kind=kind, digit=ten[2])
    expected = check_digit(ten[:9])
    if int(ten[9]) != expected:
        return remark(Code.CHECK_DIGIT, kind=kind, found=ten[9], expected=str(expected))
    return None


def doubts(number: str) -> tuple[Remark, ...]:
    """What is worth a look in a number whose province is known."""
    return (remark(Code.DOUBTFUL_PROVINCE, province=number[:2]),) if number[:2] in DOUBTFUL else ()


def parts(normal: str) -> dict[str, str]:
    """Province, serial number and check digit of a normal form."""
    return {"province": normal[:2], "serial": normal[2:9], "check": normal[9]}


def written(normal: str) -> str:
    """The number as it is printed: ``171003406-5``."""
    return f"{normal[:9]}-{normal[9]}"
