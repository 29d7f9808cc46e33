"""The drafts that a registry holds, as JSON values for machines and as a table for people."""

from __future__ import annotations

from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from sqlalchemy import Connection, Row, func, select

from record.base import timestamp
from record.messages import text
from registry.numbers import ECUADOR
from registry.tables import drafts, events

Json = dict[str, Any]
Side = Literal["left", "right"]


def listed(connection: Connection) -> list[Json]:
    """One object a draft with its latest revision, in the order of their receipt."""
    counts = (
        select(events.c.draft, func.count().label("events"))
        .where(events.c.draft.is_not(None))
        .group_by(events.c.draft)
        .subquery()
    )
    query = (
        select(drafts, counts.c.events)
        .join(counts, counts.c.draft == drafts.c.draft)
        .order_by(drafts.c.position)
    )
    return [_object(row) for row in connection.execute(query)]


def _object(row: Row[Any]) -> Json:
    document = None
    if row.document_number is not None:
        document = {"type": row.document_type, "number": row.document_number}
    return {
        "delivery_number": row.delivery_number,
        "report": row.report,
        "dae": row.document_number if row.document_type == "DAE" else None,
        "document": document,
        "container": row.container,
        "size_type": row.size_type,
        "weight_kg": row.weight_kg,
        "packages": row.packages,
        "packaging": row.packaging,
        "description": row.description,
        "status": row.status,
        "depot": row.depot,
        "gate": row.gate,
        "lane": row.lane,
        "draft": row.draft,
        "revision": row.revision,
        "visit": row.visit,
        "received_at": timestamp(row.received_at),
        "entered_at": timestamp(row.entered_at),
        "simulated": row.simulated,
        "events": row.events,
    }


ALWAYS = ("number", "document", "container", "weight", "status")
WIDE = ("number", "entered", "document", "container", "weight", "packages", "status", "gate")
"""Columns for every terminal, and for one of at least `WIDE_COLUMNS` characters."""

WIDE_COLUMNS = 130


def table(connection: Connection, language: str, width: int = WIDE_COLUMNS) -> Table:
    """The same for a terminal of so many characters: what a clerk looks for first, times as in Ecuador.

    What has to be copied (number, document, container) is never broken over lines; all of a narrow one fits into
    80 characters.
    """
    names = WIDE if width >= WIDE_COLUMNS else ALWAYS
    drawn = Table(
        title=text("registry.list.title", lang=language),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0) if width >= WIDE_COLUMNS else 0,
        pad_edge=False,
    )
    for name in names:
        side: Side = "right" if name in ("weight", "packages") else "left"
        drawn.add_column(text(f"registry.list.{name}", lang=language), justify=side, no_wrap=name != "gate")
    query = select(drafts).order_by(drafts.c.position)
    for row in connection.execute(query):
        cells = _cells(row, language)
        drawn.add_row(*(_plain(cells[name]) for name in names))
    return drawn


def _cells(row: Row[Any], language: str) -> dict[str, str]:
    return {
        "number": row.delivery_number,
        "entered": row.entered_at.astimezone(ECUADOR).strftime("%Y-%m-%d %H:%M"),
        "document": f"{row.document_type} {row.document_number}" if row.document_number else "–",
        "container": row.container or "–",
        "weight": "–" if row.weight_kg is None else f"{row.weight_kg} kg",
        "packages": "–" if row.packages is None else str(row.packages),
        "status": text(f"registry.status.{row.status}", lang=language),
        "gate": f"{row.depot}/{row.gate}/{row.lane}",
    }


def _plain(cell: str) -> str:
    """Without control characters, and without rich's markup: what came from a barcode draws nothing."""
    return "".join(c if c.isprintable() else "·" for c in cell).replace("[", r"\[")
