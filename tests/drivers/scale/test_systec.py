"""Systec."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


POSITIVE = b"<000001.02.2613:45 1231 12340.0     0.0 12340.0kg  1001  4711>"
NEGATIVE = b"<001101.02.2613:45 1231  -120.0     0.0  -120.0kg  1001  4711>"


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        (
            "systec",
            b"<000001.02.2613:45 1231 12340.0     0.0 12340.0kg  1001  4711>",
            "12340.0",
            "kg",
            "stable",
            "gross",
            None,
        ),
        (
            "systec",
            b"<001101.02.2613:45 1231  -120.0     0.0  -120.0kg  1001  4711>",
            "-120.0",
            "kg",
            "moving",
            "gross",
            None,
        ),
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


def test_the_strings_that_its_reader_was_tested_with(weight: Weigh) -> None:
    """Of an IT3000 in tons with decimal commas, and of an IT6000."""
    found = weight("systec", b"<000012.34.5612:34123410001,2340001,0120000,012t PT123>")
    assert (str(found.value), found.unit, found.alibi) == ("1.234", "t", "1234")
    found = weight("systec", b"<00000    1100       0    1100kg122.12.0812:59   7>")
    assert (str(found.value), found.unit, found.stability, found.alibi) == ("1100", "kg", "stable", "7")
    assert weight("systec", b"<00100    1100       0    1100kg122.12.0812:59   7>").stability == "moving"


@pytest.mark.parametrize(
    ("protocol_id", "sent", "reason"),
    [
        ("systec", b"<00010    1100       0    1100kg122.12.0812:59   7>", "error"),
        ("systec", b"<00001    1100       0    1100kg122.12.0812:59   7>", "error"),
        ("systec", b"<000101.02.2613:45 1231   120.0     0.0   120.0kg  1001  4711>", "error"),
        ("systec", b"<002001.02.2613:45 1231   120.0     0.0   120.0kg  1001  4711>", "error"),
        ("systec", b"<12>", "over"),
        ("systec", b"<20>", "under"),
        ("systec", b"<13>", "error"),
        ("systec", b"<0000>", "too_short"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_the_number_of_the_weighing_is_the_alibi(weight: Weigh) -> None:
    sent = b"<000001.02.2613:4501231 12340.0     0.0 12340.0kg  1001  4711>"
    assert weight("systec", sent).alibi == "0123"
