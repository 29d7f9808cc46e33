"""SMA: between LF and CR."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("sma", "0a20314720202020202020352e3032356c62200d", "5.025", "lb", "stable", "gross", False),
        ("sma", "0a2031474d202020202020372e3635306b67200d", "7.650", "kg", "moving", "gross", False),
        ("sma", "0a5a314720202020202020302e3030306c62200d", "0.000", "lb", "stable", "gross", True),
        ("sma", b"\n 1n      5.0025kg \r", "5.0025", "kg", "stable", "net", False),
        ("sma", b"\n 1T         -12kg \r", "-12", "kg", "stable", "tare", False),
        ("sma", b"\n 1G         12.5kg \r", "12.5", "kg", "stable", "gross", False),
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
        ("sma", b"\n 1G       12.5kg \r", "not_mine"),
        ("sma", b"\nO1G        12.5kg \r", "over"),
        ("sma", b"\nU1G        12.5kg \r", "under"),
        ("sma", b"\nE1G  ----------kg \r", "error"),
        ("sma", b"\n 1G  ----------kg \r", "error"),
        ("sma", b"\ne1G            kg \r", "blank"),
        ("sma", b"\n?\r", "error"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_frames_that_a_reader_of_lines_would_mix(heard: Hears) -> None:
    found = heard("sma", b"\n 1G         1.0kg \r\n 1G         2.0kg \r\n?\r")
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["1.0", "2.0"]
