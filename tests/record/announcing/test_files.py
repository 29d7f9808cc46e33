"""Announcements from files: what is right is taken, what is wrong is told with its place and value."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.announcing import csv_file as announcing_csv
from record.announcing import files as announcing
from record.announcing import guide as announcing_guide
from record.announcing import json_file as announcing_json
from record.identifiers.access_key import check_digit
from record.preadvice import Preadvice
from record.release import Release

TABLE = """\
documento;contenedor;placa;bultos;embalaje;peso_kg;descripción;válido hasta
028-2026-40-00123456;CSQU3054383;GBA-1234;1080;035;21350,5;CAFÉ "EN; GRANO";30/11/2026
"""
FIRST_48 = "030420260617900857830012001501000000008123456781"
KEY = FIRST_48 + str(check_digit(FIRST_48))
GUIDE = f"""<?xml version="1.0" encoding="UTF-8"?>
<guiaRemision id="comprobante" version="1.1.0">
 <infoTributaria>
  <ambiente>2</ambiente><razonSocial>EXPORTADORA DE EJEMPLO &amp; CIA</razonSocial>
  <ruc>1790085783001</ruc>
  <claveAcceso>{KEY}</claveAcceso>
  <codDoc>06</codDoc><estab>001</estab><ptoEmi>501</ptoEmi><secuencial>000000008</secuencial>
 </infoTributaria>
 <infoGuiaRemision>
  <razonSocialTransportista>JUAN MORA</razonSocialTransportista>
  <rucTransportista>1710034065</rucTransportista>
  <fechaIniTransporte>03/04/2026</fechaIniTransporte><fechaFinTransporte>04/04/2026</fechaFinTransporte>
  <placa>GBA1234</placa>
 </infoGuiaRemision>
 <destinatarios><destinatario>
  <docAduaneroUnico>028-2026-40-00123456</docAduaneroUnico>
  <detalles>
   <detalle><descripcion>BANANO</descripcion><cantidad>1000.00</cantidad></detalle>
   <detalle><descripcion>ORITO</descripcion><cantidad>80</cantidad></detalle>
  </detalles>
 </destinatario></destinatarios>
</guiaRemision>
"""


def wrapped(guide: str = GUIDE, state: str = "AUTORIZADO") -> str:
    return f"<autorizacion>\n<estado>{state}</estado>\n<comprobante><![CDATA[{guide}]]></comprobante></autorizacion>"


def read(tmp_path: Path, name: str, content: str | bytes) -> announcing.Batch:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return announcing.read(path)


def told(batch: announcing.Batch) -> list[str]:
    lines = [problem.line_text("en") for problem in batch.problems]
    return [line.removeprefix(str(Path(batch.problems[0].file).parent) + "/") for line in lines]


def only(batch: announcing.Batch) -> Preadvice:
    assert told(batch) == []
    (notice,) = batch.notices
    assert isinstance(notice, Preadvice)
    return notice


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_table_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = TABLE.replace('CAFÉ "EN; GRANO"', '"CAFÉ ""EN; GRANO"""')
    notice = only(read(tmp_path, "a.csv", text.encode(encoding)))
    assert notice.keys.document is not None
    assert notice.keys.document.number == "02820264000123456"
    assert notice.keys.containers == ("CSQU3054383",)
    assert notice.keys.plates == ("GBA1234",)
    assert notice.cargo.weight_kg == Decimal("21350.5")
    assert notice.cargo.description == 'CAFÉ "EN; GRANO"'
    assert notice.valid_until is not None
    assert notice.valid_until.isoformat() == "2026-12-01T04:59:59+00:00"


