"""CAS, 22 bytes found by position."""

from collections.abc import Callable

import pytest

from drivers.readings import Remark, Skipped, Weight
from drivers.scale.protocol import Settings

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("cas22", "53542c47532c44c52c20202020302e30300020740d0a", "0.00", "t", "stable", "gross", True),
        ("cas22", "53542c47532c44c42c20202020312e33330020740d0a", "1.33", "t", "stable", "gross", False),
        ("cas22", b"US,NT,\x01\x82,-   12.5 kg\r\n", "-12.5", "kg", "moving", "net", False),
        ("cas22", b"ST,GS,\x01\x84,   12340 kg\r\n", "12340", "kg", "moving", "gross", False),
        ("cas22", b"ST,GS,\n\xc4,   12340 kg\r\n", "12340", "kg", "stable", "gross", False),
        ("cas22", b"ST,GS,\r\xc4,   12340 kg\r\n", "12340", "kg", "stable", "gross", False),
        ("cas22", b"ST,GS,,\xc4,   12340 kg\r\n", "12340", "kg", "stable", "gross", False),
        ("cas22", b"ST,GS,\x01D,   12340 kg\r\n", "12340", "kg", "stable", "gross", None),
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
        ("cas22", b"OL,GS,\x01\xc4,   12340 kg\r\n", "over"),
        ("cas22", b"ST,GS,\x01\xc4,         kg\r\n", "blank"),
        ("cas22", b"ST,GS,\x01\xc4,   1.2.3 kg\r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_held_and_printed_are_remarks(weight: Weigh) -> None:
    assert weight("cas22", b"ST,GS,\x01\xdc,   12340 kg\r\n").remarks == {Remark.HOLD, Remark.PRINT_KEY}


def test_another_device_on_the_line_is_not_ours(weight: Weigh, heard: Hears) -> None:
    sent = b"ST,GS,\x07\xc4,   12340 kg\r\n"
    assert weight("cas22", sent, Settings(address="7")).value == 12340
    assert not any(isinstance(each, Weight) for each in heard("cas22", sent, Settings(address="8")))
