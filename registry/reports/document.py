"""The e-document of a report: XML of the "WCO data model, Ecuador", as two operators' systems are known to send it.

    DocumentMetadata / Declaration
      ID                             número de entrega
      TypeCode                       031 entry, 032 exit
      IssueDateTime                  of the export, UTC
      DeclarationOfficeID            customs district
      VersionID                      1.0
      Agent / ID                     OCE code of the depot
      BorderTransportMeans           empty
      Consignment
        TransactionDateTime          of the entry, UTC
        CarryInBaseNumberID          number of the base document
        TransportContractDocument / TypeCode       its letter: D for a DAE
        ConsignmentItem              one a container or lot
          TransportEquipment / SequenceNumeric, ID, CharacteristicCode, SealID × 4
          Commodity / Name, CountQuantity, SizeMeasure
          Packaging / TypeCode

What only customs knows is the operator's to set: namespaces, the letters of other documents, the element names of
container and size-type. The same report issued at the same time has the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from lxml import etree

from record.draft import Item, Payload
from record.errors import IieError
from record.messages import Phrase
from record.shipped import find
from registry.settings import DocumentRules, RegistryFile

OWN_NAMESPACE = "urn:wco:datamodel:EC:IIE:1:0:0"
"""The namespace that the project's own schema is written for."""

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (2.2)."""


class BadSchema(IieError):
    """The operator's schema cannot be used; the message names the file."""

    advice = "console.document.bad_schema"


class NoDocument(IieError):
    """A report that cannot be written as a document; ``phrases`` tell why."""

    advice = "console.document.none"

    def __init__(self, phrases: list[Phrase]) -> None:
        super().__init__("; ".join(phrase.text("en") for phrase in phrases))
        self.phrases = phrases


@dataclass(frozen=True, slots=True)
class Documents:
    """How one registry writes documents. ``folder`` is where its settings lie."""

    rules: DocumentRules = field(default_factory=DocumentRules)
    folder: Path = field(default_factory=Path)

    @classmethod
    def of(cls, file: RegistryFile, folder: Path) -> Documents:
        """By the settings."""
        return cls(file.documents, folder)

    def write(self, payload: Payload, number: str, issued_at: datetime) -> bytes:
        """The document's bytes, valid by the schema. Raises `NoDocument` with every reason, `BadSchema`."""
        reasons = list(_lacking(payload, self.rules))
        if reasons:
            raise NoDocument(reasons)
        root = _metadata(payload, number, issued_at, self.rules)
        kind = payload.report.value
        schema = self.schema(kind, "documents/report.xsd", OWN_NAMESPACE, _namespace(self.rules, kind))
        fault = self.fault(root, schema)
        if fault is not None:
            raise NoDocument([Phrase("console.document.invalid", {"what": fault})])
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)

    def schema_file(self, kind: str) -> Path | None:
        """The operator's own schema of a kind of report, where it lies in the folder. Raises `BadSchema`."""
        if self.rules.schema_folder is None:
            return None
        folder = self.folder / self.rules.schema_folder
        found = sorted(path for path in folder.glob("*.xsd") if kind in path.name.upper())
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise BadSchema(f"{folder}: more than one schema for {kind}: {names}")
        return found[0] if found else None

    def fault(self, root: etree._Element, schema: etree.XMLSchema) -> str | None:
        """What a schema first finds wrong in a document, with its line; None where nothing is."""
        try:
            schema.assertValid(etree.fromstring(etree.tostring(root, pretty_print=True), parser()))
        except etree.DocumentInvalid as error:
            return str(error)[:400]
        return None

    def schema(self, kind: str, shipped: str, own_namespace: str, namespace: str) -> etree.XMLSchema:
        """The operator's schema of a kind of document, else the shipped one for a namespace. Raises `BadSchema`."""
        own = self.schema_file(kind)
        path = own or find(shipped)
        try:
            text = path.read_bytes()
            if own is None:
                text = text.replace(own_namespace.encode(), namespace.encode())
            return etree.XMLSchema(etree.fromstring(text, parser(), base_url=str(path)))
        except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
            raise BadSchema(f"{path}: {error}") from error


def parser() -> etree.XMLParser:
    """A parser that opens nothing but what it is given."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _namespace(rules: DocumentRules, kind: str) -> str:
    return rules.namespaces[kind]


def _lacking(payload: Payload, rules: DocumentRules) -> list[Phrase]:
    """Why a payload cannot be written: something is not there, or no document can hold it."""
    found = []
    if payload.document is None:
        found.append(Phrase("console.document.no_document"))
    elif payload.document.type.value not in rules.letters:
        found.append(Phrase("console.document.no_letter", {"type": payload.document.type.value}))
    for item in payload.items:
        names = ("description", "packages", "packaging", "weight_kg")
        for name in (each for each in names if getattr(item, each) is None):
            params = {"field": Phrase(f"console.field.{name}"), "item": item.sequence}
            found.append(Phrase("console.document.lacks", params))
        texts = [item.description or "", *item.seals]
        if any(FORBIDDEN.search(text) for text in texts):
            found.append(Phrase("console.document.characters", {"item": item.sequence}))
    return found


def _metadata(payload: Payload, number: str, issued_at: datetime, rules: DocumentRules) -> etree._Element:
    namespace = _namespace(rules, payload.report.value)
    root = etree.Element(f"{{{namespace}}}DocumentMetadata", nsmap=cast(Any, {None: namespace}))
    declaration = child(root, "Declaration")
    child(declaration, "ID", number)
    child(declaration, "TypeCode", payload.report.type_code)
    child(declaration, "IssueDateTime", written_time(issued_at))
    child(declaration, "DeclarationOfficeID", payload.depot.district)
    child(declaration, "VersionID", "1.0")
    child(child(declaration, "Agent"), "ID", payload.depot.oce)
    child(declaration, "BorderTransportMeans")
    consignment = child(declaration, "Consignment")
    child(consignment, "TransactionDateTime", written_time(payload.entered_at))
    if payload.document is not None:
        child(consignment, "CarryInBaseNumberID", payload.document.number)
        letter = rules.letters[payload.document.type.value]
        child(child(consignment, "TransportContractDocument"), "TypeCode", letter)
    for item in payload.items:
        _item(child(consignment, "ConsignmentItem"), item, rules)
    return root


def _item(place: etree._Element, item: Item, rules: DocumentRules) -> None:
    equipment = child(place, "TransportEquipment")
    child(equipment, "SequenceNumeric", str(item.sequence))
    if item.container is not None:
        child(equipment, rules.container_element, item.container)
    if item.size_type is not None:
        child(equipment, rules.size_element, item.size_type)
    for seal in item.seals:
        child(equipment, "SealID", seal)
    commodity = child(place, "Commodity")
    child(commodity, "Name", item.description or "")
    child(commodity, "CountQuantity", str(item.packages))
    child(commodity, "SizeMeasure", _kilograms(item.weight_kg))
    child(child(place, "Packaging"), "TypeCode", item.packaging or "")


def child(place: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """An element of the same namespace as the one that it stands in."""
    made = etree.SubElement(place, f"{{{etree.QName(place).namespace}}}{name}")
    made.text = text
    return made


def written_time(moment: datetime) -> str:
    """A moment as these documents write it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _kilograms(weight: Decimal | None) -> str:
    """Digits without an exponent and without zeros behind the point."""
    written = format(weight or Decimal(0), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
