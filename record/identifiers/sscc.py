"""SSCC, the number of a pallet or parcel, and the element strings that carry it (GS1 General Specifications).

(00) E PPPPPPP SSSSSSSSS K
 |   | |     | |       | +-- check digit: weights 3 and 1 from the right, to a multiple of ten
 |   | |     | +-------+---- serial number; where it begins depends on the company
 |   | +-----+-------------- GS1 company prefix
 |   +---------------------- extension digit
 +-------------------------- application identifier: on the label or in the barcode, not in the number
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from record.identifiers.folding import GS, Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.remark import Code, Remark, remark

LENGTH = 18
GRAMMAR = "9" * LENGTH
GS1_AIMS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
"""AIM identifiers (ISO/IEC 15424) of symbols that begin with FNC1."""

_BRACKETED = re.compile(r"\(([0-9]{2,4})\)")
_LEADING = re.compile(r"00([0-9]{18})(?:\x1d|$)")


def check_digit(first_17: str) -> int:
    """The check digit of the first 17 digits. Raises ValueError when they are not 17 digits."""
    from stdnum import ean

    if len(first_17) != 17 or not (first_17.isascii() and first_17.isdigit()):
        raise ValueError(f"17 digits expected, not {first_17!r}")
    return int(ean.calc_check_digit(first_17))


def parse(text: str | Text) -> Identifier:
    """An SSCC of 18 digits, or of 20 with its application identifier, or unknown. Never raises.

    ``normal`` is the 18 digits. A GS1 element string gives its other elements as parts ``ai_10``, ``ai_37`` …
    """
    folded = fold(text)
    compact = folded.compact
    if len(compact) == LENGTH + 2:
        compact = compact[2:] if swapped(compact[:2], "99") == ("00", ()) else ""
    fitted = swapped(compact, GRAMMAR)
    if fitted:
        return _checked(folded, *fitted)
    elements = element_string(folded)
    return _from_elements(folded, elements) if elements else refused(folded)


def element_string(text: str | Text) -> dict[str, str]:
    """The elements of a GS1 symbol or of a label's bracketed text, by application identifier; none otherwise.

    Biip splits them; where it cannot because of another element, the SSCC at the beginning is still given.
    Their check digits are not looked at here.
    """
    folded = fold(text)
    elements = _joined(folded)
    if not elements:
        return {}
    import biip

    try:
        message = biip.parse(f"]C1{elements}").gs1_message
    except biip.ParseError:
        message = None
    if message is not None:
        return {element.ai.ai: element.value for element in message.element_strings}
    leading = _LEADING.match(elements)
    return {"00": leading[1]} if leading else {}


def _joined(folded: Text) -> str:
    """The element string without brackets, separated by GS; empty when the text is none."""
    if _BRACKETED.match(folded.plain):
        return _BRACKETED.sub(lambda ai: GS + ai[1], folded.plain).replace(" ", "").lstrip(GS)
    if folded.aim in GS1_AIMS or GS in folded.elements:
        return folded.elements.replace(" ", "").strip(GS)
    return ""


def _from_elements(folded: Text, elements: Mapping[str, str]) -> Identifier:
    others = {f"ai_{ai}": value for ai, value in elements.items() if ai != "00"}
    if "00" not in elements:
        found = refused(
            folded, remark(Code.GS1_WITHOUT_SSCC, elements=" ".join(f"({ai})" for ai in elements))
        )
        return Identifier(found.kind, found.normal, others, found.remarks, found.raw)
    found = _checked(folded, elements["00"], ())
    return Identifier(found.kind, found.normal, {**found.parts, **others}, found.remarks, found.raw)


def _checked(folded: Text, normal: str, exchange: tuple[Remark, ...]) -> Identifier:
    expected = check_digit(normal[:17])
    if int(normal[17]) != expected:
        wrong = remark(Code.CHECK_DIGIT, kind=Kind.SSCC, found=normal[17], expected=str(expected))
        return refused(folded, wrong, exchange)
    return Identifier(Kind.SSCC, normal, parts(normal), (*folded.remarks, *exchange), folded.raw)


def parts(normal: str) -> dict[str, str]:
    """Extension digit, prefix with serial number, and check digit of a normal form."""
    return {"extension": normal[0], "reference": normal[1:17], "check": normal[17]}


def written(normal: str) -> str:
    """The number as a label prints it: ``(00)095287654321012346``."""
    return f"(00){normal}"
