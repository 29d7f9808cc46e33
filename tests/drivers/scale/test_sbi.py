"""Sartorius SBI."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("sbi", b"+   123.56 g  \r\n", "123.56", "g", "stable", "unknown", None),
        ("sbi", b"-   123.56    \r\n", "-123.56", "kg", "moving", "unknown", None),
        ("sbi", b"N     +   123.56 g  \r\n", "123.56", "g", "stable", "net", None),
        ("sbi", b"G#    +   1255.7 kg \r\n", "1255.7", "kg", "stable", "gross", None),
        ("sbi", b"T     +   1255.7 kg \r\n", "1255.7", "kg", "stable", "tare", None),
        ("sbi", b"N     -123456.78 g  \r\n", "-123456.78", "g", "stable", "net", None),
        ("sbi", b"+  123.5[6]g  \r\n", "123.56", "g", "stable", "unknown", None),
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
        ("sbi", b"Qnt   +       12 pcs\r\n", "not_mine"),
        ("sbi", b"Stat       High     \r\n", "over"),
        ("sbi", b"Stat         L      \r\n", "under"),
        ("sbi", b"Stat     Err  54    \r\n", "error"),
        ("sbi", b"      H       \r\n", "over"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
