"""The numbers of drivers' tickets, one for each visit, and their barcodes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from gateway.database import Migrations
from gateway.outbox.file import OutboxFile
from record.base import timestamp
from record.identifiers.ticket import PREFIX, written

migrations = Migrations("tickets")
PATH = re.compile(r'<svg width="(\d+)" height="(\d+)".*?<path d="([MHVhvzZ0-9 .-]+)"', re.DOTALL)


@migrations
def m001_tickets(db: Connection) -> None:
    """The numbers that were given, one a visit."""
    db.execute(
        "CREATE TABLE tickets (number INTEGER PRIMARY KEY AUTOINCREMENT, visit TEXT NOT NULL UNIQUE, at TEXT NOT NULL)"
    )


@dataclass(frozen=True, slots=True)
class Bars:
    """A barcode as SVG draws it: black bars in modules, with the quiet zone at both ends (ISO/IEC 15417, 4.2)."""

    width: int
    height: int
    path: str


class Tickets:
    """The numbers of one gate. Every method may be called from any thread."""

    def __init__(self, file: OutboxFile) -> None:
        self._file = file
        with file.writing() as db:
            migrations.apply(db)

    def of(self, visit: str, now: datetime) -> str:
        """The text of a visit's ticket, the same each time. Raises `OutboxBroken`."""
        with self._file.writing(durable=True) as db:
            known = db.execute("SELECT number FROM tickets WHERE visit = ?", [visit]).fetchone()
            if known is None:
                db.execute("INSERT INTO tickets (visit, at) VALUES (?, ?)", [visit, timestamp(now)])
                known = db.execute("SELECT number FROM tickets WHERE visit = ?", [visit]).fetchone()
        return written(PREFIX, known[0])

    def known(self, visit: str) -> str | None:
        """The ticket that a visit has already."""
        rows = self._file.read("SELECT number FROM tickets WHERE visit = ?", [visit])
        return written(PREFIX, rows[0][0]) if rows else None


def bars(text: str) -> Bars:
    """A text in Code 128. Raises `ValueError` for one that the code cannot hold."""
    import zxingcpp

    made = zxingcpp.write_barcode_to_svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128))
    found = PATH.search(made)
    if found is None:
        raise ValueError(f"no barcode could be drawn for {text!r}")
    return Bars(int(found[1]), int(found[2]), found[3])
