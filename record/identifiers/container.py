"""Container numbers (ISO 6346:2022; the arithmetic of annex A).

    O O O C S S S S S S K
    |   | | |         | +-- check digit
    |   | | +---------+---- serial number, six digits
    |   | +---------------- category: U container, J attached equipment, Z trailer or chassis
    +---+------------------ owner, three letters (BIC register)

Letters count A=10 upwards without 11, 22 and 33 (B=12 … L=23 … V=34 … Z=38). The sum of value × 2^position,
position 0 first, leaves a remainder by 11 that is the check digit; a remainder of 10 is written 0 and so
proves little. Letters whose values agree by 11 cannot be told apart by it: A-K-U, B-L-V, C-M-W, D-N-X, E-O-Y,
F-P-Z, G-Q, H-R, I-S, J-T.
"""

from __future__ import annotations

import re

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, remark

VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n % 11], strict=True)
)
"""What each character counts in the sum."""

CATEGORIES = {"U": "container", "J": "attached", "Z": "trailer"}
REGIONAL = {"R"}
"""Category letters in regional use: taken, with a warning."""

SHAPE = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
_CUT = re.compile(r"[A-Z]{3}U[0-9]{6}")
GRAMMAR = "AAAA9999999"


def remainder(first_ten: str) -> int:
    """The weighted sum of the first ten characters by 11, from 0 to 10. Raises ValueError on other input."""
    if len(first_ten) != 10 or not all(character in VALUES for character in first_ten):
        raise ValueError(f"ten capital letters and digits expected, not {first_ten!r}")
    return sum(VALUES[character] << place for place, character in enumerate(first_ten)) % 11


def check_digit(first_ten: str) -> int:
    """The check digit of owner, category and serial number; a remainder of 10 is written 0.

    Raises ValueError when the input is not ten capital letters and digits.
    """
    return remainder(first_ten) % 10


def parse(text: str | Text) -> Identifier:
    """A container number, or unknown with the reason. Never raises.

    Digits and letters that look alike are exchanged by position (four letters, seven digits) with a remark.
    A remainder of 10 is a container with `Code.REMAINDER_TEN`: never proof of a correct reading.
    """
    folded = fold(text)
    fitted = swapped(folded.compact, GRAMMAR)
    if fitted is None or not SHAPE.fullmatch(fitted[0]):
        return _near(folded)
    normal, exchange = fitted
    expected = check_digit(normal[:10])
    if int(normal[10]) != expected:
        wrong = remark(Code.CHECK_DIGIT, kind=Kind.CONTAINER, found=normal[10], expected=str(expected))
        return refused(folded, wrong, exchange)
    remarks = [*folded.remarks, *exchange]
    if remainder(normal[:10]) == 10:
        remarks.append(remark(Code.REMAINDER_TEN))
    if normal[3] in REGIONAL:
        remarks.append(remark(Code.REGIONAL_CATEGORY, category=normal[3]))
    return Identifier(Kind.CONTAINER, normal, parts(normal), tuple(remarks), folded.raw)


def _near(folded: Text) -> Identifier:
    """A refusal that says when only the check digit is missing."""
    if not _CUT.fullmatch(folded.compact):
        return refused(folded)
    expected = str(check_digit(folded.compact))
    return refused(folded, remark(Code.NO_CHECK_DIGIT, kind=Kind.CONTAINER, expected=expected))


def parts(normal: str) -> dict[str, str]:
    """Owner, category, serial number and check digit of a normal form."""
    return {"owner": normal[:3], "category": normal[3], "serial": normal[4:10], "check": normal[10]}


def written(normal: str) -> str:
    """The number as it is painted: ``CSQU 305438-3``."""
    return f"{normal[:4]} {normal[4:10]}-{normal[10]}"
