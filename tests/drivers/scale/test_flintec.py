"""Flintec: the bus and the FT-111D."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("flintec_bsi", b"01PS+000123.449\r\n", "123.4", "kg", "stable", "unknown", None),
        ("flintec_bsi", b"01PD+000123.458\r\n", "123.4", "kg", "moving", "unknown", None),
        ("flintec_bsi", b"01PS+000123.4\r\n", "123.4", "kg", "stable", "unknown", None),
        ("flintec_bsi", b"01ND-000123.4\r\n", "-123.4", "kg", "moving", "net", None),
        ("flintec_bsi", b"PS+000123.4AA\r\n", "123.4", "kg", "stable", "unknown", None),
        ("flintec_bsi", b"01BD+000123.4\r\n", "123.4", "kg", "moving", "gross", None),
        ("flintec_i", b"i80 24500     0\r\n", "24500", "kg", "moving", "unknown", None),
        ("flintec_i", b"i00-12500     0\r\n", "-12500", "kg", "stable", "unknown", None),
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
        ("flintec_bsi", b"01PS+000123.4", "too_short"),
        ("flintec_bsi", b"01P+\r\n", "over"),
        ("flintec_bsi", b"01P-\r\n", "under"),
        ("flintec_bsi", b"01PO\r\n", "error"),
        ("flintec_bsi", b"01PS+000123.448\r\n", "checksum"),
        ("flintec_bsi", b"PS+000123.449\r\n", "checksum"),
        ("flintec_i", b"i00           0\r\n", "blank"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
