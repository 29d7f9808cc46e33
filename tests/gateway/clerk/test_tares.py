"""Whose stored tare is the truck's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from drivers.readings import Scan
from gateway.clerk.tares import Doubt, Stored, stored_tare
from gateway.clerk.visit import PlateSeen, Scanned, Visit
from gateway.site.site import VehicleTare
from record.identifiers.identify import identify

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
KNOWN = {
    "GBA1234": VehicleTare(kg=Decimal(13000), day=date(2025, 12, 1)),
    "PBC0123": VehicleTare(kg=Decimal(7000), day=date(2025, 11, 1)),
    "GBA1235": VehicleTare(kg=Decimal(13000), day=date(2025, 12, 9)),
}


def truck(*scans: str, tractor: str = "", unknown: str = "", trailer: str = "") -> Visit:
    """A truck with these papers; plates that cameras see, divided by spaces."""
    scanned = tuple(Scanned(NOON, 0.0, "lector", Scan(text, raw=b""), identify(text)) for text in scans)
    cameras = (("tractor", tractor), (None, unknown), ("trailer", trailer))
    seen = (
        PlateSeen(NOON, 0.0, "v", "c", part, "0" * 64, tuple(said.split())) for part, said in cameras if said
    )
    return Visit("v", "s", "c1", NOON, 0.0, scans=scanned, plates=tuple(seen))


@pytest.mark.parametrize(
    ("visit", "plate"),
    [
        (truck("GBA1234"), "GBA1234"),
        (truck("GBA1234", tractor="PBC0123"), "GBA1234"),
        (truck("GBA1234", "R12345"), "GBA1234"),
        (truck("GBA1234", "GBA1235"), "GBA1235"),
        (truck(tractor="GBA1234", unknown="PBC0123"), "GBA1234"),
        (truck(tractor="GBA1234", trailer="PBC0123"), "GBA1234"),
        (truck(unknown="PBC0123"), "PBC0123"),
        (truck(trailer="PBC0123"), "PBC0123"),
    ],
)
def test_the_surest_witness_says_whose_tare_it_is(visit: Visit, plate: str) -> None:
    found = stored_tare(visit, KNOWN)
    assert found == Stored(plate, KNOWN[plate].kg, KNOWN[plate].day)


@pytest.mark.parametrize(
    "visit",
    [
        truck("GBA1234", "PBC0123"),
        truck(unknown="PBC0123 GBA1234"),
        truck(tractor="PBC0123 GBX9999"),
        truck("GBX9999", tractor="PBC0123"),
    ],
)
def test_between_two_trucks_nobodys_tare_is_taken(visit: Visit) -> None:
    assert isinstance(stored_tare(visit, KNOWN), Doubt)


@pytest.mark.parametrize(
    "visit",
    [
        truck(),
        truck("GBX9999"),
        truck("GBX9999", unknown="PBC0123"),
        truck("GBX9999", tractor="GBX9999 PBC0123"),
        truck(tractor="GBX9999", unknown="PBC0123"),
    ],
)
def test_a_truck_without_a_stored_tare_has_none(visit: Visit) -> None:
    assert stored_tare(visit, KNOWN) is None
