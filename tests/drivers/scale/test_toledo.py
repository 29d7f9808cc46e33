"""Toledo do Brasil and Filizola."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("toledo_p05", b"\x0214385\x03", "14.385", "kg", "stable", "unknown", None),
        ("toledo_p05", b"\x02014385\x03", "14.385", "kg", "stable", "unknown", None),
        ("stx_etx_weight", b"\x02 00.396\x03", "0.396", "kg", "stable", "unknown", None),
        ("stx_etx_weight", b"\x02-00.494\x03", "-0.494", "kg", "stable", "unknown", None),
        ("toledo_a", b"\x021#001234000000000000\r", "123.4", "kg", "moving", "unknown", None),
        ("toledo_a", b"\x020012345@000000000000\r", "12.345", "kg", "stable", "unknown", None),
        ("toledo_a", b"\x020012345H000000000000\r", "123.45", "kg", "stable", "unknown", None),
        ("toledo_c", b"\x02001234\r", "1.234", "kg", "unknown", "unknown", None),
        ("toledo_c", b"\x02  12,34kg\r", "12.34", "kg", "unknown", "unknown", None),
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
        ("toledo_p05", b"\x02IIIII\x03", "blank"),
        ("toledo_p05", b"\x02NNNNN\x03", "under"),
        ("toledo_p05", b"\x02SSSSS\x03", "over"),
        ("stx_etx_weight", b"\x02IIIIII\x03", "blank"),
        ("stx_etx_weight", b"\x02SSSSSS\x03", "over"),
        ("toledo_a", b"\x028#001234000000000000\r", "over"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


@pytest.mark.parametrize(
    ("protocol_id", "sent"),
    [
        ("toledo_p05", b"\x05\x0214385\x03"),
    ],
)
def test_an_echo_in_front_costs_nothing(protocol_id: str, sent: bytes, heard: Hears) -> None:
    assert sum(isinstance(each, Weight) for each in heard(protocol_id, sent)) == 1
