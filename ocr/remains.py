"""What to say of a picture without a valid number: painted wrong, cut off, or nothing there."""

import re
from dataclasses import dataclass

from ocr.ledger import Ledger
from ocr.sighting import Status
from ocr.slots import Slots
from ocr.strip import Assembly
from record.identifiers.container import check_digit

LEGIBLE = 0.5
"""Log probability, below zero, that each character must have to be called read."""
WHOLE = re.compile(r"[A-Z]{4}[0-9]{7}")
PART = re.compile(r"[A-Z]{3}[UJZ][0-9]{2,6}")
LONG = 8
"""Characters from which a part is believed though its owner is not listed."""
UNLIKE = 3.0
"""What the best valid number must cost for the invalid text to be believed instead."""


@dataclass(frozen=True, slots=True)
class Remains:
    """An invalid or partial number as it was read."""

    status: Status
    text: str
    assembly: Assembly


def remains(ledger: Ledger) -> Remains | None:
    """The clearest invalid number of a ledger, else the longest part of one; None when there is neither."""
    parts: list[Remains] = []
    for assembly in ledger.offered:
        text = legible(assembly.first(ledger.eyes))
        whole = WHOLE.search(text)
        if whole and ledger.lowest() > UNLIKE and _is_invalid(whole.group()):
            return Remains(Status.INVALID, whole.group(), assembly)
        part = PART.search(text)
        if part and (len(part.group()) >= LONG or ledger.decoder.is_known(part.group())):
            parts.append(Remains(Status.PARTIAL, part.group(), assembly))
    return max(parts, key=lambda part: len(part.text), default=None)


def _is_invalid(text: str) -> bool:
    return text[3] not in "UJZ" or check_digit(text[:10]) != int(text[10])


def legible(slots: Slots) -> str:
    """The characters read, with a gap where one is not legible."""
    text = ""
    for marks, blank in zip(slots.marks, slots.blank, strict=True):
        best = float(marks.max())
        if best > float(blank):
            text += Slots(marks[None], blank[None]).text() if best > -LEGIBLE else " "
    return text
