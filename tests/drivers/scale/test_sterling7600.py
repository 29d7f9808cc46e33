"""Sterling 7600, which echoes what it was asked."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("sterling7600", b"Gross   0.010 lb\r\n", "0.010", "lb", "unknown", "gross", None),
        ("sterling7600", b"Net    -0.010 kg\r\n", "-0.010", "kg", "unknown", "net", None),
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
    ("protocol_id", "sent"),
    [
        ("sterling7600", b"SGWGross   0.010 lb\r\n"),
        ("sterling7600", b"WGross   0.010 lb\r\n"),
    ],
)
def test_an_echo_in_front_costs_nothing(protocol_id: str, sent: bytes, heard: Hears) -> None:
    assert sum(isinstance(each, Weight) for each in heard(protocol_id, sent)) == 1
