"""Looking for reports: by what is written on paper, by depot, state and day; page by page, the newest first.

Pages are found by the last row of the one before (a keyset), so that page 1000 costs what page 1 costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    Select,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from record.errors import IieError
from record.identifiers.folding import fold
from registry.among import among
from registry.numbers import ECUADOR
from registry.people.who import Who
from registry.reports.state import State
from registry.reports.tables import report_changes, report_keys, reports
from registry.reports.tray import Tray

KINDS = ("number", "document", "container", "plate")
"""What a report is found by, as `report_keys` has it."""

PAGE = 50
SHORTEST_BEGINNING = 8
"""Characters from which on the beginning of a number is enough to find it."""

MOST_FOUND = 2000
"""Reports that a word may find: the beginning of a year's numbers would find them all (`TooWide`)."""

EXIT: ColumnElement[str] = literal_column("'ISE'")
"""As the partial index has it: a bound value would not be recognised (SQLite, partial indexes, 3)."""

LARGEST = 2**31 - 1
"""The last position that there can be."""

COUNTED = 1000
"""Counts end here: beyond it nobody reads the figure."""


class DaysReversed(IieError):
    """The first day that is looked for comes after the last."""

    advice = "console.problem.days_reversed"


class TooWide(IieError):
    """What is looked for begins more numbers than `MOST_FOUND`: write more of it."""

    advice = "console.problem.too_wide"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the row of this moment and position."""

    entered_at: datetime
    position: int

    def __str__(self) -> str:
        return f"{int(self.entered_at.timestamp() * 1000)}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """A place as an address carries it. Raises ValueError."""
        match = re.fullmatch(r"([0-9]{1,15})\.([0-9]{1,18})", text)
        if match is None or int(match[2]) > LARGEST:
            raise ValueError(f"no place of a page: {text[:40]!r}")
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[1]))
        return cls(moment, int(match[2]))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty one is everything that the person may see. Days are Ecuador's, both included.

    ``words`` are a number, document, container or plate; the four by name are one of each.
    """

    words: str = ""
    number: str = ""
    document: str = ""
    container: str = ""
    plate: str = ""
    state: State | None = None
    depot: str | None = None
    kind: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        """Raises `DaysReversed`."""
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise DaysReversed(
                f"{self.first_day} is after {self.last_day}",
                first=f"{self.first_day}",
                last=f"{self.last_day}",
            )


def page(
    connection: Connection, who: Who, wanted: Wanted, after: Place | None = None, count: int = PAGE
) -> tuple[Sequence[Row[Any]], Place | None]:
    """A page of reports, the newest entry first, and where the next one begins; None after the last.

    Raises `TooWide`.
    """
    if wanted.depot is not None and not who.sees(wanted.depot):
        return (), None
    found = named(connection, wanted)
    of: FromClause = reports
    if found is not None:
        of = select(reports).where(among(connection, reports.c.position, found)).limit(MOST_FOUND).subquery()
    if who.depots is not None and len(who.depots) > 1 and wanted.depot is None and found is None:
        query = select(reports).where(reports.c.position.in_(_first_of_each(who, wanted, after, count + 1)))
    else:
        query = _after(_filtered(select(of), who, wanted, of), after, of)
    query = _newest(query, count + 1, of)
    rows = connection.execute(query).all()
    shown = rows[:count]
    more = Place(shown[-1].entered_at, shown[-1].position) if len(rows) > count else None
    return shown, more


def _after(query: Select[Any], after: Place | None, of: FromClause = reports) -> Select[Any]:
    """What comes after the row of a place."""
    if after is None:
        return query
    earlier = of.c.entered_at < after.entered_at
    same = (of.c.entered_at == after.entered_at) & (of.c.position < after.position)
    return query.where(of.c.entered_at <= after.entered_at, or_(earlier, same))


def _newest(query: Select[Any], count: int, of: FromClause = reports) -> Select[Any]:
    return query.order_by(of.c.entered_at.desc(), of.c.position.desc()).limit(count)


def _first_of_each(who: Who, wanted: Wanted, after: Place | None, count: int) -> CompoundSelect[Any]:
    """The newest of each of a person's depots, from that depot's own index: rows of other depots, of which there may
    be millions, are not looked at."""
    found = []
    for depot in who.depots or ():
        of_depot = _filtered(select(reports.c.position), who, replace(wanted, depot=depot))
        found.append(select(_newest(_after(of_depot, after), count).subquery().c.position))
    return union_all(*found)


def one(connection: Connection, report: str) -> Row[Any] | None:
    """The row of a report's id, whoever asks."""
    return connection.execute(select(reports).where(reports.c.id == report)).one_or_none()


