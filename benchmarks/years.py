"""Five years of the country's reports in one registry: made quickly, and how long the first page of each search takes.

15.4 million rows in `reports` with everything that an index holds, four keys of each in `report_keys`, each DAE in
`declarations`; what no search reads (events, receipts, histories) is left out. The database makes the rows itself: 130
depots of which a few have most, one DAE over five reports of its depot, 300,000 containers and 10,000 plates that come
again and again, and among the newest 20,000 reports every state.

    python -m benchmarks.years [--rows N] [--on sqlite] [--database URL]

With `--database` one is used that stays: filled where it holds no report, else measured as it is.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, Table, UniqueConstraint, func, select, text

from benchmarks.bare import percentile
from benchmarks.postgres import Postgres
from registry.daes import book as daes
from registry.daes.ledger import ledgers
from registry.daes.tables import declarations
from registry.database import migrate, open_engine, reading
from registry.people.role import Role
from registry.people.who import Who
from registry.reports import query
from registry.reports.query import Place, Wanted
from registry.reports.state import State
from registry.reports.tables import report_keys, reports
from registry.reports.tray import Tray

ROWS = 15_400_000
CHUNK = 500_000
FIRST = datetime(2021, 11, 24, tzinfo=UTC)
SPAN_S = 5 * 365 * 86400
DEPOTS = 130
NEW = 20_000
"""The newest reports, of which most are still being worked on."""

SAMPLES = 150
TRIES = 3

Say = Callable[[str], None]


def digits(number: str, count: int) -> str:
    """SQL of a number with leading zeros, in both dialects."""
    return f"substr(cast({10**count} + {number} AS text), 2)"


MIXED = "(n * 2654435761 % 4294967296)"
"""Knuth's multiplicative hash of the row's number: the same rows on every machine."""

PER_DOCUMENT = 5
OTHER = "(n * 40503 % 1000003)"
OF_DOCUMENT = f"(n / {PER_DOCUMENT} * 2654435761 % 4294967296)"
DEPOT = f"({OF_DOCUMENT} % {DEPOTS} * ({OF_DOCUMENT} / {DEPOTS} % {DEPOTS}) / {DEPOTS})"
STATE = f"""CASE WHEN n > :rows - {NEW} AND {OTHER} % 10 < 7 THEN
    CASE {OTHER} / 10 % 6 WHEN 0 THEN 'reviewed' WHEN 1 THEN 'exported' WHEN 2 THEN 'sent' WHEN 3 THEN 'rejected'
    ELSE 'draft' END
  WHEN {OTHER} % 1000 < 20 THEN 'withdrawn' WHEN {OTHER} % 1000 = 21 THEN 'cancelled'
  WHEN {OTHER} = 999 THEN 'error' ELSE 'approved' END"""
TRAY = """CASE state WHEN 'draft' THEN CASE n % 3 WHEN 0 THEN 'complete' ELSE 'review' END
  WHEN 'reviewed' THEN 'export' WHEN 'exported' THEN 'waiting' WHEN 'sent' THEN 'waiting'
  WHEN 'rejected' THEN 'refused' WHEN 'error' THEN 'refused' END"""
YEAR = "(2021 + (n - 1) * 5 / :rows)"
VALUES = {
    "number": f"{digits(f'90000000 + {DEPOT}', 8)} || {YEAR} || {digits('n', 8)} || 'S'",
    "document": f"'028' || {YEAR} || '40' || {digits(f'n / {PER_DOCUMENT}', 8)}",
    "container": f"'CSQU' || {digits(f'{MIXED} % 300000 + 1000000', 7)}",
    "plate": f"'GBA' || {digits(f'{MIXED} / 7 % 10000', 4)}",
}
EPOCH = f"{int(FIRST.timestamp())} + n * {SPAN_S} / :rows"
MOMENT = {
    "sqlite": f"strftime('%Y-%m-%d %H:%M:%S.000000', {EPOCH}, 'unixepoch')",
    "postgresql": f"to_timestamp({EPOCH})",
}
SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM s WHERE n < :high)",
    "postgresql": "WITH s AS (SELECT generate_series(cast(:low AS bigint), cast(:high AS bigint)) AS n)",
}
SQLITE_HASTE = ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY")
POSTGRES_HASTE = ("synchronous_commit=off", "maintenance_work_mem='1GB'")
HASTY_SERVER = (
    *("listen_addresses=", "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("max_wal_size=8GB", "shared_buffers=2GB", "autovacuum=off"),
)
"""Settings of a PostgreSQL that is filled once and then only read."""


def filling(dialect: str) -> dict[str, str]:
    """The statements that make the rows from number :low to :high."""
    moment = MOMENT[dialect]
    made = {
        "position": "n",
        "id": f"{digits('n', 8)} || '-0000-7000-8000-000000000000'",
        "version": "4",
        "state": "state",
        "depot": "depot",
        "gate": "'g1'",
        "draft": f"{digits('n', 8)} || '-0000-7000-9000-000000000000'",
        "voided": "false",
        "simulated": "false",
        "delivery_number": VALUES["number"],
        "report": f"CASE WHEN depot_number % 4 = 0 AND {OTHER} % 10 < 3 THEN 'ISE' ELSE 'IIE' END",
        **dict.fromkeys(("entered_at", "received_at", "changed_at"), moment),
        "open_matters": "0",
        "document_type": "'DAE'",
        "document_number": VALUES["document"],
        "container": VALUES["container"],
        "items": "1",
        "weight_kg": f"20000 + {OTHER} % 9000",
        "packages": "1080",
        "description": "'BANANO FRESCO'",
        "tray": TRAY,
        "disputed": f"n > :rows - {NEW} AND {OTHER} % 50 = 0",
    }
    part = f"SELECT n, 'd' || {DEPOT} AS depot, {DEPOT} AS depot_number, {STATE} AS state FROM s"
    series = SERIES[dialect]
    select = f"SELECT {', '.join(made.values())} FROM ({part}) AS part"
    documents = {
        "id": f"{digits('n', 8)} || '-0000-7000-a000-000000000000'",
        "version": "0",
        "depot": f"'d' || {DEPOT}",
        "type": "'DAE'",
        "number": VALUES["document"],
        "seen_at": moment,
    }
    every = f"SELECT {', '.join(documents.values())} FROM s WHERE n % {PER_DOCUMENT} = 0"
    kinds = " UNION ALL ".join(f"SELECT n, '{kind}', {value} FROM s" for kind, value in VALUES.items())
    return {
        "reports": f"INSERT INTO reports ({', '.join(made)}) {series} {select}",
        "report_keys": f"INSERT INTO report_keys (report, kind, value) {series} {kinds}",
        "declarations": f"INSERT INTO declarations ({', '.join(documents)}) {series} {every}",
    }


def fill(engine: Engine, rows: int, say: Say) -> None:
    """Make the rows of an empty registry; indexes are taken off first and made again at the end."""
    dialect = engine.dialect.name
    with engine.connect() as connection:
        for pragma in SQLITE_HASTE if dialect == "sqlite" else ():
            connection.connection.cursor().execute(f"PRAGMA {pragma}")
        for setting in POSTGRES_HASTE if dialect != "sqlite" else ():
            connection.exec_driver_sql(f"SET {setting}")
        connection.commit()
        for table in (reports, report_keys, declarations):
            _bare(connection, table)
            statement = text(filling(dialect)[table.name])
            for low in range(1, rows + 1, CHUNK):
                some = {"low": low, "high": min(low + CHUNK - 1, rows), "rows": rows}
                connection.execute(statement, {k: v for k, v in some.items() if f":{k}" in statement.text})
                connection.commit()
            say(f"{table.name}: rows")
            _indexed(connection, table)
            say(f"{table.name}: indexes")
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.connection.cursor().execute(
            "VACUUM ANALYZE" if dialect == "postgresql" else "PRAGMA journal_mode=WAL"
        )


def _bare(connection: Connection, table: Table) -> None:
    for index in table.indexes:
        index.drop(connection)
    for name in _constraints(connection, table):
        connection.execute(text(f"ALTER TABLE {table.name} DROP CONSTRAINT {name}"))
    connection.commit()


def _indexed(connection: Connection, table: Table) -> None:
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        index.create(connection)
        connection.commit()
    for name, columns in _constraints(connection, table).items():
        connection.execute(text(f"ALTER TABLE {table.name} ADD CONSTRAINT {name} UNIQUE ({columns})"))
        connection.commit()


def _constraints(connection: Connection, table: Table) -> dict[str, str]:
    """Unique constraints, which PostgreSQL can take off and SQLite cannot."""
    if connection.dialect.name != "postgresql":
        return {}
    found = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    names = [(connection.dialect.identifier_preparer.format_constraint(each), each.columns) for each in found]
    return {str(name): ", ".join(column.name for column in columns) for name, columns in names}


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one kind of search took, in milliseconds."""

    name: str
    median_ms: float
    p99_ms: float
    most_ms: float


