"""A number with its sign and unit."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("plain_number", b"+03000.0kg\r\n", "3000.0", "kg", "unknown", "unknown", None),
        ("plain_number", b"-00012.5 lb\r\n", "-12.5", "lb", "unknown", "unknown", None),
        ("plain_number", b"   12.34 kg\r\n", "12.34", "kg", "unknown", "unknown", None),
        ("plain_number", b"\x00\x7f+03000.0kg\r\n", "3000.0", "kg", "unknown", "unknown", None),
        ("qa_slash", b"+007.12/3 G S\r\n", "7.123", "kg", "stable", "gross", None),
        ("qa_slash", b"-007.12/3 N U\r\n", "-7.123", "kg", "moving", "net", None),
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
        ("plain_number", b"3000.0kg\r\n", "not_mine"),
        ("plain_number", b"\x02   12340KG \r\n", "not_mine"),
        ("plain_number", b"+12pcs\r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
