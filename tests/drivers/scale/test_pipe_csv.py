"""Fields between bars."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("pipe_csv", b":0|12|12340|0|12340|A5\r\n", "12340", "kg", "unknown", "gross", None),
        ("pipe_csv", b":0|12|1234.5|100.0|1134.5|A5\r\n", "1234.5", "kg", "unknown", "gross", None),
        ("pipe_csv", b":0|12|12340|100|12340|A5\r\n", "12340", "kg", "unknown", "unknown", None),
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
        ("pipe_csv", b":0|12|12340|0|12340|", "too_short"),
        ("pipe_csv", b":0|12|over|0|over|A5\r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
