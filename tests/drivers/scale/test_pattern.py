"""Formats that a site declares."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import Kind, Range, Skip, Skipped, Stability, Unit, Weight
from drivers.scale.declaration import DeclarationError
from drivers.scale.pattern import declared, settings_for
from drivers.scale.protocol import CannotEncode, Settings
from drivers.scale.protocols import protocol

Hears = Callable[..., list[Weight | Skipped]]

COLUMNS: dict[str, Any] = {
    "positions": {"status": 1, "kind": 2, "value": "4-11", "unit": "12-13"},
    "status": {"S": "stable", "D": "moving", "O": "over", "U": "under"},
    "kind": {"B": "gross", "L": "net"},
}
EXPRESSION: dict[str, Any] = {
    "start": "\x02",
    "end": "\x03",
    "expression": r"\x02(?P<status>[SDO]) *(?P<value>[-+]?[0-9.]+) *(?P<unit>K|T)?(?P<zero>Z?)",
    "status": {"S": "stable", "D": "moving", "O": "over"},
    "units": {"K": "kg", "T": "t"},
    "zero": {"Z": True},
    "decimals": 1,
}


def only(found: list[Weight | Skipped]) -> Weight:
    (weight,) = found
    assert isinstance(weight, Weight), weight
    return weight


def test_columns(heard: Hears) -> None:
    found = only(heard("pattern", b"DL   -12.50kg\r\n", settings_for(COLUMNS)))
    assert (str(found.value), found.unit, found.stability, found.kind) == ("-12.50", "kg", "moving", "net")


def test_an_expression(heard: Hears) -> None:
    found = only(heard("pattern", b"\x02S   12345KZ\x03", settings_for(EXPRESSION)))
    assert (str(found.value), found.unit, found.stability, found.zero) == (
        "1234.5",
        Unit.KG,
        Stability.STABLE,
        True,
    )


@pytest.mark.parametrize(
    ("entry", "sent", "reason"),
    [
        (COLUMNS, b"OL   -12.50kg\r\n", Skip.OVER),
        (COLUMNS, b"UL   -12.50kg\r\n", Skip.UNDER),
        (COLUMNS, b"XL   -12.50kg\r\n", Skip.IMPOSSIBLE),
        (COLUMNS, b"SX   -12.50kg\r\n", Skip.IMPOSSIBLE),
        (COLUMNS, b"SL         kg\r\n", Skip.BLANK),
        (COLUMNS, b"SL  1-12.50kg\r\n", Skip.IMPOSSIBLE),
        (COLUMNS, b"SL   -12.50lt\r\n", Skip.IMPOSSIBLE),
        (COLUMNS, b"SL   -12.50k\r\n", Skip.NOT_MINE),
        (EXPRESSION, b"\x02O   99999K\x03", Skip.OVER),
        (EXPRESSION, b"\x02S   12345K", Skip.TOO_SHORT),
        (EXPRESSION, b"\x02Q   12345K\x03", Skip.NOT_MINE),
    ],
)
def test_no_weight(entry: dict[str, Any], sent: bytes, reason: Skip, heard: Hears) -> None:
    found = heard("pattern", sent, settings_for(entry))
    assert [each.skip for each in found if isinstance(each, Skipped)] == [reason]
    assert not any(isinstance(each, Weight) for each in found)


def test_a_fixed_length_without_any_mark(stream: Callable[[str], bytes], heard: Hears) -> None:
    """Sixteen characters, neither start nor end: a Mettler MS204 read without its line ends."""
    entry = {
        "length": 16,
        "expression": r" {5}(?P<kind>[GNT ])(?P<value> {3,}\d+\.\d+)",
        "kind": {"G": "gross", "N": "net", "T": "tare"},
        "unit": "g",
    }
    found = heard("pattern", stream("ms204"), settings_for(entry))
    assert [(str(each.value), each.unit, each.kind) for each in found if isinstance(each, Weight)] == [
        ("0.3", Unit.G, Kind.NET)
    ] * 7
    assert len(found) == 7


def test_a_factor_a_comma_and_reversed_digits(heard: Hears) -> None:
    entry = {"expression": r"W(?P<value>[0-9,]+)", "factor": "10"}
    assert str(only(heard("pattern", b"W12,5\r\n", settings_for(entry))).value) == "125.0"
    entry = {"expression": r"=(?P<value>[0-9.]+)", "reverse": True}
    assert str(only(heard("pattern", b"=0.54321\r\n", settings_for(entry))).value) == "12345.0"


def test_the_sites_decimals_and_unit_stand_behind_the_declaration(heard: Hears) -> None:
    entry = {"expression": r"W(?P<value>[0-9]+)"}
    chosen = settings_for(entry, Settings(decimals=2, unit=Unit.T))
    found = only(heard("pattern", b"W1245\r\n", chosen))
    assert (found.value, found.unit) == (Decimal("12.45"), Unit.T)


def test_junk_in_front_of_a_start_mark_costs_nothing(heard: Hears) -> None:
    found = heard("pattern", b"\x02junk\x02S   12345K\x03", settings_for(EXPRESSION))
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["1234.5"]


def test_a_declaration_may_stand_in_the_settings_as_it_was_written(heard: Hears) -> None:
    found = only(heard("pattern", b"SL   -12.50kg\r\n", Settings(declared=COLUMNS)))
    assert str(found.value) == "-12.50"
    with pytest.raises(DeclarationError, match="exactly one"):
        protocol("pattern").decoder(Settings(declared={}))


def test_a_scale_without_a_declaration_is_refused() -> None:
    with pytest.raises(DeclarationError, match="needs the declaration"):
        protocol("pattern").decoder()


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, "expression: exactly one"),
        (COLUMNS | {"expression": "(?P<value>x)"}, "expression: exactly one"),
        ({"expression": "(?P<value>"}, "is no expression"),
        ({"expression": "[0-9]+"}, "has no group"),
        ({"expression": "(?P<value>x)(?P<colour>y)"}, "'colour' is no field"),
        ({"positions": {"status": 1}}, r"positions.value: is missing"),
        ({"positions": {"value": "9-4"}}, r"positions.value: '9-4' are no columns"),
        ({"positions": {"value": "0-4"}}, r"positions.value: '0-4' are no columns"),
        ({"positions": {"value": 4, "colour": 2}}, r"positions.colour: is no key"),
        (COLUMNS | {"colour": 1}, "colour: is no key"),
        (COLUMNS | {"status": {"S": "calm"}}, r"status.S: 'calm' means nothing"),
        (COLUMNS | {"decimals": 9}, "decimals: 9 is no whole number"),
    ],
)
def test_a_wrong_declaration_is_named(entry: dict[str, Any], text: str) -> None:
    with pytest.raises(DeclarationError, match=text):
        declared(entry)


@settings(deadline=None, database=None)
@given(
    st.integers(-(10**5), 10**5),
    st.integers(0, 2),
    st.sampled_from((Stability.STABLE, Stability.MOVING)),
    st.sampled_from((Kind.GROSS, Kind.NET)),
)
def test_what_is_encoded_by_columns_is_decoded(
    digits: int, places: int, stability: Stability, kind: Kind
) -> None:
    chosen = settings_for(COLUMNS)
    weight = Weight(Decimal(digits).scaleb(-places), stability=stability, kind=kind)
    frame = protocol("pattern").encode(weight, chosen)
    found = only(protocol("pattern").decoder(chosen).feed(frame))
    assert (found.value, found.stability, found.kind) == (weight.value, stability, kind)


def test_overload_is_encoded_by_its_word(heard: Hears) -> None:
    chosen = settings_for(COLUMNS)
    frame = protocol("pattern").encode(Weight(Decimal(1), kind=Kind.NET, range=Range.OVER), chosen)
    assert frame.startswith(b"O")
    assert [each.skip for each in heard("pattern", frame, chosen) if isinstance(each, Skipped)] == [Skip.OVER]


def test_an_expression_cannot_be_turned_round() -> None:
    with pytest.raises(CannotEncode, match="can only be read"):
        protocol("pattern").encode(Weight(Decimal(1)), settings_for(EXPRESSION))


@settings(deadline=None, database=None)
@given(st.binary(max_size=200))
def test_no_bytes_are_too_bad(sent: bytes) -> None:
    for entry in (COLUMNS, EXPRESSION):
        decoder = protocol("pattern").decoder(settings_for(entry))
        assert decoder.feed(sent) + decoder.flush() is not None
