"""The book of what gates are told: taken in, withdrawn, found by what a truck or a report names.

A version is taken where it is not older than the one that is known and says something else, just as a gate does.
Whatever changes waits until the broker has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update

from record.draft import BaseDocument
from record.errors import BadRecord
from record.event import MAX_BYTES
from record.identifiers.folding import fold
from record.preadvice import Preadvice
from record.proof import wire
from record.release import Release
from registry.daes import book as declarations
from registry.notices.tables import notice_changes, notice_keys, notices
from registry.people.who import Who

PAGE = 50
PROOF_BYTES = 300
"""Room for the registry's proof in the message."""

LONGEST_KEY = 64
LARGEST = 2**31 - 1
"""The highest version that a column holds."""


class Kind(StrEnum):
    """What a notice is; also the last part but one of its topic."""

    PREADVICE = "preadvice"
    RELEASE = "release"


class Origin(StrEnum):
    """How a notice came."""

    FILE = "file"
    FORM = "form"
    API = "api"
    MQTT = "mqtt"


class Outcome(StrEnum):
    """What became of a notice that came in."""

    NEW = "new"
    NEWER = "newer"
    SAME = "same"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class By:
    """Who brought or withdrew a notice: a person, or the name of a system."""

    name: str
    origin: Origin
    user: str | None = None

    @classmethod
    def of(cls, who: Who, origin: Origin) -> By:
        """A person at the console."""
        return cls(who.name, origin, who.id)


Notice = Preadvice | Release
MODELS: dict[Kind, type[Preadvice] | type[Release]] = {Kind.PREADVICE: Preadvice, Kind.RELEASE: Release}


def kind_of(notice: Notice) -> Kind:
    """Which of the two it is."""
    return Kind.PREADVICE if isinstance(notice, Preadvice) else Kind.RELEASE


def check(notice: Notice) -> None:
    """Whether a notice can be kept and told: its id stands in a topic, its texts and its version in columns, its
    message is not too long. Raises `BadRecord`."""
    if not 1 <= len(notice.id) <= 200 or re.search(r"[/+#\x00-\x1f\x7f]", notice.id) or notice.id == "index":
        raise BadRecord(f"/id: {notice.id[:60]!r} cannot stand in a topic: 1 to 200 characters without / + #")
    if notice.version > LARGEST:
        raise BadRecord(f"/version is {notice.version}, at most {LARGEST} is possible")
    body = wire(_body(notice))
    if b"\\u0000" in body:
        raise BadRecord(f"{notice.id[:60]!r}: a text holds the character NUL")
    size = len(body)
    if size > MAX_BYTES - PROOF_BYTES:
        raise BadRecord(f"{notice.id[:60]!r}: {size} bytes, {MAX_BYTES - PROOF_BYTES} are allowed")


def take(connection: Connection, depot: str, notice: Notice, by: By, now: datetime) -> Outcome:
    """Take one notice in. Raises `BadRecord` for one that cannot be told."""
    check(notice)
    kind, body = kind_of(notice), _body(notice)
    known = _locked(connection, kind, depot, notice.id)
    if known is not None and known.withdrawn_at is None:
        if known.version > notice.version:
            return Outcome.OLDER
        if known.body == body:
            return Outcome.SAME
    row = {
        "version": notice.version,
        "body": body,
        "valid_until": notice.valid_until,
        "origin": by.origin.value,
        "changed_at": now,
        "withdrawn_at": None,
        "published_at": None,
    }
    if known is None:
        first = {"kind": kind.value, "depot": depot, "id": notice.id, "taken_at": now, **row}
        position = connection.execute(insert(notices).returning(notices.c.position), first).scalar_one()
    else:
        position = known.position
        connection.execute(update(notices).where(notices.c.position == position).values(row))
        connection.execute(delete(notice_keys).where(notice_keys.c.notice == position))
    keys = [{"notice": position, "kind": name, "value": value} for name, value in sorted(set(_keys(notice)))]
    if keys:
        connection.execute(insert(notice_keys), keys)
    document = notice.keys.document
    if document is not None:
        declarations.meet(connection, depot, document.type.value, document.number, now)
    _note(connection, position, "taken", notice.version, by, now, "")
    return Outcome.NEW if known is None or known.withdrawn_at is not None else Outcome.NEWER


