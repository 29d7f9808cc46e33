"""What leaves for customs: a report, or a correction, each locked while somebody moves it on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from record.draft import ReportKind
from record.messages import Phrase
from registry.corrections.office import Corrections
from registry.database import writing
from registry.reports.change import Change
from registry.reports.office import Office
from registry.reports.state import State, What
from registry.transmission.queue import CORRECTIONS, REPORTS, Queue
from registry.transmission.way import CII, Way

Again = Callable[[Mapping[str, Any]], bytes]
Moved = Callable[[State, What, str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Paper:
    """One document on its way, in a transaction within which nobody else changes it.

    ``again`` writes the very bytes that were issued (raises `NotNow`, `NoDocument`, `BadSchema`), ``moved`` writes down
    what has become of it by nobody's hand, ``why_not`` says why it may not go.
    """

    connection: Connection
    position: int
    state: State
    depot: str
    number: str
    kind: str
    type_code: str
    why_not: Callable[[Way], Phrase | None]
    again: Again
    moved: Moved


@dataclass(frozen=True, slots=True)
class Papers:
    """All documents of one kind: where they wait, and how one is locked."""

    queue: Queue
    locked: Callable[[str], AbstractContextManager[Paper | None]]


def papers(office: Office) -> tuple[Papers, ...]:
    """Everything that leaves for customs."""
    return Papers(REPORTS, partial(report, office)), Papers(CORRECTIONS, partial(correction, office))


@contextmanager
def report(office: Office, identity: str) -> Iterator[Paper | None]:
    """A report as a paper."""
    with writing(office.engine) as connection:
        book = office.book(connection)
        found = book.find(identity, lock=True)
        if found is None:
            yield None
            return

        def moved(state: State, what: What, reason: str, detail: Mapping[str, Any]) -> None:
            book.save(replace(found, state=state), found, Change(what, None, reason, detail))

        yield Paper(
            connection,
            found.position,
            found.state,
            found.depot,
            found.delivery_number,
            found.kind,
            ReportKind(found.kind).type_code,
            lambda way: way.why_not(found),
            partial(office.again, found),
            moved,
        )


@contextmanager
def correction(office: Office, identity: str) -> Iterator[Paper | None]:
    """A correction as a paper."""
    with writing(office.engine) as connection:
        corrections, book = Corrections(office), office.book(connection)
        pair = corrections.locked(book, identity)
        if pair is None:
            yield None
            return
        found, of = pair
        yield Paper(
            connection,
            found.position,
            found.state,
            found.depot,
            found.number,
            CII,
            office.file.corrections.type_code,
            lambda way: way.why_not(of, CII),
            partial(corrections.again, found, of),
            partial(corrections.moved, book, found),
        )
