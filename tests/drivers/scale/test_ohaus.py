"""Ohaus: the stream and the printed line."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("ohaus_stream", b"   0.360 kg    G\r\n", "0.360", "kg", "stable", "gross", None),
        ("ohaus_stream", b"-  1.640 kg   ?N\r\n", "-1.640", "kg", "moving", "net", None),
        ("ohaus_stream", b"-  1.640 kg   ?NET\r\n", "-1.640", "kg", "moving", "net", None),
        ("ohaus_stream", b"   0.360 kg    G", "0.360", "kg", "stable", "gross", None),
        ("ohaus_print", b"        0.00 g    \r\n", "0.00", "g", "stable", "unknown", None),
        ("ohaus_print", b"       12.73 g   ?\r\n", "12.73", "g", "moving", "unknown", None),
        ("ohaus_print", b"      0.4500 oz    \r\n", "0.4500", "oz", "stable", "unknown", None),
        ("ohaus_print", b"        311 g ?\r\n", "311", "g", "moving", "unknown", None),
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
        ("ohaus_stream", b"         kg    G\r\n", "blank"),
        ("ohaus_stream", b"  0.360 kg    G\r\n", "not_mine"),
        ("ohaus_print", b"         12 pcs \r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
