"""The base document that an identifier or a text names: one table for what is scanned and what is announced."""

from __future__ import annotations

from record.draft import BaseDocument, DocumentType
from record.identifiers import base_document, dae
from record.identifiers.identifier import Identifier, Kind

TYPES = {
    Kind.DAE: DocumentType.DAE,
    Kind.DAS: DocumentType.DAS,
    Kind.DJT: DocumentType.DJT,
    Kind.TRS: DocumentType.TRS,
}


def of_identifier(identifier: Identifier) -> BaseDocument | None:
    """The document that an identifier is, None where it is none.

    The letters of a DAS, DJT or TRS are its type, not its number.
    """
    if identifier.kind not in TYPES:
        return None
    return BaseDocument(type=TYPES[identifier.kind], number=base_document.number(identifier))


def courier(document: BaseDocument) -> BaseDocument | None:
    """The DAS that a DAE's number may be too, where its regime is one of courier or post."""
    found = base_document.courier(dae.parse(document.number)) if document.type is DocumentType.DAE else None
    return of_identifier(found) if found is not None else None


def of_text(text: str) -> BaseDocument | None:
    """A DAE, or a DAS, DJT or TRS by its letters; None for anything else."""
    return of_identifier(dae.parse(text)) or of_identifier(base_document.parse(text))
