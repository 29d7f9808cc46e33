"""Answers of customs, each laid once upon the report or the correction that it is about.

A correction bears the número de entrega of its report, and whether an answer says which kind of document it is about
nobody knows. So an answer goes to the only document of its number that left and has none yet; where there are several
and it does not say which, nothing is decided, and a person looks into the portal.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from registry.corrections import book as corrections
from registry.corrections.correction import Correction
from registry.database import reading
from registry.reports.office import NotNow, Office
from registry.reports.state import State, What, move
from registry.transmission import book
from registry.transmission.book import UNCLEAR
from registry.transmission.counter import LONGEST_REASON
from registry.transmission.paper import Paper, papers
from registry.transmission.parcel import Answer, Fault
from registry.transmission.queue import CORRECTIONS, REPORTS
from registry.transmission.way import Way

LATE = frozenset({State.SENT, State.QUEUED, State.ERROR})
"""States in which an answer of customs still decides."""


class Hearing:
    """Lays answers upon what they are about."""

    def __init__(self, office: Office, way: Way) -> None:
        self._office, self._way = office, way
        self._reports, self._corrections = papers(office)

    def hear(self, answer: Answer) -> str:
        """Lay an answer upon its document, once: what came of it.

        ``applied``; ``known`` where the document says the same already; ``contradicts`` where a person or an earlier
        answer has said otherwise, which stays; ``unclear`` where it may be about more than one document; ``unknown``
        where no report bears the number; ``again`` where the answer was heard before.
        """
        with reading(self._office.engine) as connection:
            report = book.report_of(connection, answer.number)
            about = None if report is None else self._about(connection, report, answer)
        try:
            if report is None or about == UNCLEAR:
                return self._noted(answer, "unknown" if report is None else UNCLEAR)
            if isinstance(about, Correction):
                with self._corrections.locked(about.id) as paper:
                    return self._laid(paper, answer, about.id)
            with self._reports.locked(report) as paper:
                return self._laid(paper, answer, None)
        except IntegrityError:
            return "again"

    def _about(self, connection: Connection, report: str, answer: Answer) -> Correction | str | None:
        """The correction that an answer is about; None where it is about the report, `UNCLEAR` where nobody knows."""
        found = self._office.book(connection).find(report)
        if found is None:
            return None
        made = [
            each for each in corrections.of_report(connection, found.position) if each.number == answer.number
        ]
        gone = CORRECTIONS.left(connection, [each.position for each in made], answer.number)
        made = [each for each in made if each.position in gone]
        heard = book.answered(connection, answer.number)
        waiting: list[Correction | None] = [
            each for each in made if each.state in LATE or each.id not in heard
        ]
        if answer.type_code and answer.type_code != self._office.file.corrections.type_code:
            return None
        if answer.type_code:
            return _only(waiting or made[-1:])
        unanswered = None not in heard or found.state in LATE
        if unanswered and REPORTS.left(connection, [found.position], answer.number):
            waiting.append(None)
        return _only(waiting) if made else None

    def _noted(self, answer: Answer, outcome: str) -> str:
        with self._office.engine.begin() as connection:
            book.hear(connection, answer, outcome, self._office.now())
        return outcome

    def _laid(self, paper: Paper | None, answer: Answer, correction: str | None) -> str:
        if paper is None:
            return self._noted(answer, "unknown")
        outcome = self._answered(paper, answer)
        book.hear(paper.connection, answer, outcome, self._office.now(), correction)
        return outcome

    def _answered(self, paper: Paper, answer: Answer) -> str:
        what = What.APPROVED if answer.accepted else What.REJECTED
        target = move(what, paper.state, override=True)
        if paper.state is (State.APPROVED if answer.accepted else State.REJECTED):
            return "known"
        if paper.state not in LATE or target is None or not self._way.leads_from(paper.depot):
            return "contradicts"
        faults = [{"code": each.code, "text": each.text} for each in answer.faults]
        reason = "; ".join(_words(each) for each in answer.faults)[:LONGEST_REASON]
        try:
            paper.moved(target, what, reason, {"answer": answer.reference, "faults": faults})
        except NotNow:
            return "contradicts"
        return "applied"


def _only(found: Sequence[Correction | None]) -> Correction | str | None:
    return found[0] if len(found) == 1 else UNCLEAR


def _words(fault: Fault) -> str:
    return f"{fault.code} {fault.text}".strip()
