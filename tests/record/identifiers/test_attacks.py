"""Every kind of number as people, printers and scanners write it: separators, labels, frames, look-alikes.

Generated numbers that are right are recognised in every dress; with one digit changed they are never that kind
where a check digit says so; and what was recognised is recognised again in its normal form.
"""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from record.identifiers import access_key, cedula, container, ruc, sscc
from record.identifiers.identifier import Kind
from record.identifiers.identify import identify, written
from record.identifiers.remark import Code

DIGITS = string.digits


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


def letters(count: int) -> st.SearchStrategy[str]:
    return st.text(string.ascii_uppercase, min_size=count, max_size=count)


def _container(owner: str, category: str, serial: str) -> str:
    return f"{owner}{category}{serial}{container.check_digit(owner + category + serial)}"


def _cedula(province: str, third: str, serial: str) -> str:
    return f"{province}{third}{serial}{cedula.check_digit(province + third + serial)}"


def _company(province: str, serial: str, establishment: str) -> str:
    nine = f"{province}9{serial}"
    check = ruc.mod_11(nine, ruc.COMPANY_WEIGHTS)
    return f"{nine}{check % 10}{establishment}"


provinces = st.sampled_from(["01", "09", "17", "24"])
establishments = st.integers(1, 999).map(lambda number: f"{number:03}")
VALID: dict[Kind, st.SearchStrategy[str]] = {
    Kind.CONTAINER: st.builds(_container, letters(3), st.sampled_from("UJZ"), digits(6)),
    Kind.ACCESS_KEY: digits(48).map(lambda first: first + str(access_key.check_digit(first))),
    Kind.CEDULA: st.builds(_cedula, provinces, st.sampled_from("012345"), digits(6)),
    Kind.RUC: st.builds(_company, provinces, digits(6), establishments),
    Kind.SSCC: digits(17).map(lambda first: first + str(sscc.check_digit(first))),
    Kind.AWB: st.builds(lambda line, serial: f"{line}{serial}{int(serial) % 7}", digits(3), digits(7)),
    Kind.DAE: st.builds(
        lambda district, year, regime, serial: f"{district}{year}{regime}{serial}",
        st.sampled_from(["028", "019", "055"]), st.integers(2012, 2026), st.sampled_from(["40", "50"]), digits(8),
    ),
    Kind.MRN: st.builds("CEC{}{}{}".format, st.integers(2012, 2026), letters(4), digits(4)),
}  # fmt: skip
LABELS = {
    Kind.CONTAINER: ("CONT. ", "Contenedor No: ", "cntr#", "CONTAINER ", "Unidad: ", "El contenedor es "),
    Kind.ACCESS_KEY: ("CLAVE DE ACCESO: ", "Número de autorización ", "Guía de remisión: "),
    Kind.CEDULA: ("C.I. ", "Cédula N° ", "CC ", "Conductor: "),
    Kind.RUC: ("RUC: ", "R.U.C. ", "RUC/CI: ", "Transportista RUC "),
    Kind.SSCC: ("SSCC ", "SSCC: ", "(00) ", "]C100", "]d200", "]e000", "\x1d00", "<FNC1>00"),
    Kind.AWB: ("AWB ", "MAWB: ", "Guía aérea N° ", "Guía madre "),
    Kind.DAE: ("DAE: ", "D.A.E. No. ", "Nro. DAE: ", "N° DAE ", "Declaración Aduanera de Exportación: "),
    Kind.MRN: ("MRN: ", "Manifiesto ", "Número de carga: "),
}
FRAMES = ("{}\r\n", "\x02{}\x03", "]C0{}", "*{}*", '"{}"', "\ufeff{}", "  {} ", "{}.", "({})")
SEPARATORS = (" ", "-", ".", "/", "_", "–", "\u00a0")
LOOKS = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
NUMBERS = st.sampled_from(sorted(VALID)).flatmap(lambda kind: st.tuples(st.just(kind), VALID[kind]))
CHECKED = st.sampled_from(
    [Kind.CONTAINER, Kind.ACCESS_KEY, Kind.CEDULA, Kind.SSCC, Kind.AWB]
).flatmap(lambda kind: st.tuples(st.just(kind), VALID[kind]))  # fmt: skip


