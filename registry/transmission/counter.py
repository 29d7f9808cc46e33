"""What becomes of documents by transmission, each step in one transaction.

Before a document leaves it is written down that it leaves. Where a registry is killed in between nobody knows whether
it arrived: after a while it counts as sent, *unsure*, and a person looks. It never leaves a second time by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from record.messages import Phrase
from registry.database import reading
from registry.reports.document import BadSchema, NoDocument
from registry.reports.office import NotNow, Office
from registry.reports.state import State, What
from registry.transmission.paper import Paper, Papers
from registry.transmission.parcel import Parcel
from registry.transmission.queue import Leg
from registry.transmission.way import Way

LONGEST_REASON = 500
MARGIN = timedelta(minutes=1)
"""How much longer than a call may take a document is believed to be on its way."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A document that leaves now; ``paper`` is its id."""

    paper: str
    leg: Leg
    parcel: Parcel


class Counter:
    """Hands documents of one kind out to be sent and takes in what became of them."""

    def __init__(self, office: Office, way: Way, papers: Papers, language: str = "es") -> None:
        self._office, self._way, self._language = office, way, language
        self._papers, self._queue = papers, papers.queue

    def next(self) -> Leaving | None:
        """The next document that may leave now, written down as on its way; None where none may."""
        with reading(self._office.engine) as connection:
            candidates = self._queue.waiting(connection, self._way.depots)
        for identity in candidates:
            leaving = self._take(identity)
            if leaving is not None:
                return leaving
        return None

    def _take(self, identity: str) -> Leaving | None:
        now = self._office.now()
        with self._papers.locked(identity) as paper:
            if paper is None or paper.state is not State.QUEUED:
                return None
            connection = paper.connection
            queued = self._queue.queued_with(connection, paper.position)
            leg = self._queue.leg(connection, paper.position, queued.version, paper.number, now)
            if leg.began_at is not None:
                if leg.began_at + self._call() < now:
                    self._sent(paper, leg, unsure=True, reason="")
                return None
            if leg.next_at > now:
                return None
            why = paper.why_not(self._way)
            body = b""
            if why is None:
                body, why = _document(paper, queued.issued)
            if why is not None:
                self._failed(paper, leg, why.text(self._language))
                return None
            self._queue.note(connection, leg, attempts=leg.attempts + 1, began_at=now)
            sender = self._way.sender(paper.depot)
            parcel = Parcel(paper.kind, paper.type_code, paper.number, body, sender)
            return Leaving(identity, replace(leg, attempts=leg.attempts + 1, began_at=now), parcel)

    def sent(self, leaving: Leaving, unsure: bool = False, reason: str = "") -> None:
        """The document has left; ``unsure`` where nobody said that it arrived."""
        with self._papers.locked(leaving.paper) as paper:
            if paper is not None:
                self._sent(paper, leaving.leg, unsure, reason)

    def failed(self, leaving: Leaving, reason: str) -> None:
        """Customs' system did not take it."""
        with self._papers.locked(leaving.paper) as paper:
            if paper is not None:
                self._failed(paper, leaving.leg, reason)

    def not_reached(self, leaving: Leaving, reason: str, again_in: timedelta) -> None:
        """It did not leave: it waits for its next attempt, or is an error after too long."""
        now = self._office.now()
        rules = self._way.rules
        with self._papers.locked(leaving.paper) as paper:
            if paper is None or rules is None:
                return
            queued = self._queue.queued_with(paper.connection, paper.position)
            if now - queued.at >= timedelta(hours=rules.give_up_hours):
                self._failed(paper, leaving.leg, reason)
                return
            values = {"began_at": None, "next_at": now + again_in, "trouble": reason[:LONGEST_REASON]}
            self._queue.note(paper.connection, leaving.leg, **values)

    def _sent(self, paper: Paper, leg: Leg, unsure: bool, reason: str) -> None:
        now = self._office.now()
        values: Mapping[str, Any] = {
            "began_at": None,
            "sent_at": leg.began_at or now,
            "unsure": unsure,
            "trouble": reason[:LONGEST_REASON] or None,
        }
        self._queue.note(paper.connection, leg, **values)
        if paper.state is State.QUEUED:
            detail = {"unsure": True} if unsure else {}
            paper.moved(State.SENT, What.SENT, reason[:LONGEST_REASON], detail)

    def _failed(self, paper: Paper, leg: Leg, reason: str) -> None:
        self._queue.note(paper.connection, leg, began_at=None, trouble=reason[:LONGEST_REASON])
        if paper.state is State.QUEUED:
            paper.moved(State.ERROR, What.FAILED, reason[:LONGEST_REASON], {})

    def _call(self) -> timedelta:
        seconds = self._way.rules.timeout_s if self._way.rules else 0
        return timedelta(seconds=seconds) + MARGIN


def _document(paper: Paper, issued: Mapping[str, Any]) -> tuple[bytes, Phrase | None]:
    """The very bytes that were issued when the document was queued, else why they cannot be written any more."""
    try:
        return paper.again(issued), None
    except NotNow as error:
        return b"", error.phrase
    except NoDocument as error:
        return b"", error.phrases[0]
    except BadSchema as error:
        return b"", Phrase("console.document.invalid", {"what": str(error)})
