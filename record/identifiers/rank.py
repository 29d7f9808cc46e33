"""How likely a reading of a text is, by what proves it.

Best first: what was asked for; a number that proves itself (check digit, fixed length, letters of its own);
a shape that is nobody else's; number plates; short numbers after a document's letters; numbers that prove
themselves after one look-alike was exchanged; shapes that are likely; other exchanged readings; shapes that
are only possible. A number that proves itself leaves nothing to say for those known by their shape.
"""

from __future__ import annotations

from collections.abc import Container
from enum import IntEnum

from record.identifiers import air, base_document, booking, passport, seal
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.remark import Code


class Rank(IntEnum):
    """How likely a reading is; lower is likelier."""

    EXPECTED = 0
    PROVEN = 1
    SHAPED = 2
    PLATE = 3
    SHORT = 4
    PROVEN_SWAPPED = 5
    LIKELY = 6
    SWAPPED = 7
    POSSIBLE = 8


STRONG = frozenset({Kind.ACCESS_KEY, Kind.SSCC, Kind.CONTAINER, Kind.CEDULA, Kind.RUC, Kind.MRN})
"""Kinds whose check is strong enough that a reading with one exchange outweighs a likely shape."""

CERTAIN = STRONG | {Kind.DAE, Kind.AWB}
"""Kinds beside which a shape says nothing."""

PROVEN = CERTAIN | {Kind.TICKET, Kind.PASSPORT}
"""Kinds that prove themselves when they fit as they stand; a passport then has its machine-readable zone."""


def rank(found: Identifier, wanted: Container[Kind], booking_prefixes: Container[str]) -> Rank:
    """The rank of one reading; ``wanted`` are the kinds that were asked for or written before the number."""
    if found.kind in wanted:
        return Rank.EXPECTED
    if found.has(Code.BY_SHAPE):
        return Rank.LIKELY if _likely(found, booking_prefixes) else Rank.POSSIBLE
    if found.has(Code.SWAPPED):
        return Rank.PROVEN_SWAPPED if _well_proven(found) else Rank.SWAPPED
    if found.kind in PROVEN:
        return Rank.PROVEN
    if found.kind in base_document.KINDS.values():
        return _document(found)
    if found.kind is Kind.ULD and found.has(Code.UNLISTED_ULD):
        return Rank.SWAPPED if air.uld_like_a_seal(found.normal) else Rank.LIKELY
    return Rank.PLATE if found.kind is Kind.PLATE else Rank.SHAPED


def certain(found: Identifier) -> bool:
    """Whether nothing that is known by its shape alone need be told beside it."""
    listed = found.kind is Kind.ULD and not found.has(Code.UNLISTED_ULD)
    return found.kind in CERTAIN or (listed and not air.uld_like_a_seal(found.normal))


def _likely(found: Identifier, booking_prefixes: Container[str]) -> bool:
    if found.kind is Kind.SEAL:
        return seal.likely(found.normal)
    if found.kind is Kind.BOOKING:
        return booking.likely(found, booking_prefixes)
    return found.kind is Kind.PASSPORT and passport.likely(found.normal)


def _well_proven(found: Identifier) -> bool:
    """Whether an exchanged reading outweighs a likely shape: one exchange, not of a container's category."""
    exchanges = [dict(item.parameters) for item in found.remarks if item.code is Code.SWAPPED]
    places = [
        place
        for exchange in exchanges
        for place, (before, after) in enumerate(zip(exchange["found"], exchange["taken"], strict=False))
        if before != after
    ]
    category = found.kind is Kind.CONTAINER and 3 in places
    return found.kind in STRONG and len(places) == 1 and not category


def _document(found: Identifier) -> Rank:
    """A document's letters prove it when five digits or more follow; a shorter number may be a plate."""
    number = base_document.number(found)
    if not number.isdigit() or len(number) < 5:
        return Rank.SHORT
    return Rank.SHAPED if "district" in found.parts else Rank.PROVEN