@settings(deadline=None)
@given(NUMBERS, st.data())
def test_a_right_number_is_known_in_every_dress(number: tuple[Kind, str], data: st.DataObject) -> None:
    kind, normal = number
    separator = data.draw(st.sampled_from(["", *SEPARATORS]), "separator")
    groups = data.draw(st.sampled_from([(4, 6), (3, 4, 2), (4, 4, 4, 4), (3,)]), "groups")
    dressed: list[str] = []
    rest = normal
    for size in groups:
        dressed, rest = [*dressed, rest[:size]], rest[size:]
    text = separator.join([*dressed, rest])
    text = data.draw(st.sampled_from([text, text.lower(), text.translate(LOOKS)]), "letters")
    text = data.draw(st.sampled_from(["", *LABELS[kind]]), "label") + text
    assume(not (kind is Kind.MRN and separator))
    assume(not (kind is Kind.AWB and groups == (3, 4, 2) and normal[3:5] == "20"))
    frames = ["{}"] if text.startswith(("]", "(", "<", "\x1d")) else ["{}", *FRAMES[:-1]]
    found = identify(data.draw(st.sampled_from(frames), "frame").format(text))
    assert (found.kind, found.normal) == (kind, normal)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(FRAMES))
def test_the_normal_form_is_its_own_normal_form(number: tuple[Kind, str], frame: str) -> None:
    found = identify(frame.format(number[1]))
    assert found
    again = identify(found.normal)
    assert (again.kind, again.normal) == (found.kind, found.normal)
    assert identify(written(found)).normal == found.normal


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("0O1I5SABCU-() \x1d]<", max_size=60))
@example("DAS No. 2026000123")
def test_what_any_text_is_stays_so_in_its_normal_form(text: str) -> None:
    found = identify(text)
    if found and found.kind not in (Kind.PASSPORT, Kind.TICKET):
        again = identify(found.normal, expected=found.kind)
        assert (again.kind, again.normal) == (found.kind, found.normal)


@settings(deadline=None)
@given(CHECKED, st.data())
def test_one_other_digit_is_never_that_kind_whatever_is_written_before_it(
    number: tuple[Kind, str], data: st.DataObject
) -> None:
    kind, right = number
    places = [place for place, character in enumerate(right) if character.isdigit()]
    place = data.draw(st.sampled_from(places), "place")
    digit = data.draw(st.sampled_from([each for each in DIGITS if each != right[place]]), "digit")
    wrong = right[:place] + digit + right[place + 1 :]
    label = data.draw(st.sampled_from(["", *LABELS[kind]]), "label")
    before, found = identify(right), identify(label + wrong)
    blind = {
        Kind.CONTAINER: before.has(Code.REMAINDER_TEN) or found.has(Code.REMAINDER_TEN),
        Kind.ACCESS_KEY: right[-1] == "1",
        Kind.AWB: place < 3 or abs(int(digit) - int(right[place])) == 7,
    }
    assume(not blind.get(kind, False))
    assert found.kind is not kind
    assert kind not in {other.kind for other in found.alternatives}


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("CONT. MSKU 123456-5", Kind.CONTAINER, "MSKU1234565"),
        ("CONTAINER CSQU3054383 SIZE 22G1", Kind.CONTAINER, "CSQU3054383"),
        ("ISO TYPE: 45R1", Kind.SIZE_TYPE, "45R1"),
        ("Tipo contenedor 22G1", Kind.SIZE_TYPE, "22G1"),
        ("PLACA TRACTO: GBA-1234", Kind.PLATE, "GBA1234"),
        ("Vehículo GBA-1234", Kind.PLATE, "GBA1234"),
        ("Sello naviera: ML-EC1234567", Kind.SEAL, "MLEC1234567"),
        ("Precintos: EC1234567", Kind.SEAL, "EC1234567"),
        ("House AWB: UIO-12345", Kind.HAWB, "UIO12345"),
        ("DAS No. 2026-000123", Kind.DAS, "DAS2026000123"),
        ("TRS N° 2026000123", Kind.TRS, "TRS2026000123"),
        ("D.J.T. Nro. 2026000123", Kind.DJT, "DJT2026000123"),
        ("TICKET: 000042", Kind.TICKET, "TKT000042"),
        ("BK: 123456", Kind.BOOKING, "123456"),
        ("(02)07861234567895(37)24(00)095287654321012346", Kind.SSCC, "095287654321012346"),
        ("“028-2024-40-00012345”", Kind.DAE, "02820244000012345"),
    ],
)
def test_numbers_of_real_papers(text: str, kind: Kind, normal: str) -> None:
    found = identify(text)
    assert (found.kind, found.normal, found.raw) == (kind, normal, text)


def test_a_dae_that_is_cut_short_is_no_air_waybill() -> None:
    found = identify("028-2024-40-0001234")
    assert found.kind is Kind.UNKNOWN
    assert found.has(Code.LENGTH)


@pytest.mark.parametrize(
    "text", ["Unidad: CSQU3054384", "El conductor es 1710034066", "Guía madre 016-12345674"]
)
def test_words_do_not_save_a_wrong_check_digit_and_the_reason_is_told(text: str) -> None:
    found = identify(text)
    assert found.kind is Kind.UNKNOWN
    assert found.has(Code.CHECK_DIGIT)