def _filtered(query: Select[Any], who: Who, wanted: Wanted, of: FromClause = reports) -> Select[Any]:
    """All but the words: what these find is looked up beforehand (`named`)."""
    if wanted.depot is None or not who.sees(wanted.depot):
        query = _visible(query, who, of)
    if wanted.state is not None:
        query = query.where(of.c.state == wanted.state.value)
    if wanted.depot is not None:
        query = query.where(of.c.depot == wanted.depot)
    if wanted.kind is not None:
        query = query.where(of.c.report == (EXIT if wanted.kind == "ISE" else wanted.kind))
    if wanted.first_day is not None:
        query = query.where(of.c.entered_at >= _begin(wanted.first_day))
    if wanted.last_day is not None:
        query = query.where(of.c.entered_at < _begin(wanted.last_day + timedelta(days=1)))
    return query


def _visible(query: Select[Any], who: Who, of: FromClause) -> Select[Any]:
    if who.depots is None:
        return query
    one = len(who.depots) == 1
    return query.where(of.c.depot == who.depots[0] if one else of.c.depot.in_(who.depots))


def _kept(query: Select[Any], who: Who) -> Select[Any]:
    """The same of a tray: it holds little beside all reports of a depot, whose index must not be taken."""
    return query if who.depots is None else query.where((reports.c.depot + "").in_(who.depots))


def _asked(wanted: Wanted) -> Iterator[tuple[str | None, str]]:
    """The words that reports are looked for by, each with the kind that it is of."""
    named: dict[str | None, str] = {None: wanted.words}
    named |= {kind: getattr(wanted, kind) for kind in KINDS}
    yield from ((kind, words) for kind, words in named.items() if words.strip())


def named(connection: Connection, wanted: Wanted) -> list[int] | None:
    """The places of the reports that all the words find, from their index alone; None where there are no words.

    Raises `TooWide` where a beginning finds more than a page can be made of: some would be left out unseen.
    """
    every: set[int] | None = None
    for kind, words in _asked(wanted):
        found = connection.execute(_found(words, kind).limit(MOST_FOUND + 1)).scalars().all()
        if len(found) > MOST_FOUND:
            raise TooWide(f"more than {MOST_FOUND} reports begin like this", most=str(MOST_FOUND))
        every = set(found) if every is None else every & set(found)
    return None if every is None else sorted(every)


def _found(words: str, kind: str | None = None) -> Select[Any]:
    """Reports by number, document, container or plate, however it is written; long beginnings are enough."""
    compact = fold(words[:80]).compact
    texts = {compact, compact.removeprefix("DAE"), *_plates(compact)}
    named = report_keys.c.value.in_(sorted(texts))
    long = sorted(text for text in texts if len(text) >= SHORTEST_BEGINNING)
    begun = [(report_keys.c.value >= text) & (report_keys.c.value < beyond(text)) for text in long]
    query = select(report_keys.c.report).where(or_(named, *begun)).order_by(report_keys.c.value)
    return query if kind is None else query.where(report_keys.c.kind == kind)


def _plates(compact: str) -> set[str]:
    """A plate of three digits with and without the zero that is put before them, whichever was typed."""
    match = re.fullmatch(r"([A-Z]{3})0?([0-9]{3})", compact)
    return {match[1] + match[2], f"{match[1]}0{match[2]}"} if match else set()


def beyond(text: str) -> str:
    """The first text after all that begin with this one, among capitals and digits in any usual order."""
    kept = text.rstrip("Z")
    if not kept:
        return "Z" * 33
    last = kept[-1]
    return kept[:-1] + ("A" if last == "9" else chr(ord(last) + 1))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ECUADOR).astimezone(UTC)


def tray(connection: Connection, who: Who, of: Tray, count: int = PAGE) -> Sequence[Row[Any]]:
    """What lies in a tray, the oldest entry first: it has waited longest."""
    query = _in_tray(select(reports), of).order_by(reports.c.entered_at, reports.c.position)
    return connection.execute(_kept(query, who).limit(count)).all()


def counts(connection: Connection, who: Who) -> dict[Tray, int]:
    """How much lies in each tray, up to `COUNTED`."""
    found = {}
    for each in Tray:
        some = _kept(_in_tray(select(reports.c.position), each), who).limit(COUNTED).subquery()
        found[each] = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def latest(connection: Connection) -> int:
    """A number that grows with every change of any report."""
    return connection.execute(select(func.max(report_changes.c.position))).scalar() or 0


def _in_tray(query: Select[Any], of: Tray) -> Select[Any]:
    return query.where(reports.c.disputed if of is Tray.PROPOSED else reports.c.tray == of.value)
