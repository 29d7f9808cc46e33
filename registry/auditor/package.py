"""One report's ZIP for an auditor, complete in itself.

index.html                     the report in Spanish, to be read
contenido.json                 names each file with its SHA-256, and all keys; signed by the registry
verificar.py                   checks all of it with Python and `cryptography` alone
eventos/SOURCE-SEQUENCE.json   what the gate sent, byte for byte: of the report, and each one's neighbours
acuses/ID.json                 the registry's signed answers, byte for byte
pruebas/SHA256.jpg             the files that the drafts name, as far as they are held
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from jinja2 import Environment
from sqlalchemy import Connection, Row, select

from record.draft import Draft
from record.errors import IieError
from record.event import Event
from record.messages import text
from record.proof import SigningKey, seal, sha256, unwire, wire
from record.upload import FileKind, named
from registry import keyring
from registry.content import read
from registry.evidence import book
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping
from registry.reports.state import State, What
from registry.reports.tables import report_changes, report_keys, reports
from registry.tables import REGISTRY, events, receipts, refusals

FOLDER = resources.files("registry.auditor")
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of each file in the ZIP: the same report gives the same bytes at any time but its page's."""


class NoSuchReport(IieError):
    """No report has or had this number."""

    advice = "registry.no_such_report"


@dataclass(frozen=True, slots=True)
class Piece:
    """An event as it lies in the ZIP; ``own`` says that it is the report's and no neighbour."""

    place: str
    sequence: int
    type: str
    body: bytes
    own: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that a draft names; without a place it is not there, and why."""

    digest: str
    place: str
    picture: bool
    why: str
    body: bytes


def find(connection: Connection, number: str) -> Row[Any]:
    """The report that has a número de entrega, or had it before it was rejected. Raises `NoSuchReport`."""
    had = select(report_keys.c.report).where(report_keys.c.kind == "number", report_keys.c.value == number)
    row = connection.execute(select(reports).where(reports.c.position.in_(had))).one_or_none()
    if row is None:
        raise NoSuchReport(f"no report has the number {number[:40]!r}", number=number[:40])
    return row


def package(
    connection: Connection,
    shelf: Shelf,
    key: SigningKey,
    row: Row[Any],
    now: datetime,
    personal: bool = False,
) -> bytes:
    """The ZIP of a report. What says who the driver is goes in only where ``personal`` is asked for.

    Raises `OSError` where a file of evidence that should be there cannot be read.
    """
    pieces = _events(connection, row.draft)
    owned = [unwire(piece.body)["id"] for piece in pieces if piece.own]
    answers = connection.execute(select(receipts).where(receipts.c.event.in_(owned))).all()
    proofs = _proofs(connection, shelf, row.depot, pieces, personal)
    files = {piece.place: piece.body for piece in pieces}
    files |= {f"acuses/{answer.event}.json": answer.body for answer in answers}
    files |= {proof.place: proof.body for proof in proofs if proof.place}
    files["index.html"] = _page(connection, row, pieces, proofs, key, now).encode()
    files["verificar.py"] = (FOLDER / "verificar.py").read_bytes()
    known = keyring.known(connection)
    owner = f"{row.depot}/{row.gate}"
    manifest = {
        "number": row.delivery_number,
        "report": row.id,
        "at": now.isoformat(),
        "registry_key_id": key.public.id,
        "registry_key": str(key.public),
        "keys": {owner: {name: str(each) for name, each in known.get(owner, {}).items()}},
        "former_registry_keys": [
            str(each) for each in known.get(REGISTRY, {}).values() if each != key.public
        ],
        "events": [piece.place for piece in pieces],
        "receipts": sorted(place for place in files if place.startswith("acuses/")),
        "files": {place: sha256(body) for place, body in sorted(files.items())},
    }
    files["contenido.json"] = wire(seal(manifest, key))
    return _zipped(files)


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(place, EPOCH), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _events(connection: Connection, draft: str | None) -> list[Piece]:
    """The events of a draft, each with the one before and the one after it in its chain."""
    if draft is None:
        return []
    of_draft = select(events.c.source, events.c.sequence).where(events.c.draft == draft)
    own = {(row.source, row.sequence) for row in connection.execute(of_draft)}
    found: dict[tuple[str, int], Piece] = {}
    for source in sorted({source for source, _ in own}):
        wanted = sorted({n + by for of, n in own if of == source for by in (-1, 0, 1)})
        for table in (refusals, events):
            query = select(table.c.sequence, table.c.body).where(
                table.c.source == source, table.c.sequence.in_(wanted)
            )
            if table is refusals:
                query = query.where(refusals.c.authentic)
            for row in connection.execute(query):
                place = f"eventos/{source.strip('/').replace('/', '_')}-{row.sequence:08d}.json"
                kind = str(unwire(row.body).get("type", ""))
                piece = Piece(place, row.sequence, kind, row.body, (source, row.sequence) in own)
                found[source, row.sequence] = piece
    return [found[each] for each in sorted(found)]


def _proofs(
    connection: Connection, shelf: Shelf, depot: str, pieces: Sequence[Piece], personal: bool
) -> list[Proof]:
    wanted: dict[str, FileKind] = {}
    for piece in pieces:
        data = read(Event.from_wire(unwire(piece.body))) if piece.own else None
        if isinstance(data, Draft):
            wanted |= named(data.evidence)
    held = book.entries(connection, depot, wanted)
    return [_proof(shelf, depot, each, wanted[each], held.get(each), personal) for each in sorted(wanted)]


def _proof(
    shelf: Shelf, depot: str, digest: str, kind: FileKind, entry: book.Entry | None, personal: bool
) -> Proof:
    if kind is FileKind.PERSONAL and not personal:
        return Proof(digest, "", False, text("registry.auditor.personal", lang="es"), b"")
    state = entry.state if entry else Keeping.AWAITED
    if entry is None or entry.media_type is None or state is not Keeping.HELD:
        return Proof(digest, "", False, text(f"registry.auditor.{state.value}", lang="es"), b"")
    path = shelf.path(depot, digest, entry.media_type)
    return Proof(digest, f"pruebas/{path.name}", entry.media_type.startswith("image/"), "", path.read_bytes())


def _page(
    connection: Connection,
    row: Row[Any],
    pieces: Sequence[Piece],
    proofs: Sequence[Proof],
    key: SigningKey,
    now: datetime,
) -> str:
    """The page. Everything in it that came from a barcode or a person is escaped."""
    of_report = select(report_changes).where(report_changes.c.report == row.position)
    history = connection.execute(of_report.order_by(report_changes.c.version)).all()
    template = Environment(autoescape=True).from_string((FOLDER / "pagina.html").read_text("utf-8"))
    states = {each.value: text(f"console.state.{each.value}", lang="es") for each in State}
    return template.render(
        row=row,
        history=history,
        events=pieces,
        files=proofs,
        state=states[row.state],
        states=states,
        what={each.value: text(f"console.change.{each.value}", lang="es") for each in What},
        registry_key=str(key.public),
        made_at=now.strftime("%Y-%m-%d %H:%M:%S"),
    )
