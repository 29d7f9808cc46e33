"""SICS and its dialects."""

from collections.abc import Callable

import pytest

from drivers.readings import Kind, Skipped, Weight
from drivers.scale.protocol import Settings

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("mt_sics", b"S S     100.00 g\r\n", "100.00", "g", "stable", "net", None),
        ("mt_sics", b"S D     -12.50 kg\r\n", "-12.50", "kg", "moving", "net", None),
        ("mt_sics", b"T S      12.50 kg\r\n", "12.50", "kg", "stable", "tare", None),
        ("mt_sics", b"TA A     12.50 kg\r\n", "12.50", "kg", "stable", "tare", None),
        ("mt_sics", b"SUI? -   12.345 kg \r\n", "-12.345", "kg", "moving", "net", None),
        ("mt_sics", b"SI       12.345 kg \r\n", "12.345", "kg", "stable", "net", None),
        ("mt_sics", b"S         0.000 kg \r\n", "0.000", "kg", "stable", "net", None),
        ("mt_sics", b"S S    3:05.2 lb:oz\r\n", "53.2", "oz", "stable", "net", None),
        ("mt_sics", b"S D   - 3:05 lb:oz\r\n", "-53", "oz", "moving", "net", None),
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
        ("mt_sics", b"S +\r\n", "over"),
        ("mt_sics", b"SU ^\r\n", "over"),
        ("mt_sics", b"S E\r\n", "error"),
        ("mt_sics", b"S -\r\n", "under"),
        ("mt_sics", b"S I\r\n", "error"),
        ("mt_sics", b"ES\r\n", "error"),
        ("mt_sics", b"SUI^      99.999 kg \r\n", "over"),
        ("mt_sics", b"S S        12 pcs\r\n", "impossible"),
        ("mt_sics", b"SU A\r\n", "not_mine"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_net_is_gross_where_the_site_says_that_nobody_tares(weight: Weigh) -> None:
    """What is net by definition may be gross; a tare stays one."""
    untared = Settings(untared=True)
    assert weight("mt_sics", b"S S      12340 kg\r\n", untared).kind is Kind.GROSS
    assert weight("mt_sics", b"SUI      12.345 kg\r\n", untared).kind is Kind.GROSS
    assert weight("mt_sics", b"TA A     12.50 kg\r\n", untared).kind is Kind.TARE
    assert weight("bilanciai_cb", b"$012345\r", untared).kind is Kind.GROSS
    assert weight("wt1000_csv", b"0,010.000,000.000,010.000\r\n", untared).kind is Kind.GROSS
    assert weight("mt_sics", b"S S      12340 kg\r\n", Settings(untared=False)).kind is Kind.NET
