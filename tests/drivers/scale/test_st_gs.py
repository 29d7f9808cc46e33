"""The line with ST or US in front, with two commas, one, slashes, and as Dini Argeo writes it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from drivers.readings import Kind, Remark, Skip, Skipped, Stability, Unit, Weight
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]

ST, US, UNKNOWN = Stability.STABLE, Stability.MOVING, Stability.UNKNOWN


@pytest.mark.parametrize(
    ("protocol", "sent", "value", "unit", "stability", "kind"),
    [
        ("st_gs", "ST,GS,   245.6 g\r\n", "245.6", Unit.G, ST, Kind.GROSS),
        ("st_gs", "US,NT,-  1.568lb\r\n", "-1.568", Unit.LB, US, Kind.NET),
        ("st_gs", "ST,GS,+0012.345  kg\r\n", "12.345", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,GS,+123456kg\r\n", "123456", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,GS,+03000.0,kg\r\n", "3000.0", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,GS,-     0.0kg\r\n", "0.0", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,TR,+  12.5kg\r\n", "12.5", Unit.KG, ST, Kind.TARE),
        ("st_gs", "ST,PT,+  12.5kg\r\n", "12.5", Unit.KG, ST, Kind.TARE),
        ("st_gs", "st,gs,+  12.5KG\r\n", "12.5", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,GS,00012.5 t \r\n", "12.5", Unit.T, ST, Kind.GROSS),
        ("st_gs", "ST,GS,+0012345\r\n", "12345", Unit.KG, ST, Kind.GROSS),
        ("st_gs", "ST,GS,   245.6 g", "245.6", Unit.G, ST, Kind.GROSS),
        ("st_gs", "ST,GS,   245.6 g\r", "245.6", Unit.G, ST, Kind.GROSS),
        ("st_gs", "ST,GS,   245.6 g\n", "245.6", Unit.G, ST, Kind.GROSS),
        ("st_gs", "US,-0012.345  g\r\n", "-12.345", Unit.G, US, Kind.UNKNOWN),
        ("st_gs_1comma", "ST,GS    20.7g  \r\n", "20.7", Unit.G, ST, Kind.GROSS),
        ("st_gs_1comma", "ST,GS-     0.0kg\r\n", "0.0", Unit.KG, ST, Kind.GROSS),
        ("st_gs_1comma", "ST,GS-     2.5kg\r\n", "-2.5", Unit.KG, ST, Kind.GROSS),
        ("st_gs_1comma", "US, NT   12.5KG\r\n", "12.5", Unit.KG, US, Kind.NET),
        ("st_gs_slash", "ST /NT +  48.200 kg\r\n", "48.200", Unit.KG, ST, Kind.NET),
        ("st_gs_slash", "US /GS -  48.200 kg\r\n", "-48.200", Unit.KG, US, Kind.GROSS),
        ("dini_std", "ST,GS,+03000.0,kg\r\n", "3000.0", Unit.KG, ST, Kind.GROSS),
        ("dini_std", "01US,NT,    -12.34,kg\r\n", "-12.34", Unit.KG, US, Kind.NET),
        ("dini_std", "ST,TR,     12.34, t\r\n", "12.34", Unit.T, ST, Kind.TARE),
        ("dini_std", "01US,1,     12.34kg,PT      0.50kg\r\n", "12.34", Unit.KG, US, Kind.GROSS),
        ("dini_std", "1,ST,     12.34,PT      0.50,         0,kg\r\n", "12.34", Unit.KG, ST, Kind.NET),
    ],
)
def test_a_line(
    protocol: str, sent: str, value: str, unit: Unit, stability: Stability, kind: Kind, weight: Weigh
) -> None:
    found = weight(protocol, sent.encode())
    assert (str(found.value), found.unit, found.stability, found.kind) == (value, unit, stability, kind)
    assert found.raw == sent.encode()


@pytest.mark.parametrize(
    ("protocol", "sent", "reason"),
    [
        ("st_gs", "OL,GS,+            \r\n", Skip.OVER),
        ("st_gs", "OL,GS,+9999999kg\r\n", Skip.OVER),
        ("st_gs", "OL,GS,+0012345kg\r\n", Skip.OVER),
        ("st_gs", "UL,GS,-0012345kg\r\n", Skip.UNDER),
        ("st_gs", "LO,GS,+0012345kg\r\n", Skip.UNDER),
        ("st_gs", "ST,GS,          kg\r\n", Skip.BLANK),
        ("st_gs", "ST,GS,+00012pcs\r\n", Skip.IMPOSSIBLE),
        ("st_gs", "ST,GS,+00.12.5kg\r\n", Skip.IMPOSSIBLE),
        ("st_gs", "ST,GS,+0012345", Skip.TOO_SHORT),
        ("st_gs", "ST,GS,+0012.345  k", Skip.IMPOSSIBLE),
        ("st_gs", "OL,+9999999E+19\r\n", Skip.OVER),
        ("st_gs_1comma", "OL,GS   999.9kg\r\n", Skip.OVER),
        ("st_gs_slash", "OL /GS +        kg\r\n", Skip.OVER),
        ("dini_std", "OL,GS,          ,kg\r\n", Skip.OVER),
        ("dini_std", "01UL,GS,   -123.4,kg\r\n", Skip.UNDER),
    ],
)
def test_a_line_without_a_weight(protocol: str, sent: str, reason: Skip, skip: Skips) -> None:
    assert skip(protocol, sent.encode()) is reason


def test_a_held_weight_says_nothing_of_motion(weight: Weigh) -> None:
    found = weight("st_gs", b"HD,GS,+0012345kg\r\n")
    assert (found.stability, found.remarks) == (UNKNOWN, {Remark.HOLD})


def test_decimals_and_unit_of_the_site_fill_what_the_line_leaves_out(weight: Weigh) -> None:
    chosen = Settings(decimals=2, unit=Unit.T)
    found = weight("st_gs", b"ST,GS,+0001245\r\n", chosen)
    assert (found.value, found.unit) == (Decimal("12.45"), Unit.T)
    assert weight("st_gs", b"ST,GS,+0012.5kg\r\n", chosen).kg == Decimal("12.5")


def test_one_comma_and_two_are_told_apart(heard: Hears) -> None:
    assert not any(isinstance(each, Weight) for each in heard("st_gs", b"ST,GS    20.7g  \r\n"))
    assert not any(isinstance(each, Weight) for each in heard("st_gs_1comma", b"ST,GS,   245.6 g\r\n"))


def test_a_line_into_which_the_next_one_breaks(heard: Hears) -> None:
    found = heard("st_gs", b"ST,GS,   24ST,GS,   245.6 g\r\n")
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["245.6"]


def test_another_address_is_not_ours(heard: Hears, weight: Weigh) -> None:
    sent = b"01ST,GS,     12.34,kg\r\n"
    assert weight("dini_std", sent, Settings(address="1")).value == Decimal("12.34")
    found = heard("dini_std", sent, Settings(address="2"))
    assert not any(isinstance(each, Weight) and each.raw == sent for each in found)


def test_the_request_carries_the_address() -> None:
    assert protocol("dini_std").request(Settings()) == b"READ\r\n"
    assert protocol("dini_std").request(Settings(address="3")) == b"03READ\r\n"
    assert protocol("dini_std").request(Settings(poll=b"X")) == b"X"
