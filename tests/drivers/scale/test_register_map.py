"""Weights in Modbus registers."""

import struct
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.declaration import DeclarationError
from drivers.scale.protocol import CannotEncode, Settings
from drivers.scale.register_map import RegisterMap, declared, decode, encode, settled

TUNA: dict[str, Any] = {
    "numbered_from": 40001,
    "weight": {"address": 40003, "type": "float32"},
    "status": {
        "address": 40005,
        "bits": {"zero": 8, "under": 9, "over": 10, "net": 11, "moving": 12, "valid": 15},
    },
}
DINI: dict[str, Any] = {
    "numbered_from": 40001,
    "weight": {"address": 40203, "type": "uint32"},
    "status": {
        "address": 40202,
        "bits": {"negative": 0, "moving": {"bit": 1, "when": 0}, "under": 2, "over": 3, "zero": 4},
    },
    "kind": "gross",
}
LOW_FIRST: dict[str, Any] = {
    "table": "input",
    "weight": {"address": 4, "type": "int32", "words": "low_first", "decimals": 1, "factor": "2"},
    "mass": "t",
}


def floats(value: float) -> dict[int, int]:
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return {2: high, 3: low}


def weigh(registers: dict[int, int], entry: dict[str, Any]) -> Weight:
    found = decode(registers, declared(entry))
    assert isinstance(found, Weight), found
    return found


def test_a_float_with_its_status() -> None:
    found = weigh(floats(12340.5) | {4: 0x8000 | 1 << 11 | 1 << 12}, TUNA)
    assert (str(found.value), found.kind, found.stability, found.zero) == ("12340.5", "net", "moving", False)
    assert found.raw.hex() == "4640d2009800"


def test_a_float_is_the_shortest_decimal_that_it_can_be() -> None:
    assert str(weigh(floats(0.1) | {4: 0x8000}, TUNA).value) == "0.1"
    entry = TUNA | {"weight": {"address": 40003, "type": "float32", "decimals": 0}}
    assert str(weigh(floats(12339.96) | {4: 0x8000}, entry).value) == "12340"


def test_a_magnitude_with_a_bit_for_its_sign_and_one_that_says_stable() -> None:
    """Dini Argeo sets bit 1 for stable where others set theirs for motion."""
    found = weigh({201: 0b0011, 202: 0, 203: 12340}, DINI)
    assert (str(found.value), found.stability, found.kind) == ("-12340", Stability.STABLE, Kind.GROSS)
    assert weigh({201: 0b0000, 202: 0, 203: 12340}, DINI).stability is Stability.MOVING


def test_words_low_first_with_decimals_and_a_factor() -> None:
    found = weigh({4: 0xCFC7, 5: 0xFFFF}, LOW_FIRST)
    assert (found.value, found.unit, found.stability) == (Decimal("-2469.0"), Unit.T, Stability.UNKNOWN)


@pytest.mark.parametrize(
    ("registers", "reason"),
    [
        (floats(1.0) | {4: 0x0000}, Skip.ERROR),
        (floats(1.0) | {4: 0x8400}, Skip.OVER),
        (floats(1.0) | {4: 0x8200}, Skip.UNDER),
        (floats(float("nan")) | {4: 0x8000}, Skip.ERROR),
        (floats(float("inf")) | {4: 0x8000}, Skip.ERROR),
        (floats(1.0), Skip.TOO_SHORT),
        ({}, Skip.TOO_SHORT),
    ],
)
def test_no_weight(registers: dict[int, int], reason: Skip) -> None:
    assert decode(registers, declared(TUNA)) is reason


def test_one_request_reads_weight_and_status() -> None:
    assert declared(TUNA).span == range(2, 5)
    assert declared(DINI).span == range(201, 204)
    assert declared(LOW_FIRST).table == "input"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, "weight: is missing"),
        ({"weight": {}}, r"weight\.address: is missing"),
        ({"weight": {"address": 1, "type": "double"}}, r"weight\.type: 'double' means nothing"),
        ({"weight": {"address": 1}, "numbered_from": 40001}, r"weight\.address: 1 is no whole number"),
        ({"weight": {"address": 1}, "numbered_from": 7}, "numbered_from: 7 is none of"),
        ({"weight": {"address": 1}, "status": {"address": 500}}, r"status\.address: lies more than 125"),
        (
            {"weight": {"address": 1}, "status": {"address": 2, "bits": {"colour": 1}}},
            r"status\.bits\.colour",
        ),
        ({"weight": {"address": 1}, "status": {"address": 2, "bits": {"over": {}}}}, r"status\.bits\.over"),
        (
            {"weight": {"address": 1}, "status": {"address": 2, "bits": {"over": 40}}},
            r"status\.bits\.over: 40",
        ),
    ],
)
def test_a_wrong_map_is_named(entry: dict[str, Any], text: str) -> None:
    with pytest.raises(DeclarationError, match=text):
        declared(entry)


@pytest.mark.parametrize("entry", [TUNA, DINI, LOW_FIRST])
@given(
    value=st.integers(-(10**5), 10**5),
    moving=st.booleans(),
    outside=st.sampled_from(Range),
)
def test_what_is_encoded_is_decoded(entry: dict[str, Any], value: int, moving: bool, outside: Range) -> None:
    declared_map: RegisterMap = declared(entry)
    told = bool(declared_map.bits)
    weight = Weight(
        Decimal(value * 2),
        declared_map.mass,
        stability=Stability.MOVING if moving else Stability.STABLE,
        kind=Kind.GROSS,
        range=outside if told else Range.OK,
    )
    found = decode(encode(weight, declared_map), declared_map)
    if told and outside is not Range.OK:
        assert found is (Skip.OVER if outside is Range.OVER else Skip.UNDER)
        return
    assert isinstance(found, Weight)
    assert found.value == weight.value
    assert found.stability is (weight.stability if told else Stability.UNKNOWN)


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(CannotEncode, match="int16"):
        encode(Weight(Decimal(40000)), declared({"weight": {"address": 0}}))


@given(st.dictionaries(st.integers(0, 6), st.integers(0, 65535)))
def test_no_registers_are_too_bad(registers: dict[int, int]) -> None:
    for entry in (TUNA, LOW_FIRST):
        assert decode(registers, declared(entry)) is not None


def test_a_site_sets_address_unit_and_places_beside_the_map() -> None:
    given = settled(declared(TUNA), Settings(address="17", unit=Unit.LB, decimals=1))
    assert (given.unit, given.mass, given.decimals) == (17, Unit.LB, 1)
    assert settled(declared(TUNA), Settings()) == declared(TUNA)


@pytest.mark.parametrize("address", ["x", "", "256", "-1"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(DeclarationError, match=r"address: .* is no whole number from 0 to 255"):
        settled(declared(TUNA), Settings(address=address))


def test_broadcast_is_an_address_too() -> None:
    assert declared({"unit": 0, "weight": {"address": 0}}).unit == 0
