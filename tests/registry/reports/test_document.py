"""The e-document: its structure, its schema, what it refuses."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from record.draft import Payload
from registry.reports.document import BadSchema, Documents, NoDocument
from registry.settings import DocumentRules

ISSUED = datetime(2026, 1, 15, 18, 5, tzinfo=UTC)
NUMBER = "99999999202600000001S"
PAYLOAD = {
    "report": "IIE",
    "depot": {"profile": "temporal", "district": "028", "oce": "99999999", "operator_type": "14"},
    "entered_at": "2026-01-15T17:58:12.000Z",
    "document": {"type": "DAE", "number": "02820264000123456"},
    "items": [
        {
            "sequence": 1,
            "container": "CSQU3054383",
            "size_type": "22G1",
            "seals": ["AB123456", "EC99"],
            "description": "BANANO <FRESCO> & CÍA ]]>",
            "packages": 1080,
            "packaging": "035",
            "weight_kg": "21350",
        }
    ],
}
EXPECTED = """<?xml version='1.0' encoding='UTF-8'?>
<DocumentMetadata xmlns="urn:wco:datamodel:EC:IIE:1:0:0">
  <Declaration>
    <ID>99999999202600000001S</ID>
    <TypeCode>031</TypeCode>
    <IssueDateTime>2026-01-15T18:05:00Z</IssueDateTime>
    <DeclarationOfficeID>028</DeclarationOfficeID>
    <VersionID>1.0</VersionID>
    <Agent>
      <ID>99999999</ID>
    </Agent>
    <BorderTransportMeans/>
    <Consignment>
      <TransactionDateTime>2026-01-15T17:58:12Z</TransactionDateTime>
      <CarryInBaseNumberID>02820264000123456</CarryInBaseNumberID>
      <TransportContractDocument>
        <TypeCode>D</TypeCode>
      </TransportContractDocument>
      <ConsignmentItem>
        <TransportEquipment>
          <SequenceNumeric>1</SequenceNumeric>
          <ID>CSQU3054383</ID>
          <CharacteristicCode>22G1</CharacteristicCode>
          <SealID>AB123456</SealID>
          <SealID>EC99</SealID>
        </TransportEquipment>
        <Commodity>
          <Name>BANANO &lt;FRESCO&gt; &amp; CÍA ]]&gt;</Name>
          <CountQuantity>1080</CountQuantity>
          <SizeMeasure>21350</SizeMeasure>
        </Commodity>
        <Packaging>
          <TypeCode>035</TypeCode>
        </Packaging>
      </ConsignmentItem>
    </Consignment>
  </Declaration>