def withdraw(
    connection: Connection, kind: Kind, depot: str, identity: str, by: By, now: datetime, reason: str
) -> bool:
    """Take a notice back from the gates; False where there is none."""
    known = _locked(connection, kind, depot, identity)
    if known is None or known.withdrawn_at is not None:
        return False
    values = {"withdrawn_at": now, "changed_at": now, "published_at": None}
    connection.execute(update(notices).where(notices.c.position == known.position).values(values))
    _note(connection, known.position, "withdrawn", known.version, by, now, reason)
    return True


def _locked(connection: Connection, kind: Kind, depot: str, identity: str) -> Row[Any] | None:
    same = (notices.c.kind == kind.value, notices.c.depot == depot, notices.c.id == identity)
    return connection.execute(select(notices).where(*same).with_for_update()).one_or_none()


def _note(
    connection: Connection, position: int, what: str, version: int, by: By, now: datetime, reason: str
) -> None:
    row = {
        "notice": position,
        "at": now,
        "what": what,
        "version": version,
        "user": by.user,
        "name": by.name[:64],
        "origin": by.origin.value,
        "reason": reason,
    }
    connection.execute(insert(notice_changes), row)


def _body(notice: Notice) -> dict[str, Any]:
    return {name: value for name, value in notice.to_wire().items() if name != "proof"}


def _keys(notice: Notice) -> Iterator[tuple[str, str]]:
    keys = notice.keys
    if keys.document is not None:
        yield "document", keys.document.number
    yield from (("container", number[:LONGEST_KEY]) for number in keys.containers)
    yield from (("plate", number[:LONGEST_KEY]) for number in keys.plates)
    if keys.booking:
        yield "booking", keys.booking[:LONGEST_KEY]


def record_of(row: Row[Any]) -> Notice:
    """A row as the record that gates get."""
    return MODELS[Kind(row.kind)].from_wire(row.body)


def waiting(connection: Connection, count: int = 100) -> Sequence[Row[Any]]:
    """What the broker does not have yet, the oldest first."""
    query = select(notices).where(notices.c.published_at.is_(None)).order_by(notices.c.position)
    return connection.execute(query.limit(count)).all()


def published(connection: Connection, rows: Iterable[Row[Any]], now: datetime) -> None:
    """Note that the broker has these, unless they have changed meanwhile."""
    done = [{"of": row.position, "as_of": row.changed_at, "now": now} for row in rows]
    same = (notices.c.position == bindparam("of"), notices.c.changed_at == bindparam("as_of"))
    if done:
        connection.execute(update(notices).where(*same).values(published_at=bindparam("now")), done)


def again(connection: Connection, now: datetime, before: datetime) -> int:
    """Let what gates should have be told once more, where that was last done before a moment; how many."""
    old = (notices.c.published_at < before, *_live(now))
    return connection.execute(update(notices).where(*old).values(published_at=None)).rowcount


def ids(connection: Connection, kind: Kind, depot: str, now: datetime, most: int) -> list[str]:
    """The ids of what a depot's gates should have, the newest first."""
    query = select(notices.c.id).where(notices.c.kind == kind.value, notices.c.depot == depot, *_live(now))
    return list(connection.execute(query.order_by(notices.c.position.desc()).limit(most)).scalars())


def _live(now: datetime) -> tuple[Any, ...]:
    """Neither withdrawn nor expired."""
    return notices.c.withdrawn_at.is_(None), or_(
        notices.c.valid_until.is_(None), notices.c.valid_until >= now
    )


