"""RUC, the tax number of persons, companies and public bodies (SRI).

    natural person   CCCCCCCCCC EEE    a cédula, then the establishment, 001 upwards
    public body      PP6NNNNNK EEEE    third digit 6, mod 11 over eight digits, weights 3 2 7 6 5 4 3 2
    company          PP9NNNNNNK EEE    third digit 9, mod 11 over nine digits, weights 4 3 2 7 6 5 4 3 2

The check by 11 is 11 − remainder, 11 written 0, 10 not given out. New numbers of companies need not satisfy
it (announced by the SRI), so there it warns; the cédula in a natural person's number is strict.
"""

from __future__ import annotations

from collections.abc import Container

from record.identifiers import cedula
from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 13
GRAMMAR = "9" * LENGTH
FINAL_CONSUMER = "9" * LENGTH

PUBLIC_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
COMPANY_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2)


def mod_11(digits: str, weights: tuple[int, ...]) -> int:
    """11 − the weighted sum by 11, with 11 as 0; 10 is a check digit that was not given out."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return (11 - total % 11) % 11


def parse(text: str | Text, *, provinces: Container[str] = cedula.PROVINCES) -> Identifier:
    """A RUC, or unknown with the reason. Never raises.

    A natural person's number is strict; a company's or public body's that fails its check digit is a RUC
    with a warning. ``parts["holder"]`` is ``natural``, ``public`` or ``company``.
    """
    folded = fold(text)
    fitted = swapped(folded.compact, GRAMMAR)
    if fitted is None:
        return refused(folded)
    normal, exchange = fitted
    wrong = _fault(normal, provinces)
    if wrong:
        return refused(folded, wrong, exchange)
    remarks = (*folded.remarks, *exchange, *cedula.doubts(normal), *_doubts(normal))
    return Identifier(Kind.RUC, normal, parts(normal), remarks, folded.raw)


def _fault(normal: str, provinces: Container[str]) -> Remark | None:
    if normal == FINAL_CONSUMER:
        return remark(Code.FINAL_CONSUMER)
    holder = _holder(normal)
    if normal[:2] not in provinces:
        return remark(Code.UNKNOWN_PROVINCE, kind=Kind.RUC, province=normal[:2])
    if holder is None:
        return remark(Code.THIRD_DIGIT, kind=Kind.RUC, digit=normal[2])
    establishment = parts(normal)["establishment"]
    if not establishment.strip("0"):
        return remark(Code.ESTABLISHMENT, establishment=establishment)
    return cedula.fault(normal[:10], Kind.RUC, provinces) if holder == "natural" else None


def _doubts(normal: str) -> tuple[Remark, ...]:
    holder = _holder(normal)
    if holder == "company":
        found, expected = normal[9], mod_11(normal[:9], COMPANY_WEIGHTS)
    elif holder == "public":
        found, expected = normal[8], mod_11(normal[:8], PUBLIC_WEIGHTS)
    else:
        return ()
    if int(found) == expected:
        return ()
    doubt = remark(Code.COMPANY_CHECK_DIGIT, found=found, expected=str(expected))
    natural = holder == "public" and cedula.check_digit(normal[:9]) == int(normal[9])
    return (doubt, remark(Code.COULD_BE_NATURAL)) if natural else (doubt,)


def _holder(normal: str) -> str | None:
    if normal[2] <= cedula.LAST_THIRD_DIGIT:
        return "natural"
    return {"6": "public", "9": "company"}.get(normal[2])


def parts(normal: str) -> dict[str, str]:
    """Who holds the number, its province, its own digits and the establishment of a normal form."""
    holder = _holder(normal) or ""
    end = 9 if holder == "public" else 10
    found = {"holder": holder, "province": normal[:2], "number": normal[:end], "establishment": normal[end:]}
    return found | ({"cedula": normal[:10]} if holder == "natural" else {})


def written(normal: str) -> str:
    """The number as people write it: ``1790085783-001``."""
    end = 9 if _holder(normal) == "public" else 10
    return f"{normal[:end]}-{normal[end:]}"
