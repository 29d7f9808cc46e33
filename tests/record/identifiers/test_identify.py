"""The one function: every published number, every ambiguity, every kind of hostile text."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.codes import Codes, shipped
from record.identifiers import access_key, cedula, container, label, sscc
from record.identifiers.folding import LIMIT
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.identify import MOST_ALTERNATIVES, Site, identify, written
from record.identifiers.remark import Code, Severity

CHECKED = {Kind.CONTAINER, Kind.ACCESS_KEY, Kind.CEDULA, Kind.SSCC, Kind.AWB}


def kinds(found: Identifier) -> list[str]:
    return [str(reading.kind) for reading in found.readings()]


def codes(found: Identifier) -> list[str]:
    return [str(remark.code) for remark in found.remarks]


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("02820264000123456", Kind.DAE, "02820264000123456"),
        ("028-2026-40-00123456", Kind.DAE, "02820264000123456"),
        ("CSQU3054383", Kind.CONTAINER, "CSQU3054383"),
        ("TEXU 307007-9", Kind.CONTAINER, "TEXU3070079"),
        ("MSKU6011672", Kind.CONTAINER, "MSKU6011672"),
        ("45R1", Kind.SIZE_TYPE, "45R1"),
        ("22g1", Kind.SIZE_TYPE, "22G1"),
        ("0403201301179226110400110015010000000081234567816", Kind.ACCESS_KEY, None),
        ("0312202201019007200200120029020004874985766297216", Kind.ACCESS_KEY, None),
        ("1790085783001", Kind.RUC, None),
        ("1760001550001", Kind.RUC, None),
        ("1768153530001", Kind.RUC, None),
        ("0992506717001", Kind.RUC, None),
        ("1710034065", Kind.CEDULA, None),
        ("ABC-0123", Kind.PLATE, "ABC0123"),
        ("A1B-234", Kind.PLATE, "A1B234"),
        ("IS-123H", Kind.PLATE, "IS123H"),
        ("(00)095287654321012346", Kind.SSCC, "095287654321012346"),
        ("]C100095287654321012346", Kind.SSCC, "095287654321012346"),
        ("016-12345675", Kind.AWB, "01612345675"),
        ("PMC12345LA", Kind.ULD, "PMC12345LA"),
        ("AKE0001XH", Kind.ULD, "AKE0001XH"),
        ("CEC2026ABCD0001-0001-0000", Kind.MRN, "CEC2026ABCD000100010000"),
        ("DAS-2026-000123", Kind.DAS, "DAS2026000123"),
        ("DJT-2026-000123", Kind.DJT, "DJT2026000123"),
        ("TRS-2026-000123", Kind.TRS, "TRS2026000123"),
        ("TKT000042", Kind.TICKET, "TKT000042"),
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
         Kind.PASSPORT, "L898902C3"),
    ],
)  # fmt: skip
def test_what_proves_itself(text: str, kind: Kind, normal: str | None) -> None:
    found = identify(text)
    assert found.kind is kind
    assert found.normal == (normal or text)
    assert found.raw == text
    assert not [remark for remark in found.remarks if remark.code is not Code.TEST_ENVIRONMENT]
    assert identify(written(found)).normal == found.normal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CSQU3054384", "container"),
        ("0403201301179226110400110015010000000081234567817", "access_key"),
        ("1710034066", "cedula"),
        ("1710034066001", "ruc"),
        ("095287654321012345", "sscc"),
        ("(00)095287654321012345", "sscc"),
        ("]C100095287654321012345", "sscc"),
        ("016-12345674", "awb"),
    ],
)
def test_a_wrong_check_digit_is_unknown_and_told(text: str, kind: str) -> None:
    found = identify(text)
    assert found.kind is Kind.UNKNOWN
    (wrong,) = found.remarks
    assert wrong.code is Code.CHECK_DIGIT
    assert wrong.severity is Severity.ERROR
    assert dict(wrong.parameters)["kind"] == kind
    assert kind not in kinds(found)


def test_a_companys_ruc_only_warns() -> None:
    found = identify("0992506718001")
    assert found.kind is Kind.RUC
    assert codes(found) == ["company_check_digit"]


def test_a_bodys_ruc_that_holds_as_a_cedula_may_be_a_persons() -> None:
    nine = "176000100"
    found = identify(nine + str(cedula.check_digit(nine)) + "001")
    assert found.kind is Kind.RUC
    assert codes(found) == ["company_check_digit", "could_be_natural"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("999-2026-40-00123456", ["unknown_district"]),
        ("024-2026-40-00123456", ["unknown_district"]),
        ("028-2026-99-00123456", ["unknown_regime"]),
        ("028-2026-10-00123456", ["import_regime"]),
        ("028-2009-40-00123456", ["year_before_ecuapass"]),
        ("028-2027-40-00123456", ["year_in_future"]),
    ],
)
def test_a_dae_with_unknown_fields_is_a_dae_with_warnings(text: str, expected: list[str]) -> None:
    found = identify(text, site=Site(today=date(2026, 6, 1)))
    assert found.kind is Kind.DAE
    assert codes(found) == expected
    assert found.doubtful


def test_an_impossible_year_is_no_dae() -> None:
    found = identify("028-1899-40-00123456")
    assert found.kind is Kind.UNKNOWN
    assert "impossible_year" in codes(found)


def test_sixteen_digits_are_an_old_refrendo_or_a_labels_awb() -> None:
    assert identify("0161234567500012").kind is Kind.AWB
    assert codes(identify("0282009401234568")) == ["old_refrendo"]
    unlikely = identify("0282009401334567")
    assert (unlikely.kind, set(codes(unlikely))) == (Kind.UNKNOWN, {"old_refrendo", "check_digit"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("028-2026-94-00123456", ["dae", "das"]),
        ("ABC-123", ["plate", "plate", "plate"]),
        ("R12345", ["plate", "plate", "seal", "hawb"]),
        ("TRS-1234", ["plate", "trs"]),
        ("TRS-12345", ["trs", "seal", "booking", "hawb"]),
        ("DAS-123456", ["das", "seal", "booking", "passport", "hawb"]),
        ("AB123456", ["seal", "booking", "passport", "hawb"]),
        ("A1234567", ["passport", "seal", "booking", "hawb"]),
        ("EBKG12345678", ["booking", "seal", "hawb"]),
        ("AKE12345H", ["uld", "seal", "booking", "hawb"]),
        ("XYZ12345H", ["seal", "uld", "booking", "hawb"]),
        ("123456789", ["booking", "passport", "seal", "hawb"]),
        ("SO123456789", ["seal", "booking", "hawb"]),
        ("JF821511770", ["seal", "container"]),
        ("SO41522656", ["seal", "cedula"]),
        ("CSQU3054384", ["seal", "booking", "hawb"]),
        ("TKT123456", ["ticket", "seal", "booking", "passport", "hawb"]),
    ],
)
def test_ambiguities_are_told_likeliest_first(text: str, expected: list[str]) -> None:
    found = identify(text)
    told = [kind for kind in kinds(found) if kind in expected]
    assert told == expected
    assert found.doubtful


@pytest.mark.parametrize("text", ["123456789", "12345678", "7654321"])
def test_digits_that_prove_nothing_are_unknown_with_what_they_may_be(text: str) -> None:
    found = identify(text)
    assert found.kind is Kind.UNKNOWN
    assert "booking" in kinds(found)


@pytest.mark.parametrize("text", ["HOLA MUNDO", "hello123", "12:30", "21.350 kg", "ABC", "0", "¿?", "12345"])
def test_what_is_nothing_is_unknown(text: str) -> None:
    found = identify(text)
    assert found.kind is Kind.UNKNOWN
    assert "container" not in kinds(found)


@pytest.mark.parametrize("expected", [Kind.SEAL, Kind.BOOKING, Kind.HAWB, Kind.PASSPORT])
def test_a_field_that_expects_a_kind_gets_it(expected: Kind) -> None:
    found = identify("AB123456", expected=expected)
    assert found.kind is expected
    assert Kind.SEAL in {found.kind, *(other.kind for other in found.alternatives)}


def test_what_is_expected_does_not_bend_a_check_digit() -> None:
    assert identify("CSQU3054384", expected=Kind.CONTAINER).kind is Kind.UNKNOWN
    assert identify("CSQU3054383", expected=Kind.DAE).kind is Kind.CONTAINER


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("DAE: 028-2026-40-00123456", Kind.DAE, "02820264000123456"),
        ("DAE02820264000123456", Kind.DAE, "02820264000123456"),
        ("SELLO No. 1234567", Kind.SEAL, "1234567"),
        ("Precinto N° EC-1234567", Kind.SEAL, "EC1234567"),
        ("Booking # 123456789", Kind.BOOKING, "123456789"),
        ("HAWB UIO-12345", Kind.HAWB, "UIO12345"),
        ("guía aérea: 016-12345675", Kind.AWB, "01612345675"),
        ("guía aérea: UIO12345", Kind.HAWB, "UIO12345"),
        ("C.I. 171003406-5", Kind.CEDULA, "1710034065"),
        ("Cédula: 1710034065", Kind.CEDULA, "1710034065"),
        ("R.U.C.: 1790085783001", Kind.RUC, "1790085783001"),
        ("PLACA ABC-0123", Kind.PLATE, "ABC0123"),
        ("Contenedor CSQU 305438-3", Kind.CONTAINER, "CSQU3054383"),
        ("Pasaporte 123456789", Kind.PASSPORT, "123456789"),
        ("BKG 123456", Kind.BOOKING, "123456"),
        ("HAWB123456", Kind.HAWB, "123456"),
        ("HAWB-123456", Kind.HAWB, "123456"),
        ("BOOKING123456", Kind.BOOKING, "123456"),
    ],
)
def test_what_is_written_before_a_number_decides(text: str, kind: Kind, normal: str) -> None:
    found = identify(text)
    assert (found.kind, found.normal, found.raw) == (kind, normal, text)


def test_a_label_that_does_not_fit_is_remarked() -> None:
    found = identify("RUC: 1710034065")
    assert found.kind is Kind.CEDULA
    assert codes(found) == ["label"]


@pytest.mark.parametrize("text", ["CONTENEDOR: CSQU3054384", "CI 1710034066", "RUC 1710034066001"])
def test_a_label_does_not_save_a_wrong_check_digit(text: str) -> None:
    found = identify(text)
    assert found.kind is Kind.UNKNOWN
    assert "check_digit" in codes(found)


@pytest.mark.parametrize("text", ["DAE-123456", "028-2026-40-123456", "CSQU305438"])
def test_a_number_that_is_cut_short_is_no_seal(text: str) -> None:
    assert identify(text).kind is Kind.UNKNOWN


@pytest.mark.parametrize("text", ["AWB-1234", "BKG-1234", "ULD 1234"])
def test_a_plate_that_begins_like_a_label_is_a_plate(text: str) -> None:
    assert identify(text).kind is Kind.PLATE


def test_labels_are_written_as_texts_are_folded() -> None:
    for word in label.WORDS:
        assert label.split(f"{word}: 1") is not None, word


def test_a_doors_number_and_size_type() -> None:
    found = identify("CSQU 305438 3\n45R1")
    assert (found.kind, found.normal, found.parts["size_type"]) == (Kind.CONTAINER, "CSQU3054383", "45R1")
    assert [other.kind for other in found.alternatives] == [Kind.SIZE_TYPE]


def test_several_identifiers_are_unknown_with_each_of_them() -> None:
    found = identify("CSQU3054383 TEXU3070079 gracias")
    assert found.kind is Kind.UNKNOWN
    assert [other.normal for other in found.alternatives] == ["CSQU3054383", "TEXU3070079"]
    assert identify("CSQU3054383\r\nCSQU3054383\r\n").kind is Kind.CONTAINER


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("C5QU3O54383", Kind.CONTAINER, "CSQU3054383"),
        ("O28-2O26-4O-OO123456", Kind.UNKNOWN, None),
        ("028-2026-4O-O0123456", Kind.DAE, "02820264000123456"),
        ("I710034065", Kind.CEDULA, "1710034065"),
        ("O16-I2345675", Kind.AWB, "01612345675"),
        ("ABC-O123", Kind.PLATE, "ABC0123"),
        ("4SR1", Kind.SIZE_TYPE, "45R1"),
    ],
)
def test_look_alikes_are_exchanged_where_the_grammar_allows(
    text: str, kind: Kind, normal: str | None
) -> None:
    found = identify(text)
    assert found.kind is kind
    if normal is not None:
        assert found.normal == normal
        assert "swapped" in codes(found)
        assert found.raw == text


@pytest.mark.parametrize("text", ["СЕС2026ABCD0001", "МЅКU6011672", "ＣＳＱＵ３０５４３８３", "ΑΒC-0123"])
def test_other_alphabets_are_folded_and_the_raw_text_kept(text: str) -> None:
    found = identify(text)
    assert found
    assert found.normal.isascii()
    assert "folded" in codes(found)
    assert found.raw == text


@pytest.mark.parametrize(
    "frame", ["{}\r\n", "{}\t", "\x02{}\x03", "]C0{}", "\u200f{}\u200e", "\ufeff{}\x00", "*{}*", "\x1d{}"]
)
@pytest.mark.parametrize("number", ["CSQU3054383", "02820264000123456", "1710034065", "ABC1234"])
def test_what_a_scanner_puts_around_a_number_is_taken_off(frame: str, number: str) -> None:
    found = identify(frame.format(number))
    assert (found.normal, bool(found)) == (number, True)


def test_sites_differ() -> None:
    peru = identify("ABC123", site=Site(countries=("PE",)))
    assert (peru.parts["country"], peru.alternatives) == ("PE", ())
    assert identify("GYE-000042", site=Site(ticket_prefix="GYE")).kind is Kind.TICKET
    assert identify("ABC-012", site=Site(pad_plates=True)).normal == "ABC0012"


def test_lists_are_data(tmp_path: object) -> None:
    class Local(Codes):
        @property
        def districts(self) -> frozenset[str]:  # type: ignore[override]
            return frozenset({"999"})

    assert not identify("999-2026-40-00123456", codes=Local()).remarks
    assert codes(identify("028-2026-40-00123456", codes=Local())) == ["unknown_district"]


@pytest.mark.parametrize("text", ["", " \r\n", "\u202e\u200b", "\x00" * 50, "-", "()"])
def test_a_text_without_a_character_says_so(text: str) -> None:
    found = identify(text)
    assert (found.kind, codes(found)[-1]) == (Kind.UNKNOWN, "empty")


def test_a_huge_text_is_refused_at_once_and_cut() -> None:
    found = identify("CSQU3054383" + " " * 10_000_000)
    assert found.kind is Kind.UNKNOWN
    assert codes(found) == ["too_long"]
    assert len(found.raw) == LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 2000,
        "-" * 4000,
        "(00)" * 1000,
        "]C1" + "10A\x1d" * 1000,
        "CEC2026 " + "1-" * 2000,
        "A: " * 1300,
        "A" * 4096,
        "9" * 4096,
        "<" * 4000,
        "SELLO " * 600,
        "]C1" + "9" * 4000,
        "ﷺ" * 4096,
    ],
    ids=range(12),
)
def test_texts_made_to_be_slow_are_bounded(text: str) -> None:
    found = identify(text)
    assert len(found.alternatives) <= MOST_ALTERNATIVES
    assert len(found.normal) <= 2 * LIMIT


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=80) | st.text("0O1I5SABCU-() \x1d]<", max_size=60))
def test_nothing_raises_and_every_answer_holds_together(text: str) -> None:
    found = identify(text)
    assert found.raw == text
    assert len(found.alternatives) <= MOST_ALTERNATIVES
    for reading in (found, *found.alternatives):
        assert isinstance(reading.kind, Kind)
        assert not set(reading.normal) & set(" -\r\n\t\x1d")
        assert all(isinstance(value, str) for value in reading.parts.values())
        assert all(remark.text("es") and remark.text("en") for remark in reading.remarks)
    assert all(other and not other.alternatives for other in found.alternatives)
    readings = [(r.kind, r.normal, r.parts.get("country")) for r in found.readings()]
    assert len(readings) == len(set(readings))


@st.composite
def checked(draw: st.DrawFn) -> str:
    def digits(count: int) -> str:
        return draw(st.text(string.digits, min_size=count, max_size=count))

    kind = draw(st.sampled_from(sorted(CHECKED)))
    if kind is Kind.CONTAINER:
        ten = draw(st.text(string.ascii_uppercase, min_size=3, max_size=3)) + "U" + digits(6)
        return ten + str(container.check_digit(ten))
    if kind is Kind.ACCESS_KEY:
        first_48 = digits(48)
        return first_48 + str(access_key.check_digit(first_48))
    if kind is Kind.CEDULA:
        nine = draw(st.sampled_from(["01", "09", "17", "24", "30"])) + "3" + digits(6)
        return nine + str(cedula.check_digit(nine))
    if kind is Kind.SSCC:
        first_17 = digits(17)
        return first_17 + str(sscc.check_digit(first_17))
    serial = digits(7)
    return digits(3) + serial + str(int(serial) % 7)


@settings(deadline=None)
@given(checked())
def test_what_is_written_is_read_again(number: str) -> None:
    found = identify(number)
    assert found.kind in CHECKED
    assert found.normal == number
    again = identify(written(found))
    assert (again.kind, again.normal) == (found.kind, found.normal)


@settings(deadline=None)
@given(checked(), st.data())
def test_one_other_digit_is_never_the_same_kind_unless_the_arithmetic_says_so(
    number: str, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from([i for i, character in enumerate(number) if character.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in string.digits if d != number[place]]))
    other = number[:place] + digit + number[place + 1 :]
    before, after = identify(number), identify(other)
    blind = {
        Kind.CONTAINER: before.has(Code.REMAINDER_TEN) or after.has(Code.REMAINDER_TEN),
        Kind.ACCESS_KEY: number[-1] == "1",
        Kind.AWB: place < 3 or abs(int(digit) - int(number[place])) == 7,
    }
    assert after.kind is not before.kind or blind.get(before.kind, False)


def test_the_shipped_lists_are_read_once() -> None:
    assert shipped() is shipped()