def release_of(
    connection: Connection, depot: str, document: BaseDocument | None, containers: Iterable[str], at: datetime
) -> Row[Any] | None:
    """A release of a document, else of one of the containers, valid at a moment; as gates look for it."""
    for kind, values in (
        ("document", [document.number] if document else []),
        ("container", sorted(containers)),
    ):
        query = _named(Kind.RELEASE, depot, kind, values).where(*_live(at))
        for row in connection.execute(query.order_by(notices.c.position.desc())) if values else ():
            named = (row.body.get("keys") or {}).get("document")
            if kind == "container" or named is None or document is None or named["type"] == document.type:
                return row
    return None


def of_document(connection: Connection, depot: str, kind: Kind, number: str) -> Sequence[Row[Any]]:
    """Every notice that names a document, the first first."""
    return connection.execute(_named(kind, depot, "document", [number]).order_by(notices.c.position)).all()


def of_documents(connection: Connection, kind: Kind, numbers: Sequence[str]) -> Sequence[Row[Any]]:
    """Every notice of any depot that names one of these documents, as `named`; the first first."""
    query = select(notices, notice_keys.c.value.label("named")).join(notice_keys)
    query = query.where(notice_keys.c.kind == "document", notice_keys.c.value.in_(numbers))
    return connection.execute(query.where(notices.c.kind == kind.value).order_by(notices.c.position)).all()


def _named(kind: Kind, depot: str, key: str, values: Sequence[str]) -> Select[Any]:
    found = select(notice_keys.c.notice).where(notice_keys.c.kind == key, notice_keys.c.value.in_(values))
    return select(notices).where(
        notices.c.kind == kind.value, notices.c.depot == depot, notices.c.position.in_(found)
    )


def page(
    connection: Connection,
    who: Who,
    kind: Kind,
    words: str = "",
    before: int | None = None,
    count: int = PAGE,
) -> tuple[list[Row[Any]], int | None]:
    """Notices of a kind, the newest first, by what they name, and where the next page begins."""
    query = select(notices).where(notices.c.kind == kind.value)
    if who.depots is not None:
        query = query.where(notices.c.depot.in_(who.depots))
    if words.strip():
        compact = fold(words[:80]).compact
        texts = sorted({compact, compact.removeprefix("DAE"), words.strip()[:LONGEST_KEY]})
        found = select(notice_keys.c.notice).where(notice_keys.c.value.in_(texts))
        query = query.where(or_(notices.c.position.in_(found), notices.c.id == words.strip()))
    if before is not None:
        query = query.where(notices.c.position < before)
    rows = list(connection.execute(query.order_by(notices.c.position.desc()).limit(count + 1)))
    return rows[:count], rows[count - 1].position if len(rows) > count else None


def find(connection: Connection, kind: Kind, depot: str, identity: str) -> Row[Any] | None:
    """A notice by its id."""
    same = (notices.c.kind == kind.value, notices.c.depot == depot, notices.c.id == identity)
    return connection.execute(select(notices).where(*same)).one_or_none()


def all_of(connection: Connection, kind: Kind, depot: str) -> Sequence[Row[Any]]:
    """Every notice of a kind and depot, the newest first."""
    query = select(notices).where(notices.c.kind == kind.value, notices.c.depot == depot)
    return connection.execute(query.order_by(notices.c.position.desc())).all()


def by_position(connection: Connection, position: int) -> Row[Any] | None:
    """A notice by its place."""
    return connection.execute(select(notices).where(notices.c.position == position)).one_or_none()


def history(connection: Connection, positions: Sequence[int]) -> Sequence[Row[Any]]:
    """What was done to notices, the first first."""
    query = (
        select(notice_changes, notices.c.kind, notices.c.id.label("notice_id"))
        .join(notices, notices.c.position == notice_changes.c.notice)
        .where(notice_changes.c.notice.in_(positions))
    )
    return connection.execute(query.order_by(notice_changes.c.position)).all()


def told(row: Row[Any], now: datetime) -> str:
    """The state of a notice in a word: withdrawn, expired, waiting or told."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.valid_until is not None and row.valid_until < now:
        return "expired"
    return "waiting" if row.published_at is None else "told"