Search = Callable[[Connection, random.Random], object]
ALL = Who("all", "All", Role.AUDITOR)


def searches(rows: int) -> Iterator[tuple[str, Search]]:
    """Every kind of search that a person or a system can make, each with values drawn anew."""

    def row(dice: random.Random) -> int:
        return dice.randint(1, rows)

    def depot(dice: random.Random) -> str:
        return f"d{dice.randrange(DEPOTS)}"

    def day(dice: random.Random) -> datetime:
        return FIRST + timedelta(days=dice.randrange(5 * 365))

    def one(dice: random.Random) -> Who:
        return replace(ALL, depots=(depot(dice),))

    def some(dice: random.Random) -> Who:
        return replace(ALL, depots=tuple(f"d{each}" for each in dice.sample(range(DEPOTS), 5)))

    people: dict[str, Callable[[random.Random], Who]] = {
        "all depots": lambda _: ALL,
        "one": one,
        "five": some,
    }
    filters: dict[str, Callable[[random.Random], Wanted]] = {
        "nothing": lambda _: Wanted(),
        "depot": lambda dice: Wanted(depot=depot(dice)),
        "state": lambda dice: Wanted(state=dice.choice(list(State))),
        "kind": lambda dice: Wanted(kind=dice.choice(["IIE", "ISE"])),
        "month": lambda dice: _days(day(dice), 30),
        "day": lambda dice: _days(day(dice), 1),
        "depot, state": lambda dice: Wanted(depot=depot(dice), state=dice.choice(list(State))),
        "depot, kind": lambda dice: Wanted(depot=depot(dice), kind=dice.choice(["IIE", "ISE"])),
        "depot, state, kind, year": lambda dice: replace(
            _days(day(dice), 365), depot=depot(dice), state=dice.choice(list(State)), kind="ISE"
        ),
        "state, kind, month": lambda dice: replace(
            _days(day(dice), 30), state=dice.choice(list(State)), kind=dice.choice(["IIE", "ISE"])
        ),
        "number": lambda dice: Wanted(words=_number(row(dice), rows)),
        "number's beginning": lambda dice: Wanted(number=_number(row(dice), rows)[:18]),
        "document": lambda dice: Wanted(document=_document(row(dice), rows)),
        "container": lambda dice: Wanted(container=f"CSQU{1_000_000 + dice.randrange(300_000)}"),
        "plate": lambda dice: Wanted(plate=f"GBA{dice.randrange(10_000):04d}"),
        "plate, state, month": lambda dice: replace(
            _days(day(dice), 30), plate=f"GBA{dice.randrange(10_000):04d}", state=State.APPROVED
        ),
        "nothing like it": lambda dice: Wanted(words=f"ZZZZ{dice.randrange(10**7):07d}"),
    }
    for whose, who in people.items():
        for name, wanted in filters.items():
            yield f"{name} ({whose})", _page(who, wanted)
        for tray in Tray:
            yield f"tray {tray.value} ({whose})", _tray(who, tray)
        yield f"counts of trays ({whose})", _counts(who)
        yield (
            f"a later page ({whose})",
            _page(who, filters["nothing"], lambda dice: Place(day(dice), row(dice))),
        )
        yield f"DAEs ({whose})", _daes(who, lambda _: "")
        yield f"a later page of DAEs ({whose})", _daes(who, lambda _: "", row)
        yield f"DAE ({whose})", _daes(who, lambda dice: _document(row(dice), rows))
        yield f"DAE's beginning ({whose})", _daes(who, lambda dice: _document(row(dice), rows)[:14])
    yield "newest change", lambda connection, _: query.latest(connection)


