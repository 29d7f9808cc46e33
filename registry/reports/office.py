"""The office: everything that is done to reports, each deed in one transaction.

Who does something says which version they have looked at. Where the report is another by then, nothing happens
and they are told (`Stale`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row

from record.base import timestamp
from record.draft import ReportKind
from record.errors import IieError
from record.messages import Phrase
from record.proof import SigningKey, sha256
from registry import numbers
from registry.corrections import book as corrections
from registry.database import reading, writing
from registry.numbers import ECUADOR
from registry.people.role import Right
from registry.people.who import Who
from registry.reports.book import Book, Stale
from registry.reports.change import Change
from registry.reports.completion import LONGEST_REASON, Asked, Completion, Done
from registry.reports.document import Documents, NoDocument
from registry.reports.entry import Entry
from registry.reports.hand import begun, by_hand, copied
from registry.reports.pointer import at
from registry.reports.report import Matter, Report
from registry.reports.rules import Rules
from registry.reports.state import NEEDS_REASON, NOT_A_DEED, OVERRIDES, State, What, move
from registry.reports.takeup import AT_ONCE, take_up
from registry.settings import RegistryFile
from registry.transmission.queue import REPORTS

ISSUING = frozenset({What.EXPORTED, What.QUEUED})
"""Deeds with which a report's document is issued."""


class NoReport(IieError):
    """There is no such report, or it is not this person's to see."""

    advice = "console.problem.not_found"


class NotAllowed(IieError):
    """The person's role does not do this, or somebody else has to."""

    advice = "console.problem.forbidden"


class NotNow(IieError):
    """The report's state does not allow it; ``phrase`` says why."""

    advice = "console.problem.not_now"

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.code)
        self.phrase = phrase


class NotReady(NotNow):
    """Something has to be done before; ``matters`` lists it."""

    def __init__(self, matters: Sequence[Matter]) -> None:
        super().__init__(Phrase("console.problem.not_ready", {"count": len(matters)}))
        self.matters = list(matters)


@dataclass(frozen=True, slots=True)
class Seen:
    """A report with its history, as one look at the database shows them."""

    report: Report
    history: Sequence[Row[Any]]