def test_a_latin_1_table_with_a_byte_order_mark(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + "documento,descripcion\n02820264000123456,CAFÉ\n".encode("latin-1")
    assert only(read(tmp_path, "a.csv", content)).cargo.description == "CAFÉ"


def test_english_names_and_commas(tmp_path: Path) -> None:
    notice = only(
        read(tmp_path, "a.csv", 'document,containers,weight\n02820264000123456,CSQU3054383,"21350,5"\n')
    )
    assert notice.cargo.weight_kg == Decimal("21350.5")


def test_several_lines_of_a_document_are_its_containers(tmp_path: Path) -> None:
    text = "documento;contenedor;bultos;peso_kg;embalaje\n"
    text += "02820264000123456;CSQU3054383;300;15000;104\n02820264000123456;TEXU3070079;200;10000;104\n"
    notice = only(read(tmp_path, "a.csv", text))
    assert notice.cargo.packages == 500
    assert notice.cargo.weight_kg == Decimal(25000)
    assert notice.of_container("TEXU3070079").packages == 200


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("1080", "mil", "a.csv:2:43: packages: it has to be a whole number above 0, found mil"),
        ("1080", "-1", "a.csv:2:43: packages:"),
        ("CSQU3054383", "CSQU3054384", "a.csv:2:22: containers: it is no ISO 6346"),
        ("00123456", "0012345", "a.csv:2:1: document: it is no base document"),
        ("035", "35", "a.csv:2:48: packaging:"),
        ("21350,5", "21,350", "a.csv:2:52: weight_kg: it may be thousands or decimals"),
        ("21350,5", "1e9", "a.csv:2:52: weight_kg:"),
        ("30/11/2026", "31/02/2026", "valid_until: it has to be a date"),
        ("CAFÉ", "CAF\x00É", "description: it holds control characters"),
        ("CAFÉ", "C" * 5000, "description: it has 50"),
        ('CAFÉ "EN', '"CAFÉ', "a.csv:2:1: the quotation marks are not closed"),
    ],
)
def test_a_wrong_value_is_told_and_the_other_lines_are_taken(
    tmp_path: Path, right: str, wrong: str, problem: str
) -> None:
    table = TABLE.replace("EN; GRANO", "EN GRANO").replace('EN GRANO"', "EN GRANO")
    table = table.replace('CAFÉ "EN', "CAFÉ EN") if '"' not in right else table
    head, line = table.splitlines()
    good = line.replace("00123456", "00777777").replace('"', "").replace("CSQU3054383", "TEXU3070079")
    batch = read(tmp_path, "a.csv", "\n".join([head, line.replace(right, wrong, 1), good]))
    assert any(problem in each for each in told(batch)), told(batch)
    assert [each.keys.document and each.keys.document.number for each in batch.notices] == [
        "02820264000777777"
    ]
    assert batch.wrong


def test_a_table_without_documents_names_the_column(tmp_path: Path) -> None:
    assert told(read(tmp_path, "a.csv", "bultos;peso\n1;2\n")) == [
        "a.csv:1:1: the column documento is missing"
    ]


def test_a_table_of_releases(tmp_path: Path) -> None:
    batch = read(tmp_path, "a.csv", "contenedor;motivo\nCSQU3054383;Devolución\n")
    (release,) = batch.notices
    assert isinstance(release, Release)
    assert release.reason.value == "return"


@pytest.mark.parametrize("content", [GUIDE, wrapped()], ids=["bare", "wrapped"])
def test_a_guide(tmp_path: Path, content: str) -> None:
    notice = only(read(tmp_path, "g.xml", content))
    assert notice.id == f"guia-{KEY}-1"
    assert notice.exporter == "EXPORTADORA DE EJEMPLO & CIA"
    assert notice.keys.plates == ("GBA1234",)
    assert notice.cargo.packages == 1080
    assert notice.cargo.description == "BANANO; ORITO"
    assert "MORA" not in json.dumps(notice.to_wire())
    assert "1710034065" not in json.dumps(notice.to_wire())


def test_the_guide_of_a_natural_person_is_not_called_by_the_persons_number(tmp_path: Path) -> None:
    first = FIRST_48.replace("1790085783001", "1710034065001")
    content = GUIDE.replace(KEY, first + str(check_digit(first)))
    notice = only(read(tmp_path, "g.xml", content.replace("1790085783001", "1710034065001")))
    assert "17100340" not in json.dumps(notice.to_wire())
    again = only(read(tmp_path, "h.xml", content.replace("1790085783001", "1710034065001")))
    assert again.id == notice.id


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (GUIDE.replace(KEY, KEY[:-1] + str((int(KEY[-1]) + 1) % 10)), "g.xml:6:3: claveAcceso: it is no access key"),
        (GUIDE.replace("<secuencial>000000008", "<secuencial>000000009"), "secuencial: the access key says 000000008"),
        (GUIDE.replace("028-2026-40-00123456", "MAL"), "g.xml:16:3: docAduaneroUnico: it is no base document"),
        (GUIDE.replace("<placa>GBA1234</placa>", ""), "the element infoGuiaRemision/placa is missing"),
        (wrapped(GUIDE.replace("028-2026-40-00123456", "MAL")), "g.xml:18:3: docAduaneroUnico:"),
        (wrapped(state="NO AUTORIZADO"), "g.xml:2:1: estado: the guía is not authorised, found NO AUTORIZADO"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "the XML declares a DTD"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "the XML declares a DTD"),
        ("<a>" * 100, "it is no XML: nested too deeply"),
        ("<a><b></a>", "g.xml:1:9: it is no XML"),
        ("<factura/>", "it holds no guía de remisión"),
        ('<?xml version="1.0" encoding="x-no"?><a/>', "it is no XML"),
    ],
)  # fmt: skip
def test_a_guide_that_is_wrong(tmp_path: Path, content: str, problem: str) -> None:
    batch = read(tmp_path, "g.xml", content)
    assert batch.notices == ()
    assert problem in "\n".join(told(batch))


