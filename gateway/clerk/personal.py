"""Which scans say who somebody is: their text never enters an event, only the salted personal file.

A text that is nothing known is personal too where it may be a mistyped or longer card: another reading of it is a
cédula or passport, it holds a number as long as a cédula (10 digits) or a RUC (13), or it is the machine-readable
line of a document. A name that stands alone cannot be told from any other words and is not found.
"""

from __future__ import annotations

import re

from gateway.clerk.visit import Scanned
from record.identifiers.identifier import Identifier, Kind

PERSONAL = frozenset({Kind.CEDULA, Kind.PASSPORT})

CARD_NUMBER = re.compile(r"(?<!\d)(?:\d{10}|\d{13})(?!\d)")
MACHINE_READABLE = re.compile(r"<{2,}")
"""Fillers of the machine-readable zone of identity documents (ICAO 9303)."""


def is_personal(scanned: Scanned) -> bool:
    """Whether a scan may say who somebody is."""
    identifier = scanned.identifier
    if any(each.kind in PERSONAL or _is_of_a_person(each) for each in (identifier, *identifier.alternatives)):
        return identifier.kind in (*PERSONAL, Kind.RUC, Kind.UNKNOWN)
    if identifier.kind is not Kind.UNKNOWN:
        return False
    text = scanned.scan.text
    return bool(CARD_NUMBER.search(text) or MACHINE_READABLE.search(text))


def shown(scanned: Scanned, longest: int = 60) -> str:
    """A scanned text as a finding may carry it: a personal one by its length alone, none with control characters."""
    text = scanned.scan.text
    if is_personal(scanned):
        return f"({len(text)})"
    return "".join(c if c.isprintable() else "·" for c in text[:longest])


def _is_of_a_person(identifier: Identifier) -> bool:
    """A natural person's RUC begins with the person's cédula."""
    return identifier.kind is Kind.RUC and "cedula" in identifier.parts