def _page(
    who: Callable[[random.Random], Who],
    wanted: Callable[[random.Random], Wanted],
    after: Callable[[random.Random], Place | None] = lambda _: None,
) -> Search:
    def search(connection: Connection, dice: random.Random) -> object:
        person, asked = who(dice), wanted(dice)
        if asked.depot is not None and person.depots is not None:
            asked = replace(asked, depot=dice.choice(person.depots))
        return query.page(connection, person, asked, after(dice))

    return search


def _counts(who: Callable[[random.Random], Who]) -> Search:
    return lambda connection, dice: query.counts(connection, who(dice))


def _tray(who: Callable[[random.Random], Who], tray: Tray) -> Search:
    return lambda connection, dice: query.tray(connection, who(dice), tray)


def _daes(
    who: Callable[[random.Random], Who],
    words: Callable[[random.Random], str],
    before: Callable[[random.Random], int | None] = lambda _: None,
) -> Search:
    """The list of base documents as its page shows it: each with what of it has come in."""

    def search(connection: Connection, dice: random.Random) -> object:
        found, _ = daes.page(connection, who(dice), words(dice), before(dice))
        return ledgers(connection, found)

    return search


def _days(first: datetime, count: int) -> Wanted:
    return Wanted(first_day=first.date(), last_day=(first + timedelta(days=count - 1)).date())


