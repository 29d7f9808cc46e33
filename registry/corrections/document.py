"""The document of a correction (CII). **The structure is this project's own.**

Of customs' document only the names of its fields are known, from one terminal's system: DeclarationID,
CarryInOutTypeCode, ConsignmentWarehouseID, ConsignmentItemSequenceNumeric, CommonInformationItemName,
CommonInformationPreviousContent, CommonInformationAfterContent, AmendmentChangeReason. Here each stands where the
parts of its name say:

    DocumentMetadata / Declaration
      ID                             número de entrega of the report that is corrected
      TypeCode IssueDateTime DeclarationOfficeID VersionID Agent/ID       as in the report's own
      CarryInOutTypeCode             I an entry
      Amendment / TypeCode, ChangeReason         the code of a cancellation is unknown
      Consignment / WarehouseID
        CommonInformation …          fields of the report itself
        ConsignmentItem / SequenceNumeric
          CommonInformation / ItemName, PreviousContent, AfterContent
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from lxml import etree

from record.draft import Depot
from record.messages import Phrase
from registry.corrections.correction import Aim, Correction, Line
from registry.reports.document import FORBIDDEN, Documents, NoDocument, child, written_time
from registry.settings import CorrectionRules

OWN_NAMESPACE = "urn:wco:datamodel:EC:CII:1:0:0"
"""The namespace that the project's own schema is written for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The report that is corrected: its kind, and its depot as customs knows it."""

    kind: Literal["IIE", "ISE"]
    depot: Depot


def write(
    correction: Correction,
    lines: Sequence[Line],
    subject: Subject,
    issued_at: datetime,
    rules: CorrectionRules,
    documents: Documents,
) -> bytes:
    """The document's bytes, valid by the schema. Raises `NoDocument` with every reason, `BadSchema`."""
    reasons = list(lacking(correction, lines, subject, rules))
    if reasons:
        raise NoDocument(reasons)
    root = _metadata(correction, lines, subject, issued_at, rules)
    schema = documents.schema("CII", "documents/correction.xsd", OWN_NAMESPACE, rules.namespace)
    fault = documents.fault(root, schema)
    if fault is not None:
        raise NoDocument([Phrase("console.document.invalid", {"what": fault})])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def lacking(
    correction: Correction, lines: Sequence[Line], subject: Subject, rules: CorrectionRules
) -> Iterator[Phrase]:
    """Why a correction cannot be written: nobody knows a code, or no document can hold a text."""
    if subject.kind not in rules.letters:
        yield Phrase("console.correction.no_letter", {"kind": subject.kind})
    if correction.kind is Aim.CANCELLATION and rules.cancellation_code is None:
        yield Phrase("console.correction.no_cancellation_code")
    for line in lines:
        if line.code is None:
            yield Phrase("console.correction.no_code", {"field": line.label})
    texts = [correction.reason, *(text for line in lines for text in (line.before, line.after))]
    if any(FORBIDDEN.search(text) for text in texts):
        yield Phrase("console.correction.characters")


def _metadata(
    correction: Correction,
    lines: Sequence[Line],
    subject: Subject,
    issued_at: datetime,
    rules: CorrectionRules,
) -> etree._Element:
    namespace = rules.namespace
    root = etree.Element(f"{{{namespace}}}DocumentMetadata", nsmap=cast(Any, {None: namespace}))
    declaration = child(root, "Declaration")
    child(declaration, "ID", correction.number)
    child(declaration, "TypeCode", rules.type_code)
    child(declaration, "IssueDateTime", written_time(issued_at))
    child(declaration, "DeclarationOfficeID", subject.depot.district)
    child(declaration, "VersionID", "1.0")
    child(child(declaration, "Agent"), "ID", subject.depot.oce)
    child(declaration, "CarryInOutTypeCode", rules.letters[subject.kind])
    amendment = child(declaration, "Amendment")
    if correction.kind is Aim.CANCELLATION:
        child(amendment, "TypeCode", rules.cancellation_code)
    child(amendment, "ChangeReason", correction.reason)
    consignment = child(declaration, "Consignment")
    child(consignment, "WarehouseID", subject.depot.oce)
    for item in dict.fromkeys(line.item for line in lines):
        place = consignment
        if item is not None:
            place = child(consignment, "ConsignmentItem")
            child(place, "SequenceNumeric", str(item))
        for line in (each for each in lines if each.item == item):
            _information(place, line)
    return root


def _information(place: etree._Element, line: Line) -> None:
    information = child(place, "CommonInformation")
    child(information, "ItemName", line.code)
    child(information, "PreviousContent", line.before)
    child(information, "AfterContent", line.after)
