"""Fairbanks: computer string, ConCon, and the answer to a poll."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("fairbanks", b"\x0240012340\x03", "12340", "lb", "unknown", "gross", None),
        ("fairbanks", b"\x0244 12340\x03", "12340", "kg", "unknown", "net", None),
        ("fairbanks", b"\x02 12340K \r", "12340", "kg", "stable", "unknown", None),
        ("fairbanks", b"\x02 12340LM\r", "12340", "lb", "moving", "unknown", None),
        ("fairbanks", b"  12340 kg GR\r\n", "12340", "kg", "stable", "gross", None),
        ("fairbanks", b"  12340 kg gr\r\n", "12340", "kg", "moving", "gross", None),
        ("fairbanks", b"- 12.34 LB nt\r\n", "-12.34", "lb", "moving", "net", None),
        ("fairbanks", b"  123.40 LB NT\r\n", "123.40", "lb", "stable", "net", None),
        ("fairbanks", b"  12340 GM GR \r\n", "12340", "g", "stable", "gross", None),
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
        ("fairbanks", b"\x0243------\x03", "over"),
        ("fairbanks", b"\x0242012340\x03", "not_mine"),
        ("fairbanks", b"\x02      KO\r", "over"),
        ("fairbanks", b" --oL-- lb GR\r\n", "over"),
        ("fairbanks", b" --uL-- lb GR\r\n", "under"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
