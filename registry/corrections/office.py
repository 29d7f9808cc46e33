"""The office of corrections: everything that is done to them, each deed in one transaction.

Who writes a correction does not review it. What customs has approved is laid over its report in the same
transaction; the report's own row, history and event for central systems follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row

from record.base import timestamp
from record.draft import Depot, ReportKind
from record.messages import Phrase
from record.proof import sha256
from registry.corrections import book as corrections
from registry.corrections import document
from registry.corrections.book import Made
from registry.corrections.correction import TOGETHER, Aim, Correction, Line, lines
from registry.corrections.document import Subject
from registry.corrections.listing import changes_of, given
from registry.daes import book as declarations
from registry.database import reading, writing
from registry.numbers import ECUADOR
from registry.people.role import Right
from registry.people.who import Who
from registry.reports import query
from registry.reports.book import Book, Stale
from registry.reports.change import Change
from registry.reports.completion import LONGEST_REASON, Asked, BadFields
from registry.reports.document import NoDocument
from registry.reports.field import BadValue, typed
from registry.reports.office import ISSUING, NoReport, NotAllowed, NotNow, Office
from registry.reports.query import Wanted
from registry.reports.report import Report
from registry.reports.state import NEEDS_REASON, State, What
from registry.transmission.queue import CORRECTIONS


@dataclass(frozen=True, slots=True)
class Seen:
    """A correction with its report, its history, and the other one of a swap."""

    correction: Correction
    report: Report
    lines: Sequence[Line]
    history: Sequence[Row[Any]]
    twin: Correction | None
    successor: str | None


class Corrections:
    """Corrections of one registry's reports. Safe for several threads and several processes."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def see(self, correction: str, who: Who) -> Seen:
        """A correction with all that its page shows. Raises `NoReport`."""
        with reading(self._office.engine) as connection:
            found = self._find(connection, correction, who)
            twin = corrections.find(connection, found.twin) if found.twin else None
            successor = corrections.report_id(connection, found.successor) if found.successor else None
            report = self._report(self._office.book(connection), found.report)
            history = corrections.history(connection, found.position)
            return Seen(found, report, self.lines(found), history, twin, successor)

    def lines(self, correction: Correction) -> list[Line]:
        """A correction's lines with the codes that are known."""
        return lines(correction, self._office.rules.codes["correction_fields"])

    def why_not(self, connection: Connection, report: Report) -> Phrase | None:
        """Why a report cannot be corrected now; None where it can."""
        if report.state is not State.APPROVED:
            return Phrase("console.correction.only_approved")
        if _regularised(connection, report):
            return Phrase("console.correction.regularised")
        if corrections.open_of(connection, report.position) is not None:
            return Phrase("console.correction.open")
        return None

    def correct(self, report: str, version: int, who: Who, asked: Asked) -> str:
        """Ask for other values of fields: the correction's id. Raises `BadFields` and as `_working` does."""
        with self._working(report, version, who) as (book, found):
            changes = changes_of(found, asked, self._office.rules, self._today())
            return self._add(book, found, who, Made(Aim.CHANGE, changes, given(asked.reason))).id

    def rewrite(self, correction: str, version: int, who: Who, asked: Asked) -> None:
        """Write a correction's list anew, while it is a draft. Raises as `correct` does."""
        with writing(self._office.engine) as connection:
            found = self._current(connection, correction, version, who)
            if found.state is not State.DRAFT or found.kind is not Aim.CHANGE:
                raise NotNow(Phrase("console.correction.not_a_draft"))
            report = self._report(self._office.book(connection), found.report)
            changes = changes_of(report, asked, self._office.rules, self._today())
            reason = given(asked.reason)
            after = replace(
                found, changes=changes, reason=reason, user=who.id, name=who.name, role=who.role.value
            )
            now, detail = self._office.now(), {"changes": changes}
            corrections.save(connection, after, found, What.COMPLETED, who, now, reason, detail)

    def swap(self, report: str, version: int, who: Who, words: str, reason: str) -> str:
        """Ask that two reports take each other's base document: two corrections, tied; the id of the first.

        ``words`` name the other report by its número de entrega or its container.
        """
        with self._working(report, version, who) as (book, found):
            other = self._other(book, found, words, who)
            why = self.why_not(book.connection, other)
            if why is not None:
                raise NotNow(
                    Phrase("console.correction.of_other", {"number": other.delivery_number, "why": why})
                )
            mine, theirs = found.payload.get("document"), other.payload.get("document")
            if mine is None or theirs is None or mine == theirs:
                raise NotNow(Phrase("console.correction.same_document"))
            first, second = corrections.new_id(), corrections.new_id()
            for each, identity, twin, old, new in (
                (found, first, second, mine, theirs),
                (other, second, first, theirs, mine),
            ):
                change = {"field": "/document", "before": old, "after": new}
                made = Made(Aim.SWAP, [change], given(reason), twin)
                self._add(book, each, who, made, identity)
            return first

    def cancel(self, report: str, version: int, who: Who, reason: str, document: str = "") -> str:
        """Ask that a report be cancelled; with a ``document`` another one takes its place under that document.

        The other report leaves once customs has cancelled this one. Raises `BadFields` for a wrong document.
        """
        with self._working(report, version, who) as (book, found):
            reason, successor = given(reason), None
            if document.strip():
                successor = self._successor(book, found, who, document, reason).position
            made = Made(Aim.CANCELLATION, [], reason, successor=successor)
            return self._add(book, found, who, made).id

    def do(self, correction: str, version: int, who: Who, what: What, reason: str = "") -> Correction:
        """Move a correction on, a swap's two together until they have left. Raises as `Office.do` does."""
        now, reason = self._office.now(), " ".join(reason.split())[:LONGEST_REASON]
        with writing(self._office.engine) as connection:
            found = self._current(connection, correction, version, who)
            if not reason and (what in NEEDS_REASON or found.overrides(what)):
                raise NotNow(Phrase("console.value.reason"))
            pair = [found]
            if found.twin and what in TOGETHER:
                twin = corrections.find(connection, found.twin, lock=True)
                pair += [twin] if twin is not None and twin.state is found.state else []
            book = self._office.book(connection)
            done = [self._do(book, each, who, what, reason, now) for each in pair]
            return done[0]

    def document(self, correction: str, who: Who) -> tuple[str, bytes]:
        """The name and the bytes of a correction's document as it was issued.

        Raises `NoReport`, `NotNow` before it was issued or where it would be another by now, `NoDocument` where a
        code is not known, `BadSchema`.
        """
        seen = self.see(correction, who)
        issued = next((row for row in reversed(seen.history) if What(row.what) in ISSUING), None)
        if issued is None or not seen.correction.state.has_left:
            raise NotNow(Phrase("console.document.not_issued"))
        body = self.again(seen.correction, seen.report, issued.detail)
        return f"CII-{seen.correction.number}-{seen.correction.position}.xml", body

    def again(self, correction: Correction, report: Report, issued: Mapping[str, Any]) -> bytes:
        """The document that was issued by a change of this ``detail``, written again. Raises as `document` does."""
        body = self._written(correction, report, datetime.fromisoformat(issued["issued_at"]))
        digest = issued.get("sha256")
        if digest is not None and sha256(body) != digest:
            raise NotNow(Phrase("console.document.other"))
        return body

    def locked(self, book: Book, identity: str) -> tuple[Correction, Report] | None:
        """A correction with its report, both locked within somebody's transaction; None where there is none."""
        found = corrections.find(book.connection, identity, lock=True)
        return None if found is None else (found, self._report(book, found.report, lock=True))

    def moved(
        self,
        book: Book,
        found: Correction,
        state: State,
        what: What,
        reason: str,
        detail: Mapping[str, Any],
    ) -> None:
        """Write down what transmission or customs' answer has made of a correction that `locked` gave.

        Raises `NotNow` where it does not fit its report any more.
        """
        report = self._report(book, found.report, lock=True)
        if what is What.APPROVED:
            self._still(book.connection, report, found, what)
        after = replace(found, state=state)
        saved = corrections.save(
            book.connection, after, found, what, None, self._office.now(), reason, detail
        )
        if what is What.APPROVED:
            self._apply(book, report, saved, None, reason)

    def lacking(self, seen: Seen) -> list[Phrase]:
        """Why the document of a correction cannot be written; it can be copied into Ecuapass all the same."""
        rules = self._office.file.corrections
        return list(document.lacking(seen.correction, seen.lines, _subject(seen.report), rules))

    def _do(
        self, book: Book, found: Correction, who: Who, what: What, reason: str, now: datetime
    ) -> Correction:
        target = found.next(what, who.may(Right.OVERRIDE))
        if target is None:
            state = Phrase(f"console.correction.state.{found.state.value}")
            raise NotNow(Phrase("console.correction.not_in_state", {"state": state}))
        if what is What.REVIEWED and who.id == found.user:
            raise NotAllowed("nobody reviews a correction that they have written themselves")
        report = self._report(book, found.report, lock=True)
        if what in (What.REVIEWED, What.APPROVED, *ISSUING):
            self._still(book.connection, report, found, what)
        after, detail = replace(found, state=target), {}
        if what is What.REOPENED:
            after = replace(after, user=who.id, name=who.name, role=who.role.value)
        if what is What.UNQUEUED and CORRECTIONS.on_its_way(book.connection, found.position):
            raise NotNow(Phrase("transmission.on_its_way"))
        if what in ISSUING:
            detail = self._issued(found, report, now)
        if what is What.QUEUED and "sha256" not in detail:
            raise NotNow(Phrase("console.correction.by_hand"))
        saved = corrections.save(book.connection, after, found, what, who, now, reason, detail)
        if what is What.APPROVED:
            self._apply(book, report, saved, who, reason)
        return saved

    def _still(self, connection: Connection, report: Report, found: Correction, what: What) -> None:
        """Whether a correction still fits its report. Raises `NotNow`."""
        if report.state is not State.APPROVED or report.delivery_number != found.number:
            raise NotNow(Phrase("console.correction.only_approved"))
        if what is not What.APPROVED and _regularised(connection, report):
            raise NotNow(Phrase("console.correction.regularised"))

    def _apply(self, book: Book, report: Report, saved: Correction, who: Who | None, reason: str) -> None:
        """Lay what customs has approved over the report, or end it."""
        detail: dict[str, Any] = {"correction": saved.id, "changes": [dict(each) for each in saved.changes]}
        fields = tuple(saved.values)
        if saved.kind is Aim.CANCELLATION:
            after = replace(report, state=State.CANCELLED)
            book.save(after, report, Change(What.CANCELLED, who, reason, detail))
            return
        after = replace(report, corrected={**report.corrected, **saved.values})
        if after.proposed is not None and not after.proposals():
            after = replace(after, proposed=None, proposed_event=None)
        book.save(after, report, Change(What.CORRECTED, who, reason, detail, fields=fields))

    def _issued(self, found: Correction, report: Report, now: datetime) -> dict[str, Any]:
        """When and as which bytes it leaves; without bytes where it can only be copied by hand."""
        issued_at = now.replace(microsecond=0)
        try:
            body = self._written(found, report, issued_at)
        except NoDocument:
            return {"issued_at": timestamp(issued_at)}
        return {"issued_at": timestamp(issued_at), "sha256": sha256(body)}

    def _written(self, found: Correction, report: Report, issued_at: datetime) -> bytes:
        rules, documents = self._office.file.corrections, self._office.documents
        return document.write(found, self.lines(found), _subject(report), issued_at, rules, documents)

    def _add(
        self, book: Book, report: Report, who: Who, made: Made, identity: str | None = None
    ) -> Correction:
        now = self._office.now()
        correction = Correction(
            position=0,
            id=identity or corrections.new_id(),
            version=1,
            state=State.DRAFT,
            kind=made.kind,
            depot=report.depot,
            report=report.position,
            number=report.delivery_number,
            changes=made.changes,
            reason=made.reason,
            user=who.id,
            name=who.name,
            role=who.role.value,
            made_at=now,
            changed_at=now,
            twin=made.twin,
            successor=made.successor,
        )
        return corrections.add(book.connection, correction, who, now)

    def _successor(self, book: Book, found: Report, who: Who, text: str, reason: str) -> Report:
        """The report that takes a cancelled one's place: the same cargo and entry under another document."""
        today = self._today()
        try:
            value = typed("/document", text, self._office.rules, today).value
        except BadValue as error:
            raise BadFields({"/document": error.phrase}) from error
        if value == found.payload.get("document"):
            raise BadFields({"/document": Phrase("console.correction.same_document")})
        values = {"/document": value}
        return self._office.make(
            book, found.depot, ReportKind(found.kind), who, reason, like=found, values=values
        )

    def _other(self, book: Book, found: Report, words: str, who: Who) -> Report:
        """The other report of a swap, locked. Raises `NotNow` where words do not name exactly one."""
        wanted = Wanted(words=words, state=State.APPROVED, depot=found.depot)
        rows = query.page(book.connection, who, wanted, count=3)[0] if words.strip() else []
        ids = [row.id for row in rows if row.position != found.position]
        if len(ids) != 1:
            raise NotNow(Phrase("console.correction.which_other", {"count": len(ids)}))
        other = book.find(ids[0], lock=True)
        if other is None or not who.sees(other.depot):
            raise NoReport("the other report is gone")
        return other

    def _today(self) -> date:
        return self._office.now().astimezone(ECUADOR).date()

    def _report(self, book: Book, position: int, lock: bool = False) -> Report:
        found = book.find(corrections.report_id(book.connection, position), lock)
        if found is None:
            raise NoReport(f"no report at {position}")
        return found

    def _find(self, connection: Connection, correction: str, who: Who, lock: bool = False) -> Correction:
        found = corrections.find(connection, correction, lock)
        if found is None or not who.sees(found.depot):
            raise NoReport(f"no correction {correction[:40]!r}")
        return found

    def _current(self, connection: Connection, correction: str, version: int, who: Who) -> Correction:
        """A locked correction of the version that the person has looked at."""
        if not who.may(Right.WORK):
            raise NotAllowed(f"a {who.role.value} changes no correction")
        found = self._find(connection, correction, who, lock=True)
        if found.version != version:
            raise Stale(f"correction {correction} is at version {found.version}, not {version}")
        return found

    @contextmanager
    def _working(self, report: str, version: int, who: Who) -> Iterator[tuple[Book, Report]]:
        """A transaction on one locked report that may be corrected.

        Raises `NotAllowed`, `NoReport`, `Stale`, and `NotNow` with the reason.
        """
        if not who.may(Right.WORK):
            raise NotAllowed(f"a {who.role.value} corrects no report")
        with writing(self._office.engine) as connection:
            book = self._office.book(connection)
            found = book.find(report, lock=True)
            if found is None or not who.sees(found.depot):
                raise NoReport(f"no report {report[:40]!r}")
            if found.version != version:
                raise Stale(f"report {report} is at version {found.version}, not {version}")
            why = self.why_not(connection, found)
            if why is not None:
                raise NotNow(why)
            yield book, found


def _regularised(connection: Connection, report: Report) -> bool:
    """Whether customs has closed the document of a report."""
    document = report.payload.get("document")
    if document is None:
        return False
    found = declarations.of_document(connection, report.depot, document["type"], document["number"])
    return found is not None and found.regularised


def _subject(report: Report) -> Subject:
    depot = Depot.from_wire(report.base["depot"])
    return Subject(cast(Literal["IIE", "ISE"], report.kind), depot)
