"""HBM in its three formats."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight
from drivers.scale.protocols import protocol

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("hbm_msv", b"-0012345\r\n", "-12345", "kg", "unknown", "unknown", None),
        ("hbm_msv", b" 0012345,31,006\r\n", "12345", "kg", "stable", "gross", None),
        ("hbm_msv", b"-0012345,002\r\n", "-12345", "kg", "stable", "net", None),
        ("hbm_msv", b"-0012345,31,000\r\n", "-12345", "kg", "moving", "net", None),
        ("hbm_msv", "003039060d0a", "12345", "kg", "stable", "gross", None),
        ("hbm_msv", "ffcfc7040d0a", "-12345", "kg", "moving", "gross", None),
        ("hbm_msv", "00303906", "12345", "kg", "stable", "gross", None),
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
        ("hbm_msv", "800001040d0a", "under"),
        ("hbm_msv", b"12345\r\n", "not_mine"),
        ("hbm_msv", b"\x08\x12%\r", "not_mine"),
        ("hbm_msv", b" 0012345", "not_mine"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_a_line_that_was_joined_in_the_middle_is_not_believed() -> None:
    decoder = protocol("hbm_msv").decoder(joined=True)
    found = decoder.feed(b" 0012345\r\n 0012346\r\n")
    assert [each.value for each in found if isinstance(each, Weight)] == [12346]