ENTRY = {"id": "a-1", "keys": {"containers": ["CSQU3054383"]}, "cargo": {"packages": 3}}


def test_json_keeps_the_good_and_places_the_bad(tmp_path: Path) -> None:
    bad = {**ENTRY, "id": "a-2", "cargo": {"packages": "3"}}
    text = json.dumps({"preadvice": [bad, ENTRY], "releases": [{"id": "s-1", "keys": {}}]}, indent="\t")
    batch = read(tmp_path, "a.json", text)
    assert [each.id for each in batch.notices] == ["a-1", "s-1"]
    (problem,) = batch.problems
    assert problem.path == "preadvice[0].cargo.packages"
    assert text.splitlines()[problem.line - 1][problem.column - 1 :] == '"3"'


def test_yaml_keeps_the_good_and_places_the_bad(tmp_path: Path) -> None:
    text = "preadvice:\n  - {id: a-1, keys: {}, cargo: {packages: x}}\n  - {id: a-2, keys: {}, cargo: {}}\n"
    batch = read(tmp_path, "a.yaml", text)
    assert [each.id for each in batch.notices] == ["a-2"]
    assert "a.yaml:2:43: preadvice[0].cargo.packages" in told(batch)[0]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", "{", "it is no JSON"),
        ("a.json", "[]", "an object with lists"),
        ("a.json", '{"preadvice": 7}', "an object with lists"),
        ("a.json", "[" * 100_000, "it is no JSON"),
        ("a.json", b"\xff", "it is no JSON"),
        ("a.csv", b"", "it announces nothing"),
        ("a.xlsx", b"x", "a file .yaml, .csv, .json or .xml is expected"),
        ("a.csv", b"documento\n" + b"x" * (10 * 1024 * 1024), "bytes; 8388608 are allowed"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_file_that_is_no_use_is_told(tmp_path: Path, name: str, content: str | bytes, problem: str) -> None:
    batch = read(tmp_path, name, content)
    assert batch.notices == ()
    assert problem in told(batch)[0]


@given(st.binary(max_size=300))
def test_any_bytes_give_problems_and_no_errors(content: bytes) -> None:
    for reader in (announcing_csv.read, announcing_json.read_json, announcing_guide.read):
        reader(content, "x")
    announcing_csv.read(b"documento;bultos;peso_kg;contenedor\n" + content, "x")


def test_a_table_says_the_size_type_of_each_container() -> None:
    table = (
        "documento;contenedor;tipo_contenedor;peso_kg\n"
        "028-2026-40-00123456;CSQU3054383;22g1;15000\n"
        "028-2026-40-00123456;TEXU3070079;45G1;15000\n"
        "028-2026-40-00555555;TEXU3070079;20DV;15000\n"
    )
    notices, problems = announcing_csv.read(table.encode(), "t.csv")
    assert [problem.code for problem in problems] == ["announce.not_size_type"]
    (notice,) = notices
    assert isinstance(notice, Preadvice)
    assert [notice.of_container(n).size_type for n in ("CSQU3054383", "TEXU3070079")] == ["22G1", "45G1"]
    assert notice.cargo.size_type is None


def test_a_table_tells_the_driver_and_the_procedure(tmp_path: Path) -> None:
    rows = "documento;cédula conductor;procedimiento\n028-2026-40-00123456;171003406-5;te\n"
    batch = read(tmp_path, "avisos.csv", rows)
    assert batch.problems == ()
    assert [(each.driver, each.procedure) for each in batch.notices if isinstance(each, Preadvice)] == [
        ("1710034065", "TE")
    ]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("conductor", "1710034066", "announce.not_driver"),
        ("conductor", "JUAN MORA", "announce.not_driver"),
        ("procedimiento", "TERRESTRE", "announce.not_procedure"),
    ],
)
def test_a_driver_or_procedure_that_is_none_is_told(
    tmp_path: Path, column: str, value: str, code: str
) -> None:
    batch = read(tmp_path, "avisos.csv", f"documento;{column}\n028-2026-40-00123456;{value}\n")
    assert [(each.code, each.line, each.found) for each in batch.problems] == [(code, 2, value)]
