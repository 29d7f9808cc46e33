"""What becomes of reports by transmission, each step in one transaction.

Before a document leaves it is written down that it leaves. Where a registry is killed in between nobody knows whether
it arrived: after a while it counts as sent, *unsure*, and a person looks. It never leaves a second time by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from record.messages import Phrase
from registry.database import reading, writing
from registry.reports.book import Book, Change
from registry.reports.document import BadSchema, NoDocument
from registry.reports.office import NotNow, Office
from registry.reports.report import Report
from registry.reports.state import State, What, move
from registry.transmission import book
from registry.transmission.book import Leg
from registry.transmission.parcel import Answer, Fault, Parcel
from registry.transmission.way import Way

LONGEST_REASON = 500
MARGIN = timedelta(minutes=1)
"""How much longer than a call may take a document is believed to be on its way."""

LATE = frozenset({State.SENT, State.QUEUED, State.ERROR})
"""States in which an answer of customs still decides."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A document that leaves now."""

    report: str
    leg: Leg
    parcel: Parcel


class Counter:
    """Hands documents out to be sent and takes in what became of them."""

    def __init__(self, office: Office, way: Way, language: str) -> None:
        self._office, self._way, self._language = office, way, language

    def next(self) -> Leaving | None:
        """The next document that may leave now, written down as on its way; None where none may."""
        with reading(self._office.engine) as connection:
            candidates = book.waiting(connection, self._way.depots)
        for report in candidates:
            leaving = self._take(report)
            if leaving is not None:
                return leaving
        return None

    def _take(self, report: str) -> Leaving | None:
        now = self._office.now()
        with self._locked(report) as (pages, found):
            if found is None or found.state is not State.QUEUED:
                return None
            connection = pages.connection
            queued = book.queued_with(connection, found.position)
            leg = book.leg(connection, found.position, queued.version, found.delivery_number, now)
            if leg.began_at is not None:
                if leg.began_at + self._call() < now:
                    self._sent(pages, found, leg, unsure=True, reason="")
                return None
            if leg.next_at > now:
                return None
            why = self._way.why_not(found)
            body = b""
            if why is None:
                body, why = self._document(found, queued.issued)
            if why is not None:
                self._failed(pages, found, leg, why.text(self._language))
                return None
            book.note(connection, leg, attempts=leg.attempts + 1, began_at=now)
            sender = self._way.sender(found.depot)
            parcel = Parcel(found.kind, found.issued().report.type_code, found.delivery_number, body, sender)
            return Leaving(report, replace(leg, attempts=leg.attempts + 1, began_at=now), parcel)

    def sent(self, leaving: Leaving, unsure: bool = False, reason: str = "") -> None:
        """The document has left; ``unsure`` where nobody said that it arrived."""
        with self._locked(leaving.report) as (pages, found):
            if found is not None:
                self._sent(pages, found, leaving.leg, unsure, reason)

    def failed(self, leaving: Leaving, reason: str) -> None:
        """Customs' system did not take it."""
        with self._locked(leaving.report) as (pages, found):
            if found is not None:
                self._failed(pages, found, leaving.leg, reason)

    def not_reached(self, leaving: Leaving, reason: str, again_in: timedelta) -> None:
        """It did not leave: it waits for its next attempt, or is an error after too long."""
        now = self._office.now()
        rules = self._way.rules
        with self._locked(leaving.report) as (pages, found):
            if found is None or rules is None:
                return
            queued = book.queued_with(pages.connection, found.position)
            if now - queued.at >= timedelta(hours=rules.give_up_hours):
                self._failed(pages, found, leaving.leg, reason)
                return
            values = {"began_at": None, "next_at": now + again_in, "trouble": reason[:LONGEST_REASON]}
            book.note(pages.connection, leaving.leg, **values)

    def hear(self, answer: Answer) -> str:
        """Lay an answer upon its report, once: what came of it.

        ``applied``; ``known`` where the report says the same already; ``contradicts`` where a person or an earlier
        answer has said otherwise, which stays; ``unknown`` where no report bears the number; ``again`` where the
        answer was heard before.
        """
        now = self._office.now()
        try:
            with writing(self._office.engine) as connection:
                pages = self._office.book(connection)
                report = book.report_of(connection, answer.number)
                found = pages.find(report, lock=True) if report is not None else None
                outcome = self._answered(pages, found, answer) if found is not None else "unknown"
                book.hear(connection, answer, outcome, now)
        except IntegrityError:
            return "again"
        return outcome

    @contextmanager
    def _locked(self, report: str) -> Iterator[tuple[Book, Report | None]]:
        """A transaction on one report, which nobody else changes until it ends."""
        with writing(self._office.engine) as connection:
            pages = self._office.book(connection)
            yield pages, pages.find(report, lock=True)

    def _answered(self, pages: Book, found: Report, answer: Answer) -> str:
        what = What.APPROVED if answer.accepted else What.REJECTED
        target = move(what, found.state, override=True)
        if found.state is (State.APPROVED if answer.accepted else State.REJECTED):
            return "known"
        if found.state not in LATE or target is None or not self._way.leads_from(found.depot):
            return "contradicts"
        detail = {
            "answer": answer.reference,
            "faults": [{"code": each.code, "text": each.text} for each in answer.faults],
        }
        reason = "; ".join(_words(each) for each in answer.faults)[:LONGEST_REASON]
        pages.save(replace(found, state=target), found, Change(what, None, reason, detail))
        return "applied"

    def _sent(self, pages: Book, found: Report, leg: Leg, unsure: bool, reason: str) -> None:
        now = self._office.now()
        values: Mapping[str, Any] = {
            "began_at": None,
            "sent_at": leg.began_at or now,
            "unsure": unsure,
            "trouble": reason[:LONGEST_REASON] or None,
        }
        book.note(pages.connection, leg, **values)
        if found.state is State.QUEUED:
            change = Change(What.SENT, None, reason[:LONGEST_REASON], {"unsure": True} if unsure else {})
            pages.save(replace(found, state=State.SENT), found, change)

    def _failed(self, pages: Book, found: Report, leg: Leg, reason: str) -> None:
        book.note(pages.connection, leg, began_at=None, trouble=reason[:LONGEST_REASON])
        if found.state is State.QUEUED:
            change = Change(What.FAILED, None, reason[:LONGEST_REASON])
            pages.save(replace(found, state=State.ERROR), found, change)

    def _document(self, found: Report, issued: Mapping[str, Any]) -> tuple[bytes, Phrase | None]:
        """The very bytes that were issued when the report was queued, else why they cannot be written any more."""
        try:
            return self._office.again(found, issued), None
        except NotNow as error:
            return b"", error.phrase
        except NoDocument as error:
            return b"", error.phrases[0]
        except BadSchema as error:
            return b"", Phrase("console.document.invalid", {"what": str(error)})

    def _call(self) -> timedelta:
        seconds = self._way.rules.timeout_s if self._way.rules else 0
        return timedelta(seconds=seconds) + MARGIN


def _words(fault: Fault) -> str:
    return f"{fault.code} {fault.text}".strip()
