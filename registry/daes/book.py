"""The book of base documents: each that a report or an announcement names, with what people say of it.

A document is met when it is first named; until somebody says something of it its version is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from record.identifiers.folding import fold
from registry import bulk
from registry.among import among
from registry.daes.tables import declaration_changes, declarations
from registry.people.who import Who
from registry.reports.query import MOST_FOUND, TooWide, beyond


class Deed(StrEnum):
    """What people do to a document."""

    SAID = "said"
    REGULARISED = "regularised"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One document of one depot. What nobody has said of it is None."""

    position: int
    id: str
    version: int
    depot: str
    type: str
    number: str
    packages: int | None = None
    weight_kg: int | None = None
    containers: int | None = None
    exporter: str | None = None
    channel: str | None = None
    status: str | None = None
    ends_at: datetime | None = None
    regularised_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def regularised(self) -> bool:
        """Whether customs has closed it: nothing of it is corrected any more."""
        return self.regularised_at is not None


OF_ID = select(declarations).where(declarations.c.id == bindparam("of"))
OF_DOCUMENT = select(declarations).where(
    declarations.c.depot == bindparam("depot"),
    declarations.c.type == bindparam("type"),
    declarations.c.number == bindparam("number"),
)


def meet(connection: Connection, depot: str, type: str, number: str, now: datetime) -> None:
    """Know a document from now on; nothing where it is known."""
    meet_all(connection, [(depot, type, number)], now)


def meet_all(connection: Connection, documents: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Know documents from now on, each by depot, type and number. In one order: workers never lock crosswise."""
    rows = [
        {
            "id": str(uuid_utils.uuid7()),
            "version": 0,
            "depot": depot,
            "type": type,
            "number": number,
            "seen_at": now,
        }
        for depot, type, number in sorted(set(documents))
    ]
    bulk.insert_new(connection, declarations, rows)


def find(connection: Connection, identity: str, lock: bool = False) -> Declaration | None:
    """The document of an id; locked until the transaction ends where it is to be changed."""
    query = OF_ID.with_for_update() if lock else OF_ID
    return _of(connection.execute(query, {"of": identity}).one_or_none())


def of_document(connection: Connection, depot: str, type: str, number: str) -> Declaration | None:
    """The document of a number, where it is known."""
    values = {"depot": depot, "type": type, "number": number}
    return _of(connection.execute(OF_DOCUMENT, values).one_or_none())


def _of(row: Row[Any] | None) -> Declaration | None:
    return None if row is None else Declaration(**row._mapping)


def write(
    connection: Connection,
    found: Declaration,
    who: Who,
    now: datetime,
    deed: Deed,
    values: Mapping[str, Any],
    reason: str,
    detail: Mapping[str, Any],
) -> None:
    """Write what somebody said of a document, with its row of history."""
    query = update(declarations).where(declarations.c.position == found.position)
    connection.execute(query.values(version=found.version + 1, **values))
    row = {
        "declaration": found.position,
        "version": found.version + 1,
        "at": now,
        "what": deed.value,
        "user": who.id,
        "name": who.name,
        "role": who.role.value,
        "reason": reason,
        "detail": dict(detail),
    }
    connection.execute(insert(declaration_changes), row)


def history(connection: Connection, position: int) -> list[Row[Any]]:
    """Every change of a document, the first first."""
    query = select(declaration_changes).where(declaration_changes.c.declaration == position)
    return list(connection.execute(query.order_by(declaration_changes.c.version)).all())


PAGE = 50


def page(
    connection: Connection, who: Who, words: str = "", before: int | None = None, count: int = PAGE
) -> tuple[list[Declaration], int | None]:
    """Documents, the newest met first, by the beginning of their number, and where the next page begins.

    Raises `TooWide` where more than `MOST_FOUND` numbers begin like this.
    """
    query = select(declarations)
    if who.depots is not None:
        query = query.where(declarations.c.depot.in_(who.depots))
    compact = fold(words[:80]).compact
    if compact:
        query = query.where(among(connection, declarations.c.position, _begun(connection, compact)))
    if before is not None:
        query = query.where(declarations.c.position < before)
    rows = connection.execute(query.order_by(declarations.c.position.desc()).limit(count + 1)).all()
    found = [Declaration(**row._mapping) for row in rows[:count]]
    return found, found[-1].position if len(rows) > count else None


def _begun(connection: Connection, compact: str) -> Sequence[int]:
    """The documents whose numbers begin like this, by their index alone: no row of any other is looked at."""
    texts = {compact, *(compact.removeprefix(each) for each in ("DAE", "DAS", "DJT", "TRS"))}
    number = declarations.c.number
    begun = or_(*((number >= each) & (number < beyond(each)) for each in sorted(texts) if each))
    query = select(declarations.c.position).where(begun).order_by(number).limit(MOST_FOUND + 1)
    found = connection.execute(query).scalars().all()
    if len(found) > MOST_FOUND:
        raise TooWide(f"more than {MOST_FOUND} documents begin like this", most=str(MOST_FOUND))
    return found
