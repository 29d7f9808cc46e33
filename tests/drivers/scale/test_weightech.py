"""Weightech."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("weightech_eth", b"EB,kg,B:-000000,T:000000,L:-000000\r\n", "0", "kg", "stable", "gross", None),
        ("weightech_eth", b"IL,kg,B:001234,T:000200,L:001034\r\n", "1034", "kg", "moving", "net", None),
        ("wt1000_csv", b"1,010.000,000.200,009.800\r\n", "9.800", "kg", "moving", "net", None),
        ("wt1000_csv", b"0,010.000,000.200,-00.200\r\n", "-0.200", "kg", "stable", "net", None),
        ("wt1000_csv", b"0,010.000,000.200,009.800", "9.800", "kg", "stable", "net", None),
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
        ("weightech_eth", b"EB,kg,B:999999,T:000000,L:999999\r\n", "over"),
        ("weightech_eth", b"EB,kg,B:9999.9,T:0000.0,L:9999.9\r\n", "over"),
        ("weightech_eth", b"EB,kg,B:-9999.9,T:0000.0,L:-9999.9\r\n", "under"),
        ("weightech_eth", b"EL,kg,B:0012340,T:0000000,L:001234", "too_short"),
        ("weightech_eth", b"EL,kg,B:012340,T:000000,L:-0123401\r\n", "too_short"),
        ("wt1000_csv", b"0,010.000,000.200,009.80", "too_short"),
        ("wt1000_csv", b"0,010.000,000.200,00.800\r\n", "too_short"),
        ("wt1000_csv", b"0,999.999,000.200,999.999\r\n", "over"),
        ("wt1000_csv", b"0,9999.9,0000.0,9999.9\r\n", "over"),
        ("wt1000_csv", b"0,-99.999,000.200,-99.999\r\n", "under"),
        ("wt1000_csv", b"0,    ol,    ol,    ol\r\n", "over"),
        ("wt1000_csv", b"0,-   ol,-   ol,-   ol\r\n", "under"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