class Office:
    """Reports of one registry. Safe for several threads and several processes."""

    def __init__(
        self,
        engine: Engine,
        file: RegistryFile,
        key: SigningKey,
        clock: Callable[[], datetime],
        folder: Path = Path(),
    ) -> None:
        """``folder`` is where the settings' relative paths begin."""
        self._engine, self._file, self._key, self._clock = engine, file, key, clock
        self.rules = Rules.of(file)
        self.documents = Documents.of(file, folder)

    @property
    def engine(self) -> Engine:
        """The registry's database."""
        return self._engine

    @property
    def file(self) -> RegistryFile:
        """The registry's settings."""
        return self._file

    @property
    def key(self) -> SigningKey:
        """What the registry signs with."""
        return self._key

    def now(self) -> datetime:
        """The registry's clock."""
        return self._clock()

    def take_up(self, count: int = AT_ONCE) -> int:
        """Make reports of drafts, and bring those up that have changed, so many at most; how many."""
        return take_up(self._engine, self.rules, self._key, self._clock(), count)

    def book(self, connection: Connection) -> Book:
        """The book within somebody's own transaction."""
        return Book(connection, self.rules, self._key, self._clock())

    def see(self, report: str, who: Who) -> Seen:
        """A report with its history. Raises `NoReport`."""
        with reading(self._engine) as connection:
            book = self.book(connection)
            found = book.find(report)
            if found is None or not who.sees(found.depot):
                raise NoReport(f"no report {report[:40]!r}")
            return Seen(found, book.history(found.position))

    def create(self, depot: str, kind: ReportKind, who: Who, reason: str, like: str | None = None) -> str:
        """A report from nothing, or with the values of another (``like``), for a day without a gate: its id.

        Every value of it is the person's. Raises `NotAllowed`, `NoReport`, `NotNow` without a reason.
        """
        if not who.may(Right.WORK) or not who.sees(depot):
            raise NotAllowed(f"a {who.role.value} makes no report for {depot[:40]}")
        other = self.see(like, who).report if like else None
        with writing(self._engine) as connection:
            book = self.book(connection)
            return self.make(book, depot, kind, who, reason, other).id

    def make(
        self,
        book: Book,
        depot: str,
        kind: ReportKind,
        who: Who,
        reason: str,
        like: Report | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Report:
        """A new report within somebody's transaction, with ``values`` beside those of the other one."""
        now, reason = self._clock(), " ".join(reason.split())[:LONGEST_REASON]
        settings = self._file.depots.get(depot)
        if settings is None:
            raise NotNow(Phrase("console.problem.depot_gone", {"depot": depot[:40]}))
        if not reason:
            raise NotNow(Phrase("console.value.reason"))
        base = begun(settings.as_record(), kind, now)
        number = self._number(book, depot, now)
        report = by_hand(depot, base, number, now, simulated=like is not None and like.simulated)
        detail = {"base": base, **({"like": like.id} if like else {})}
        added = book.add(report, Change(What.CREATED, who, reason, detail))
        entries = copied(like, who, now, reason) if like is not None else {}
        for where, value in (values or {}).items():
            entries[where] = Entry(where, value, None, who.id, who.name, who.role.value, now, reason)
        if not entries:
            return added
        changes = [{"field": name, "before": None, "after": each.value} for name, each in entries.items()]
        return book.save(added, added, Change(What.COMPLETED, who, reason, {"changes": changes}, entries))

    def complete(self, report: str, version: int, who: Who, asked: Asked) -> Done:
        """Lay a person's values over the gate's. Raises `BadFields`, `Stale`, `NotNow` and the like."""
        now = self._clock()
        with self._working(report, version, who, now) as (book, found):
            if found.state is not State.DRAFT:
                raise NotNow(Phrase("console.problem.not_a_draft"))
            today = now.astimezone(ECUADOR).date()
            done = Completion(found, who, now, self.rules, today).done(asked)
            if not done.nothing:
                change = Change(
                    What.COMPLETED,
                    who,
                    " ".join(asked.reason.split())[:LONGEST_REASON],
                    {"changes": list(done.changes)},
                    done.entries,
                    done.dropped,
                    tuple(str(each["field"]) for each in done.changes),
                )
                book.save(found, found, change)
        return done

    def confirm(self, report: str, version: int, who: Who, field: str) -> None:
        """A second person confirms another's value. Raises `NotAllowed` for the one who entered it."""
        now = self._clock()
        with self._working(report, version, who, now) as (book, found):
            entry = next((each for each in found.unconfirmed(self.rules) if each.field == field), None)
            if entry is None or found.state is not State.DRAFT:
                raise NotNow(Phrase("console.problem.nothing_to_confirm"))
            if entry.user == who.id:
                raise NotAllowed("nobody confirms what they have entered themselves")
            confirmed = replace(entry, confirmed_user=who.id, confirmed_name=who.name, confirmed_at=now)
            detail = {"field": field, "value": entry.value, "entered_by": entry.name}
            book.save(
                found, found, Change(What.CONFIRMED, who, "", detail, {field: confirmed}, fields=(field,))
            )

    def do(
        self,
        report: str,
        version: int,
        who: Who,
        what: What,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> Report:
        """Move a report on. Raises `NotReady` with what is missing, `NotNow`, `NotAllowed`, `Stale`, `NoReport`."""
        now, reason = self._clock(), " ".join(reason.split())[:LONGEST_REASON]
        with self._working(report, version, who, now) as (book, found):
            after = self._moved(found, who, what, reason)
            change = Change(what, who, reason, dict(detail or {}))
            if what is What.UNQUEUED and REPORTS.on_its_way(book.connection, found.position):
                raise NotNow(Phrase("transmission.on_its_way"))
            if what in ISSUING:
                _after_its_cancellation(book, found)
                change = replace(change, detail={**change.detail, **self._issued(found, now)})
            if what is What.REOPENED:
                after, change = self._reopened(book, found, after, change, now)
            if what is What.DISMISSED:
                change = replace(change, detail=_dismissed(found))
                after = replace(after, proposed=None, proposed_event=None, voided=False)
            return book.save(after, found, change)

    def document(self, report: str, who: Who) -> tuple[str, bytes]:
        """The name and the bytes of a report's document, the very ones that were issued.

        Raises `NoReport`, `NotNow` before it was issued, `NoDocument` where the settings have changed since so
        that it cannot be written any more, `BadSchema`.
        """
        seen = self.see(report, who)
        issued = next((row for row in reversed(seen.history) if What(row.what) in ISSUING), None)
        if issued is None or not seen.report.state.has_left:
            raise NotNow(Phrase("console.document.not_issued"))
        return f"{seen.report.kind}-{seen.report.delivery_number}.xml", self.again(seen.report, issued.detail)

    def again(self, found: Report, issued: Mapping[str, Any]) -> bytes:
        """The document that was issued by a change of this ``detail``, written again: the very same bytes.

        Raises `NotNow` where settings or values have changed since so that it would be another, `NoDocument` where
        it cannot be written any more, `BadSchema`.
        """
        issued_at = datetime.fromisoformat(issued["issued_at"])
        body = self.documents.write(found.issued(), found.delivery_number, issued_at)
        if sha256(body) != issued["sha256"]:
            raise NotNow(Phrase("console.document.other"))
        return body

    def _issued(self, found: Report, now: datetime) -> dict[str, str]:
        """When and as which bytes the document leaves; it is not kept, since it can be written again."""
        issued_at = now.replace(microsecond=0)
        try:
            body = self.documents.write(found.document(), found.delivery_number, issued_at)
        except NoDocument as error:
            raise NotReady([Matter(None, phrase) for phrase in error.phrases]) from error
        return {"issued_at": timestamp(issued_at), "sha256": sha256(body)}

    def _moved(self, found: Report, who: Who, what: What, reason: str) -> Report:
        """The report in its next state, where it may be there."""
        if what in NOT_A_DEED:
            raise NotAllowed(f"{what} is not a deed of a person")
        target = move(what, found.state, who.may(Right.OVERRIDE))
        if target is None:
            state = Phrase(f"console.state.{found.state.value}")
            raise NotNow(Phrase("console.problem.not_in_state", {"state": state}))
        overrides = found.state in OVERRIDES.get(what, frozenset())
        if not reason and (what in NEEDS_REASON or overrides):
            raise NotNow(Phrase("console.value.reason"))
        if what is What.DISMISSED and found.proposed is None and not found.voided:
            raise NotNow(Phrase("console.problem.nothing_to_dismiss"))
        if what is What.REVIEWED:
            matters = found.matters(self.rules)
            if matters:
                raise NotReady(matters)
        return replace(found, state=target)

    def _reopened(
        self, book: Book, found: Report, after: Report, change: Change, now: datetime
    ) -> tuple[Report, Change]:
        """A draft again: with the gate's newest values, and with another number where customs refused the last."""
        detail: dict[str, Any] = {}
        if found.proposed is not None:
            after = replace(
                after,
                event=found.proposed_event,
                gate_draft=found.proposed,
                base=found.proposed.payload.to_wire(),
                proposed=None,
                proposed_event=None,
            )
            detail["changes"] = [{"field": f, "before": b, "after": a} for f, b, a in found.proposals()]
            detail["revision"] = found.proposed.revision
        if found.corrected:
            kept = as_entries(found.corrected, found, change, now)
            change = replace(change, entries={**change.entries, **kept})
        if found.state is State.REJECTED:
            number = self._number(book, found.depot, now)
            detail |= {"number_before": found.delivery_number, "number": number}
            after = replace(after, delivery_number=number)
        return after, replace(change, detail=detail)

    def _number(self, book: Book, depot: str, now: datetime) -> str:
        """The depot's next número de entrega."""
        settings = self._file.depots.get(depot)
        if settings is None:
            raise NotNow(Phrase("console.problem.depot_gone", {"depot": depot}))
        year = numbers.year_of(now)
        sequence = numbers.reserve(book.connection, settings.oce, year, settings.first_number)[0]
        return numbers.written(settings.oce, year, sequence, settings.channel)

    @contextmanager
    def _working(self, report: str, version: int, who: Who, now: datetime) -> Iterator[tuple[Book, Report]]:
        """A transaction on one locked report, of the version that the person has looked at."""
        if not who.may(Right.WORK):
            raise NotAllowed(f"a {who.role.value} changes no report")
        with writing(self._engine) as connection:
            book = Book(connection, self.rules, self._key, now)
            found = book.find(report, lock=True)
            if found is None or not who.sees(found.depot):
                raise NoReport(f"no report {report[:40]!r}")
            if found.version != version:
                raise Stale(f"report {report} is at version {found.version}, not {version}")
            yield book, found


def _after_its_cancellation(book: Book, found: Report) -> None:
    """Whether a report may leave: one that takes another's place waits until that is cancelled. Raises `NotNow`."""
    replaced = corrections.replacing(book.connection, found.position)
    if replaced is not None and replaced.state not in (State.APPROVED, State.WITHDRAWN):
        raise NotNow(Phrase("console.correction.replaces", {"number": replaced.number}))


def as_entries(values: Mapping[str, Any], found: Report, change: Change, now: datetime) -> dict[str, Entry]:
    """What was corrected in a report, as entries of the person who opens it again: no correction is of its next
    number."""
    who = change.who
    if who is None:
        return {}
    return {
        where: Entry(
            where, value, at(found.base, where), who.id, who.name, who.role.value, now, change.reason
        )
        for where, value in values.items()
    }


def _dismissed(found: Report) -> dict[str, Any]:
    """What a person has decided not to follow."""
    changes = [{"field": f, "before": a, "after": b} for f, b, a in found.proposals()]
    return {"changes": changes, "voided": found.voided}
