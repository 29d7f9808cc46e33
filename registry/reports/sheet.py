"""Lists of reports for other programs: CSV as a spreadsheet opens it, JSON as a program does.

A text that a spreadsheet would take for a formula (= + - @, tab, carriage return) is led by an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from record.base import timestamp
from record.messages import text
from registry.numbers import ECUADOR

COLUMNS = (
    "delivery_number",
    "kind",
    "state",
    "entered_at",
    "document_type",
    "document_number",
    "container",
    "items",
    "packages",
    "weight_kg",
    "description",
    "depot",
    "gate",
    "lane",
    "simulated",
    "id",
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
MOMENT = "%Y-%m-%d %H:%M:%S"
BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


def json_of(row: Row[Any]) -> dict[str, Any]:
    """A report as an object; times are UTC."""
    return {
        "id": row.id,
        "delivery_number": row.delivery_number,
        "kind": row.report,
        "state": row.state,
        "version": row.version,
        "depot": row.depot,
        "gate": row.gate,
        "lane": row.lane,
        "draft": row.draft,
        "entered_at": timestamp(row.entered_at),
        "received_at": timestamp(row.received_at),
        "changed_at": timestamp(row.changed_at),
        "document": None
        if row.document_number is None
        else {"type": row.document_type, "number": row.document_number},
        "container": row.container,
        "items": row.items,
        "packages": row.packages,
        "weight_kg": row.weight_kg,
        "description": row.description,
        "open_matters": row.open_matters,
        "simulated": row.simulated,
    }


def csv_of(rows: Iterable[Row[Any]], language: str) -> Iterator[str]:
    """Lines of a CSV file (RFC 4180) with a head; times as Ecuador's clock shows them."""
    yield BOM + _line(head(language))
    for row in rows:
        yield _line([harmless(value) for value in _cells(row, language)])


def head(language: str) -> list[str]:
    """The names of the columns, with the unit where there is one."""
    names = {name: text(f"console.column.{name}", lang=language) for name in COLUMNS}
    return [f"{words} (kg)" if name == "weight_kg" else words for name, words in names.items()]


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def values_of(row: Row[Any], language: str) -> dict[str, Any]:
    """What the columns hold; the time without a zone, as Ecuador's clock showed it."""
    return {
        **row._mapping,
        "kind": row.report,
        "state": text(f"console.state.{row.state}", lang=language),
        "entered_at": row.entered_at.astimezone(ECUADOR).replace(tzinfo=None),
        "simulated": text("console.yes", lang=language) if row.simulated else "",
    }


def _cells(row: Row[Any], language: str) -> list[str]:
    values = values_of(row, language)
    values["entered_at"] = values["entered_at"].strftime(MOMENT)
    return ["" if values[name] is None else printable(str(values[name])) for name in COLUMNS]


def printable(value: str) -> str:
    """A text without characters that no eye can see, and that no XML holds."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in value)


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