def _number(n: int, rows: int) -> str:
    mixed = n // PER_DOCUMENT * 2654435761 % 4294967296
    depot = mixed % DEPOTS * (mixed // DEPOTS % DEPOTS) // DEPOTS
    return f"{90_000_000 + depot}{_year(n, rows)}{n:08d}S"


def _document(n: int, rows: int) -> str:
    return f"028{_year(n, rows)}40{n // PER_DOCUMENT:08d}"


def _year(n: int, rows: int) -> int:
    return 2021 + (n - 1) * 5 // rows


def measured(engine: Engine, rows: int, samples: int = SAMPLES) -> Iterator[Timing]:
    """Each kind of search, warm: each is made `TRIES` times and the shortest counts, so that what it reads is in memory
    and what else the machine does is left out."""
    for name, search in searches(rows):
        took = []
        for number in range(samples):
            tries = []
            for _ in range(TRIES):
                with reading(engine) as connection:
                    began = time.perf_counter()
                    search(connection, random.Random(f"{name} {number}"))
                    tries.append((time.perf_counter() - began) * 1000)
            took.append(min(tries))
        yield Timing(name, percentile(took, 0.5), percentile(took, 0.99), max(took))


def run(engine: Engine, rows: int, samples: int) -> None:
    """Fill a database where it is empty and print what each search takes, the slowest first."""
    began = time.monotonic()
    with reading(engine) as connection:
        held = connection.execute(select(func.max(reports.c.position))).scalar()
    if held is None:
        fill(engine, rows, lambda what: print(f"{time.monotonic() - began:7.0f} s  {what}", flush=True))
    rows = held or rows
    print(f"{engine.dialect.name}, {rows} reports\n      p99   median  longest  (ms)", flush=True)
    for each in sorted(measured(engine, rows, samples), key=lambda each: -each.p99_ms):
        print(f"{each.p99_ms:9.1f}{each.median_ms:9.1f}{each.most_ms:9.1f}  {each.name}")


@contextmanager
def database(on: str, url: str | None) -> Iterator[Engine]:
    """The database to measure: one that stays, or a new one that goes."""
    with ExitStack() as stack:
        if url is None and on == "postgresql":
            url = stack.enter_context(Postgres(HASTY_SERVER)).fresh()
        elif url is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="years-"))
            url = f"sqlite:///{folder}/registry.db"
        engine = open_engine(url)
        stack.callback(engine.dispose)
        migrate(engine)
        yield engine


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.years", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--database", metavar="URL")
    asked = parser.parse_args()
    with database(asked.on, asked.database) as engine:
        run(engine, asked.rows, asked.samples)


if __name__ == "__main__":
    main()
