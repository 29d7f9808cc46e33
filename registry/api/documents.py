"""Base documents for other programs: declared and announced against received, over all reports of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from record.base import timestamp
from registry.api.answer import refusals, told
from registry.api.caller import Guarded, Reader
from registry.api.models import Words
from registry.daes import book
from registry.daes.book import Declaration
from registry.daes.ledger import Amount, Ledger, ledger
from registry.database import reading
from registry.web.desk import AtDesk
from registry.web.problem import Problem

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=Guarded)

LARGEST = 2**31 - 1
Before = Annotated[int | None, Field(ge=1, le=LARGEST, description="`next` of the page before")]


class Named(BaseModel):
    """A base document that a report or an announcement of a depot names."""

    id: str
    depot: str
    type: str = Field(examples=["DAE"])
    number: str
    regularised_at: str | None = Field(description="when customs has closed it; null while it is open")


class Documents(BaseModel):
    """Some of the documents found, the newest met first."""

    documents: list[Named]
    next: int | None = Field(description="`before` of the next page; null on the last")


class Asked(BaseModel):
    """What is looked for: a number or the beginning of one, however it is written."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[Words, StringConstraints(min_length=1)]
    before: Before = None


class Cargo(BaseModel):
    """So much cargo; null where it is not known."""

    packages: int | None
    weight_kg: int | None
    containers: int | None
    lacks: int = Field(description="reports that do not say their packages or weight yet")


class Difference(BaseModel):
    """Received less declared."""

    count: int
    percent: float


class Whole(Named):
    """One document as it adds up."""

    declared: Cargo = Field(description="what people know of the declaration")
    announced: Cargo | None
    received: Cargo
    approved: Cargo = Field(description="of what was received, in reports that customs has approved")
    left: Cargo
    differences: dict[str, Difference | None] = Field(description="packages, weight_kg, boxes")
    reports: list[str] = Field(description="ids, the first entry first; a thousand at most")
    more: bool = Field(description="there are more reports than these")


def document_id(document: Annotated[str, Path(description="id of a base document")]) -> str:
    """An id that could be one. Raises `Problem` 404 for anything else, as for one that is not there."""
    if len(document) != 36 or not all(letter in "0123456789abcdef-" for letter in document):
        raise Problem(404, "not_found")
    return document


@router.get("", response_model=Documents, responses=refusals())
def list_documents(
    request: Request,
    desk: AtDesk,
    caller: Reader,
    before: Annotated[int | None, Query(ge=1, le=LARGEST, description="`next` of the page before")] = None,
) -> Response:
    """Base documents, the newest met first."""
    return _page(request, desk, caller, "", before)


@router.post("/search", response_model=Documents, responses=refusals(400, 413))
def search_documents(request: Request, desk: AtDesk, caller: Reader, asked: Asked) -> Response:
    """Base documents by the beginning of their number, which stands in the body alone."""
    return _page(request, desk, caller, asked.number, asked.before)


@router.get("/{document}", response_model=Whole, responses=refusals(404))
def read_document(
    request: Request, desk: AtDesk, caller: Reader, document: Annotated[str, Depends(document_id)]
) -> Response:
    """One document: declared, announced, received, approved and left, with its reports."""
    with reading(desk.engine) as connection:
        found = book.find(connection, document)
        if found is None or not caller.who.sees(found.depot):
            raise Problem(404, "not_found")
        return told(request, _whole(found, ledger(connection, found)))


def _page(request: Request, desk: AtDesk, caller: Reader, number: str, before: int | None) -> Response:
    with reading(desk.engine) as connection:
        found, more = book.page(connection, caller.who, number, before)
    return told(
        request, Documents(documents=[Named.model_validate(_named(each)) for each in found], next=more)
    )


def _named(found: Declaration) -> dict[str, str | None]:
    closed = found.regularised_at
    return {
        "id": found.id,
        "depot": found.depot,
        "type": found.type,
        "number": found.number,
        "regularised_at": timestamp(closed) if closed else None,
    }


def _whole(found: Declaration, sums: Ledger) -> Whole:
    differences = {
        name: None if value is None else Difference(count=value[0], percent=round(value[1], 2))
        for name, value in sums.differences().items()
    }
    return Whole.model_validate(
        {
            **_named(found),
            "declared": _cargo(sums.declared),
            "announced": _cargo(sums.announced) if sums.announced else None,
            "received": _cargo(sums.received),
            "approved": _cargo(sums.approved),
            "left": _cargo(sums.left),
            "differences": differences,
            "reports": [row.id for row in sums.reports],
            "more": sums.more,
        }
    )


def _cargo(amount: Amount) -> Cargo:
    return Cargo(
        packages=amount.packages, weight_kg=amount.weight_kg, containers=amount.boxes, lacks=amount.lacks
    )