</DocumentMetadata>
"""
ANY_SCHEMA = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:wco:datamodel:EC:IIE:1:0:0">
<xs:element name="DocumentMetadata"><xs:complexType><xs:sequence>
<xs:any minOccurs="{least}" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def payload(**changes) -> Payload:
    item = {**PAYLOAD["items"][0], **changes.pop("item", {})}
    return Payload.from_wire(
        {**PAYLOAD, "items": [{k: v for k, v in item.items() if v is not None}], **changes}
    )


def written(made: Payload, documents: Documents | None = None) -> bytes:
    return (documents or Documents()).write(made, NUMBER, ISSUED)


def test_the_document_is_the_known_structure():
    assert written(payload()).decode() == EXPECTED


def test_an_exit_has_its_own_type_and_namespace():
    root = etree.fromstring(written(payload(report="ISE", exit_reason="return")))
    assert root.tag == "{urn:wco:datamodel:EC:ISE:1:0:0}DocumentMetadata"
    assert root.findtext(".//{*}Declaration/{*}TypeCode") == "032"


def test_several_items_and_loose_cargo():
    items = [
        {**PAYLOAD["items"][0]},
        {
            "sequence": 2,
            "loose": True,
            "description": "CACAO",
            "packages": 3,
            "packaging": "104",
            "weight_kg": "7.50",
        },
    ]
    root = etree.fromstring(written(payload(items=items)))
    second = root.findall(".//{*}ConsignmentItem")[1]
    assert second.find("{*}TransportEquipment/{*}ID") is None
    assert second.findtext("{*}Commodity/{*}SizeMeasure") == "7.5"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"item": {"description": None}}, "Descripción"),
        ({"item": {"packages": None}}, "bultos"),
        ({"item": {"packaging": None}}, "embalaje"),
        ({"item": {"weight_kg": None}}, "Peso"),
        ({"item": {"description": "a\x07b"}}, "caracteres"),
        ({"item": {"seals": ["\x00"]}}, "caracteres"),
        ({"document": None}, "documento base"),
        ({"document": {"type": "TRS", "number": "123"}}, "TRS"),
        ({"document": {"type": "DAE", "number": "028-2026"}}, "esquema"),
        ({"item": {"description": ""}}, "esquema"),
    ],
)
def test_what_cannot_be_written_is_told(changes, said):
    if changes.get("document", 1) is None:
        made = payload().model_copy(update={"document": None})
    else:
        made = payload(**changes)
    with pytest.raises(NoDocument) as told:
        written(made)
    assert any(said in phrase.text("es") for phrase in told.value.phrases)


def test_what_customs_alone_knows_is_the_operators_to_set():
    rules = DocumentRules(
        letters={"DAE": "D", "TRS": "T"},
        container_element="EquipmentID",
        namespaces={"IIE": "urn:x", "ISE": "urn:y"},
    )
    with pytest.raises(NoDocument, match="EquipmentID"):
        written(payload(), Documents(rules))
    plain = payload(item={"container": None, "size_type": None}, document={"type": "TRS", "number": "123"})
    root = etree.fromstring(written(plain, Documents(rules)))
    assert root.tag == "{urn:x}DocumentMetadata"
    assert root.findtext(".//{*}TransportContractDocument/{*}TypeCode") == "T"


@pytest.fixture
def schemas(tmp_path: Path) -> Documents:
    (tmp_path / "xsd").mkdir()
    return Documents(DocumentRules(schema_folder="xsd"), tmp_path)


def test_the_operators_own_schema_decides(schemas, tmp_path):
    own = tmp_path / "xsd" / "EC_IIE_0p1.03.xsd"
    own.write_text(ANY_SCHEMA.format(least=1))
    assert written(payload(), schemas)
    own.write_text(ANY_SCHEMA.format(least=9))
    with pytest.raises(NoDocument):
        written(payload(), schemas)
    assert written(payload(report="ISE"), schemas), "without one for the ISE the project's own holds"


def test_a_schema_that_is_none_or_two_is_told(schemas, tmp_path):
    own = tmp_path / "xsd" / "EC_IIE.xsd"
    for broken in ("no xml", "<a/>", ANY_SCHEMA.format(least=1)[:200]):
        own.write_text(broken)
        with pytest.raises(BadSchema, match="EC_IIE"):
            written(payload(), schemas)
    own.write_text(ANY_SCHEMA.format(least=1))
    (tmp_path / "xsd" / "IIE-old.xsd").write_text(ANY_SCHEMA.format(least=1))
    with pytest.raises(BadSchema, match="more than one"):
        written(payload(), schemas)


def test_a_schema_opens_no_other_file(schemas, tmp_path):
    """What an entity names is not read: here it would have made the schema one that nothing fits."""
    other = tmp_path / "other"
    other.write_text('<xs:attribute xmlns:xs="http://www.w3.org/2001/XMLSchema" name="a" use="required"/>')
    text = ANY_SCHEMA.format(least=1).replace(
        "<xs:schema", f'<!DOCTYPE s [<!ENTITY e SYSTEM "{other.as_uri()}">]><xs:schema', 1
    )
    text = text.replace("</xs:sequence></xs:complexType>", "</xs:sequence>&e;</xs:complexType>")
    (tmp_path / "xsd" / "IIE.xsd").write_text(text)
    with contextlib.suppress(BadSchema):
        assert written(payload(), schemas)


@given(
    description=st.text(min_size=1, max_size=60),
    seals=st.lists(st.text(min_size=1, max_size=14), max_size=4),
    kg=st.decimals("0.01", 99999, places=2),
)
def test_whatever_stands_in_a_field_comes_back_or_is_told(description, seals, kg):
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in description + "".join(seals)):
        return
    made = payload(item={"description": description, "seals": seals, "weight_kg": str(kg)})
    try:
        root = etree.fromstring(written(made))
    except NoDocument:
        return
    assert root.findtext(".//{*}Commodity/{*}Name") == description
    assert [each.text for each in root.findall(".//{*}SealID")] == seals
    assert Decimal(root.findtext(".//{*}SizeMeasure")) == kg
