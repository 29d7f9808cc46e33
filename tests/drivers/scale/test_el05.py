"""EL05 and VT-220."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight
from drivers.scale.protocol import Settings

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("el05", b"D000658\r", "658", "kg", "stable", "gross", False),
        ("el05", b"@000658\r", "658", "kg", "moving", "gross", False),
        ("el05", b"O000658\r", "-658", "kg", "stable", "net", True),
        ("el05", b"\rD000658", "658", "kg", "stable", "gross", False),
        ("vt220", b"P+012345", "12345", "kg", "stable", "unknown", None),
        ("vt220", b"@-000012", "-12", "kg", "moving", "unknown", None),
    ],
)
def test_a_weight(
    protocol_id: str,
    sent: bytes | str,
    value: str,
    unit: str,
    stability: str,
    kind: str,
    zero: bool | None,
    weight: Weigh,
) -> None:
    found = weight(protocol_id, sent)
    assert (str(found.value), found.unit, found.stability, found.kind) == (value, unit, stability, kind)
    assert found.zero is zero


@pytest.mark.parametrize(
    ("protocol_id", "sent", "reason"),
    [
        ("el05", b"T000658\r", "over"),
        ("el05", b"\\000658\r", "under"),
        ("el05", b"D00658\r", "not_mine"),
        ("el05", b"D0006", "too_short"),
        ("el05", b"D      \r", "blank"),
        ("vt220", b"P       ", "blank"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_the_decimals_come_from_the_site(weight: Weigh) -> None:
    assert str(weight("el05", b"D000658\r", Settings(decimals=2)).value) == "6.58"


def test_two_frames_in_one_read_and_a_cut_one(heard: Hears) -> None:
    found = heard("el05", b"0658\rD000658\rD000658\r")
    assert [each.value for each in found if isinstance(each, Weight)] == [658, 658]
