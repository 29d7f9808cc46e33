"""The base document that a text of a file names."""

from __future__ import annotations

from record.draft import BaseDocument, DocumentType
from record.identifiers import base_document, dae
from record.identifiers.identifier import Kind

TYPES = {
    Kind.DAE: DocumentType.DAE,
    Kind.DAS: DocumentType.DAS,
    Kind.DJT: DocumentType.DJT,
    Kind.TRS: DocumentType.TRS,
}


def of_text(text: str) -> BaseDocument | None:
    """A DAE, or a DAS, DJT or TRS by its letters; None for anything else."""
    for found in (dae.parse(text), base_document.parse(text)):
        if found.kind in TYPES:
            return BaseDocument(type=TYPES[found.kind], number=base_document.number(found))
    return None
