"""Files of evidence from gates: asked for, brought, continued after a break.

    signature ─▶ named by a draft of that depot? ─▶ room on the disk? ─▶ piece by piece ─▶ hash ─▶ kind ─▶ held

The order is that of the cost: nothing of a body is read before its headers have proven whose it is. What has
arrived of a cut connection stays, and the gate goes on from there.
"""

from __future__ import annotations

import errno
import hashlib
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from record.errors import BadProof, BadRecord
from record.proof import PublicKey
from record.topics import Gate
from record.upload import DIGEST, MAX_BYTES, PATH, Span, digest_header, verified
from registry import keyring
from registry.database import reading
from registry.evidence import book
from registry.evidence.media import TAKEN, media_type
from registry.evidence.shelf import OtherFile, Part, PartInUse, Shelf
from registry.evidence.tables import Keeping
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem

log = logging.getLogger(__name__)

router = APIRouter(tags=["evidence"])

OFFSET = "Upload-Offset"
RETRY = {"Retry-After": "5"}
WITHOUT_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def sender(request: Request, desk: AtDesk, digest: str) -> Gate:
    """The gate that has signed a request."""
    if DIGEST.fullmatch(digest) is None:
        raise Problem(404, "not_found")
    owners: dict[str, Gate] = {}

    def key(name: str) -> PublicKey | None:
        with reading(desk.engine) as connection:
            found = keyring.gate_of(connection, desk.settings.file, name)
        if found is None:
            return None
        owners[name], public = found
        return public

    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        signed = verified(request.method, PATH + digest, headers, key, desk.clock())
    except BadProof as error:
        log.warning("evidence: %s %s: %s", request.method, digest, error)
        raise Problem(401, "unsigned", what=str(error)) from error
    return owners[signed.key]


Sender = Annotated[Gate, Depends(sender)]


@router.head(PATH + "{digest}", status_code=200)
def ask(desk: AtDesk, gate: Sender, digest: str) -> Response:
    """Whether a file is held: 200; not yet: 404 with the bytes that are there; erased: 410; refused: 415."""
    found = _entry(desk, gate, digest)
    if found is None:
        return Response(status_code=404)
    status = {Keeping.HELD: 200, Keeping.ERASED: 410, Keeping.REFUSED: 415, Keeping.AWAITED: 404}[found.state]
    arrived = Shelf(desk.settings.evidence).arrived(gate.depot, digest) if status == 404 else found.size
    return Response(status_code=status, headers={OFFSET: str(arrived or 0)})


@router.put(PATH + "{digest}", status_code=201)
async def bring(request: Request, desk: AtDesk, gate: Sender, digest: str) -> Response:
    """Take a file, or the rest of one, in."""
    span = _span(request)
    found = await run_in_threadpool(_entry, desk, gate, digest)
    if found is None:
        raise Problem(404, "evidence_not_named")
    if found.state is not Keeping.AWAITED:
        return Response(status_code=200 if found.state is Keeping.HELD else 410)
    shelf = Shelf(desk.settings.evidence)
    try:
        if shelf.free_bytes() < desk.settings.file.evidence.min_free_mb * 1_000_000 + span.length:
            raise _no_room()
        with shelf.part(gate.depot, digest) as part:
            await _receive(request, part, span)
            await run_in_threadpool(_keep, desk, gate, found, shelf, part)
    except PartInUse as error:
        raise Problem(409, "evidence_in_use", RETRY) from error
    except OtherFile as error:
        log.warning("evidence: %s/%s: %s", gate.depot, gate.gate, error)
        raise Problem(422, "evidence_other_file", what=str(error)) from error
    except OSError as error:
        log.error("evidence: %s cannot be written: %s", digest, error)
        raise (_no_room() if error.errno in WITHOUT_ROOM else Problem(503, "evidence_disk", RETRY)) from error
    return Response(status_code=201)


def _span(request: Request) -> Span:
    """What the request says that it carries; refused before a byte of it is read."""
    try:
        span = Span.parse(request.headers.get("content-range", ""))
    except BadRecord as error:
        raise Problem(400, "evidence_range", what=str(error)) from error
    if span.total > MAX_BYTES:
        raise Problem(413, "too_large")
    if request.headers.get("content-length") != str(span.length):
        raise Problem(400, "evidence_range", what="Content-Length is not that of Content-Range")
    return span


async def _receive(request: Request, part: Part, span: Span) -> None:
    """Write what comes behind what is there; what was written before a break stays."""
    if part.size > span.total:
        part.forget()
    if part.size != span.first:
        raise Problem(409, "evidence_offset", {OFFSET: str(part.size)})
    arrived = hashlib.sha256()
    try:
        async for data in request.stream():
            part.append(data)
            arrived.update(data)
    except ClientDisconnect as error:
        raise Problem(400, "evidence_cut", {OFFSET: str(part.size)}) from error
    if digest_header(arrived.digest()) != request.headers["content-digest"]:
        part.shorten(span.first)
        raise Problem(409, "evidence_offset", {OFFSET: str(part.size)})
    if part.size != span.total:
        raise Problem(409, "evidence_offset", {OFFSET: str(part.size)})


def _keep(desk: Desk, gate: Gate, found: book.Entry, shelf: Shelf, part: Part) -> None:
    """Check a whole file and shelve it, or refuse it for good where it is of another kind than it should be."""
    data = part.whole()
    kind = media_type(data)
    if kind is None or kind not in TAKEN[found.kind]:
        part.forget()
        book.settle(desk.engine, found, Keeping.REFUSED, desk.clock(), gate)
        log.warning("evidence: %s/%s: %s is no %s", gate.depot, gate.gate, found.digest, found.kind.value)
        raise Problem(415, "evidence_kind", kind=found.kind.value)
    shelf.shelve(part, gate.depot, found.digest, kind)
    book.settle(desk.engine, found, Keeping.HELD, desk.clock(), gate, media_type=kind, size=len(data))


def _entry(desk: Desk, gate: Gate, digest: str) -> book.Entry | None:
    with reading(desk.engine) as connection:
        return book.entry(connection, gate.depot, digest)


def _no_room() -> Problem:
    log.error("evidence: the disk is short; files wait at their gates")
    return Problem(507, "evidence_no_room", {"Retry-After": "60"})
