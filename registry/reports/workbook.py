"""Lists of reports as a workbook (XLSX, ISO/IEC 29500): each cell has its type, so no text is taken for a formula."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from sqlalchemy import Row

from record.messages import text
from registry.reports.sheet import COLUMNS, head, printable, values_of

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = Font(bold=True)
WIDTHS = {"delivery_number": 24, "entered_at": 20, "document_number": 20, "description": 40, "id": 38}
"""Of columns that hold long texts, in characters."""

FIRST_YEAR = 1901
"""Spreadsheets count days from 1900 on."""

LONGEST = 32_000
"""Characters of a cell: a spreadsheet program holds 32,767."""


def xlsx_of(rows: Iterable[Row[Any]], language: str, file: IO[bytes]) -> None:
    """A workbook (ISO/IEC 29500) with a head that stays; numbers are numbers, times are Ecuador's."""
    book = Workbook(write_only=True)
    page = book.create_sheet(text("console.nav.reports", lang=language))
    page.freeze_panes = "A2"
    for place, name in enumerate(COLUMNS):
        page.column_dimensions[chr(ord("A") + place)].width = WIDTHS.get(name, 14)
    page.append([cell_of(page, words, HEAD) for words in head(language)])
    for row in rows:
        values = values_of(row, language)
        page.append([cell_of(page, values[name]) for name in COLUMNS])
    book.save(file)


def cell_of(page: WriteOnlyWorksheet, value: Any, font: Font | None = None) -> Cell:
    """A cell of the value's own type; openpyxl would make a formula of a text that begins with ``=``."""
    if isinstance(value, datetime) and value.year < FIRST_YEAR:
        value = value.isoformat(" ")
    cell = WriteOnlyCell(page, printable(value[:LONGEST]) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    if font is not None:
        cell.font = font
    return cell
