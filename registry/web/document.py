"""The e-document of a report: as a file, many as a ZIP, and field by field to be copied into Ecuapass."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from tempfile import SpooledTemporaryFile

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from record.draft import Item, Payload, ReportKind
from record.errors import BadRecord
from record.identifiers import dae
from record.messages import Phrase
from registry.database import writing
from registry.numbers import ECUADOR
from registry.people import trail
from registry.people.trail import Action
from registry.reports.document import BadSchema, NoDocument
from registry.reports.office import NoReport, NotNow
from registry.reports.state import State
from registry.web.desk import AtDesk
from registry.web.issued import issued_or_told
from registry.web.problem import Problem
from registry.web.search import everything, pieces
from registry.web.visitor import Seer, address_of

router = APIRouter(include_in_schema=False)

MOST_IN_ZIP = 1000
IN_MEMORY = 4 * 1024 * 1024
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """One field to be copied: what it is called, and what goes in."""

    label: Phrase
    value: str
    item: int | None = None


@router.get("/reports/{report}/document.xml")
def document(request: Request, desk: AtDesk, who: Seer, report: str) -> Response:
    """The document of a report that has been exported."""
    with issued_or_told():
        name, body = desk.office.document(report, who)
    with writing(desk.engine) as connection:
        trail.note(connection, desk.clock(), who, Action.DOCUMENT, report, address_of(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/xml", headers=headers)


@router.get("/reports.zip")
def documents(request: Request, desk: AtDesk, who: Seer) -> Response:
    """The documents of all exported reports that were looked for, in one ZIP; at most a thousand."""
    rows = islice(everything(request, desk, who, "zip"), MOST_IN_ZIP)
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in (each for each in rows if State(each.state).has_left):
            try:
                archive.writestr(*desk.office.document(row.id, who))
            except (NoReport, NotNow, NoDocument, BadSchema) as error:
                archive.writestr(f"{row.report}-{row.delivery_number}.txt", f"{error}\n")
    headers = {"Content-Disposition": 'attachment; filename="informes.zip"'}
    return StreamingResponse(pieces(file), media_type="application/zip", headers=headers)


@router.get("/reports/{report}/copy")
def copy(request: Request, desk: AtDesk, who: Seer, report: str) -> Response:
    """The fields in the order of the form, each with a key to copy it and a box to tick."""
    try:
        seen = desk.office.see(report, who)
        payload = seen.report.document()
    except NoReport:
        raise Problem(404, "not_found") from None
    except BadRecord as error:
        raise Problem(409, "why", what=str(error)) from None
    steps = list(_steps(payload, seen.report.delivery_number))
    return desk.pages.render(request, "copy.html", {"report": seen.report, "steps": steps})


def _steps(payload: Payload, number: str) -> Iterator[Step]:
    entered = payload.entered_at.astimezone(ECUADOR).strftime("%d/%m/%Y %H:%M:%S")
    yield Step(Phrase("console.copyview.number"), number)
    yield Step(Phrase("console.copyview.kind"), f"{payload.report.type_code}")
    yield Step(Phrase("console.copyview.district"), payload.depot.district)
    yield Step(Phrase("console.copyview.oce"), payload.depot.oce)
    yield Step(
        Phrase("console.field.left_at" if payload.report is ReportKind.EXIT else "console.field.entered_at"),
        entered,
    )
    if payload.document is not None:
        yield Step(Phrase("console.field.document_type"), payload.document.type.value)
        yield Step(Phrase("console.field.document_number"), payload.document.number)
        if payload.document.type.value == "DAE" and len(payload.document.number) == dae.LENGTH:
            written = dae.written(payload.document.number)
            yield Step(Phrase("console.copyview.written"), written)
    if payload.exit_reason is not None:
        yield Step(Phrase("console.field.exit_reason"), payload.exit_reason.value)
    for item in payload.items:
        yield from _item_steps(item)


def _item_steps(item: Item) -> Iterator[Step]:
    yield Step(Phrase("console.copyview.sequence"), str(item.sequence), item.sequence)
    if item.container is not None:
        yield Step(Phrase("console.field.container"), item.container, item.sequence)
    if item.size_type is not None:
        yield Step(Phrase("console.field.size_type"), item.size_type, item.sequence)
    for place, seal in enumerate(item.seals, 1):
        yield Step(Phrase("console.copyview.seal", {"number": place}), seal, item.sequence)
    yield Step(Phrase("console.field.description"), item.description or "", item.sequence)
    yield Step(Phrase("console.field.packages"), str(item.packages or ""), item.sequence)
    yield Step(Phrase("console.field.weight_kg"), str(item.weight_kg or ""), item.sequence)
    yield Step(Phrase("console.field.packaging"), item.packaging or "", item.sequence)
