"""Size-types, seals, bookings, MRNs, SSCCs, air cargo, base documents and tickets."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers import air, base_document, booking, dae, mrn, seal, size_type, sscc, ticket
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code

SIZES = size_type.Sizes("1234L", "0245C", {"G1", "R1", "T1"}, {"40HC": "45G1"})


@pytest.mark.parametrize("code", ["22G1", "45R1", "L5G1", "4CR1", "42T1"])
def test_listed_size_types(code: str) -> None:
    found = size_type.parse(code, SIZES)
    assert (found.kind, found.normal, found.remarks) == (Kind.SIZE_TYPE, code, ())


def test_an_unlisted_type_is_a_warning_and_an_unlisted_size_is_none() -> None:
    found = size_type.parse("22K1", SIZES)
    assert found.kind is Kind.SIZE_TYPE
    assert found.has(Code.UNLISTED_SIZE)
    for text in ("92G1", "27G1", "2026", "22GG", "ABCD", "22G", "22G10"):
        assert not size_type.parse(text, SIZES), text


def test_the_trades_name_is_taken_for_the_usual_code() -> None:
    found = size_type.parse("40'HC", SIZES)
    assert found.normal == "45G1"
    assert found.has(Code.TRADE_NAME)


@pytest.mark.parametrize(("text", "code"), [("4SR1", "45R1"), ("45RI", "45R1"), ("Z2G1", "22G1")])
def test_look_alikes_in_a_size_type(text: str, code: str) -> None:
    found = size_type.parse(text, SIZES)
    assert found.normal == code
    assert found.has(Code.SWAPPED)


@settings(deadline=None)
@given(st.text(string.digits, min_size=17, max_size=17))
def test_every_sscc_with_its_check_digit(first_17: str) -> None:
    number = first_17 + str(sscc.check_digit(first_17))
    assert sscc.parse(number).normal == number
    assert sscc.parse(sscc.written(number)).normal == number
    assert sscc.parse(f"]C100{number}\r\n").normal == number


@settings(deadline=None)
@given(st.text(string.digits, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(string.digits))
def test_another_digit_is_never_an_sscc(first_17: str, place: int, digit: str) -> None:
    number = first_17 + str(sscc.check_digit(first_17))
    other = number[:place] + digit + number[place + 1 :]
    for text in (other, f"(00){other}", f"]C100{other}"):
        assert (sscc.parse(text).kind is Kind.SSCC) == (other == number)


def test_the_published_sscc() -> None:
    found = sscc.parse("(00)095287654321012346")
    assert (found.kind, found.normal) == (Kind.SSCC, "095287654321012346")


@pytest.mark.parametrize(
    "text",
    [
        "]C1020950600013435210ABC\x1d00095287654321012346",
        "(02)09506000134352(10)ABC(00)095287654321012346",
        "]C100095287654321012346020950600013435210ABC",
        "00095287654321012346<GS>0209506000134352 10ABC",
    ],
)
def test_an_sscc_among_other_elements(text: str) -> None:
    found = sscc.parse(text)
    assert found.normal == "095287654321012346"
    assert found.parts["ai_02"] == "09506000134352"
    assert found.parts["ai_10"] == "ABC"


def test_an_element_string_without_sscc_says_what_it_has() -> None:
    found = sscc.parse("(01)09506000134352(10)ABC")
    assert found.kind is Kind.UNKNOWN
    assert dict(found.parts) == {"ai_01": "09506000134352", "ai_10": "ABC"}
    assert found.has(Code.GS1_WITHOUT_SSCC)


def test_a_broken_element_does_not_lose_the_sscc_at_the_beginning() -> None:
    assert sscc.parse("]C100095287654321012346\x1d9999\x1d").normal == "095287654321012346"


def test_the_published_awb() -> None:
    found = air.parse_awb("016-12345675")
    assert found.kind is Kind.AWB
    assert dict(found.parts) == {"airline": "016", "serial": "1234567", "check": "5"}


def test_a_labels_awb_has_its_piece() -> None:
    found = air.parse_awb("0161234567500012")
    assert (found.normal, found.parts["piece"]) == ("01612345675", "00012")


@settings(deadline=None)
@given(st.integers(0, 999), st.integers(0, 9_999_999), st.integers(3, 10), st.sampled_from(string.digits))
def test_another_digit_is_found_unless_it_differs_by_seven(
    airline: int, serial: int, place: int, digit: str
) -> None:
    number = f"{airline:03}{serial:07}{serial % 7}"
    assert air.parse_awb(air.awb_written(number)).normal == number
    other = number[:place] + digit + number[place + 1 :]
    by_seven = place < 10 and abs(int(digit) - int(number[place])) in (0, 7)
    assert (air.parse_awb(other).kind is Kind.AWB) == (by_seven or other == number)


@pytest.mark.parametrize(
    ("text", "owner"),
    [("PMC12345LA", "LA"), ("AKE0001XH", "XH"), ("PMC 12345 5X", "5X"), ("AKE12345DHL", "DHL")],
)
def test_ulds(text: str, owner: str) -> None:
    found = air.parse_uld(text)
    assert (found.kind, found.parts["owner"], found.remarks) == (Kind.ULD, owner, ())
    assert air.parse_uld(air.uld_written(found.normal)).normal == found.normal


def test_an_unlisted_uld_letter_is_a_warning_and_other_shapes_are_none() -> None:
    found = air.parse_uld("XYE12345LA")
    assert [dict(r.parameters)["letter"] for r in found.remarks] == ["X", "Y"]
    for text in ("PMC123LA", "P412345LA", "PMC1234567", "PMC12345"):
        assert not air.parse_uld(text), text


def test_a_short_serial_with_an_owner_that_begins_with_a_digit_is_like_a_seal() -> None:
    assert air.uld_like_a_seal(air.parse_uld("AKE12345H").normal)
    assert not air.uld_like_a_seal(air.parse_uld("AKE123455H").normal)


def test_a_hawb_is_known_by_shape_only() -> None:
    assert air.parse_hawb("UIO-12345").has(Code.BY_SHAPE)
    for text in ("HOLA", "UIO-1234", "A" * 16 + "12345", "no 12345, nunca"):
        assert not air.parse_hawb(text), text


def test_a_seal_has_at_most_fourteen_characters() -> None:
    assert dict(seal.parse("EC1234567H").parts) == {"maker": "EC", "serial": "1234567", "class": "H"}
    assert not seal.parse("ABC123456789012")
    assert seal.parse("ABC123456789012", longest=15)


def test_a_booking_is_likely_when_it_begins_like_a_shipping_lines() -> None:
    assert booking.likely(booking.parse("EBKG12345678"), {"EBKG"})
    assert not booking.likely(booking.parse("ABCD12345678"), {"EBKG"})
    assert not booking.parse("ABC12")


@pytest.mark.parametrize("text", ["CEC2026ABCD0001", "CEC-2026-ABCD-0001", "cec2026 abcd 0001"])
def test_mrns(text: str) -> None:
    found = mrn.parse(text)
    assert (found.kind, found.normal, found.remarks) == (Kind.MRN, "CEC2026ABCD0001", ())
    assert (found.parts["carrier"], found.parts["number"]) == ("ABCD", "0001")


@pytest.mark.parametrize("text", ["CEC2026ABCD0001-0002-0003", "CEC2026ABCD000100020003"])
def test_a_cargo_number_has_master_and_house(text: str) -> None:
    parts = mrn.parse(text).parts
    assert (parts["mrn"], parts["msn"], parts["hsn"]) == ("CEC2026ABCD0001", "0002", "0003")


def test_other_widths_of_an_mrn_are_a_warning_and_an_impossible_year_is_none() -> None:
    assert mrn.parse("CEC2026ABCD00012").has(Code.MRN_WIDTH)
    assert mrn.parse("CEC2O26ABCD0001").has(Code.SWAPPED)
    assert not mrn.parse("CEC9026ABCD0001")
    assert not mrn.parse("CEC")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("DAS-2026-000123", Kind.DAS, "2026000123"),
        ("DAS-E 028-2026-94-00000123", Kind.DAS, "02820269400000123"),
        ("djt 2026 12", Kind.DJT, "202612"),
        ("TRS: GYE-00012", Kind.TRS, "GYE00012"),
    ],
)
def test_base_documents_by_their_letters(text: str, kind: Kind, number: str) -> None:
    found = base_document.parse(text)
    assert (found.kind, base_document.number(found)) == (kind, number)
    assert found.normal == kind.upper() + number
    assert base_document.parse(base_document.written(found.normal)).normal == found.normal


def test_a_document_has_at_most_twenty_characters_and_no_container_is_one() -> None:
    assert base_document.parse("DJT" + "1" * 20)
    for text in ("DJT" + "1" * 21, "DJT", "TRSU1234567", "DAX123456"):
        assert not base_document.parse(text), text


def test_a_courier_number_may_be_a_das() -> None:
    assert base_document.number(dae.parse("028-2026-94-00000123")) == "02820269400000123"
    twin = base_document.courier(dae.parse("02820269400000123"))
    assert twin is not None
    assert (twin.kind, twin.parts["number"]) == (Kind.DAS, "02820269400000123")
    assert base_document.courier(dae.parse("02820264000000123")) is None


def test_a_ticket_has_the_sites_prefix() -> None:
    assert ticket.parse(ticket.written("GYE-T", 42), prefix="GYE-T").normal == "GYET000042"
    for text in ("TKT12345", "TKT" + "1" * 13, "XKT123456"):
        assert not ticket.parse(text), text
    assert not ticket.parse("123456", prefix="")
