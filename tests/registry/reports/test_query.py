"""What the console asks for all the time is found by an index, whatever has been kept for years."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select, text

from registry.database import reading
from registry.people.role import Role
from registry.people.who import Who
from registry.reports import query
from registry.reports.query import Wanted, beyond
from registry.reports.state import State
from registry.reports.tables import reports
from registry.reports.tray import Tray
from registry.tables import drafts

EVERYBODY = Who("a", "Ana", Role.CLERK)
ONE = Who("b", "Bea", Role.CLERK, ("depot",))


def plan(engine: Engine, statement) -> str:
    with reading(engine) as connection:
        compiled = statement.compile(engine, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        return "\n".join(str(row[-1]) for row in connection.execute(text(explain + str(compiled))))


@pytest.fixture
def lite(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the tables' sizes: an empty one is always read whole")
    return engine


def test_waiting_drafts_are_found_by_their_index(lite):
    statement = select(drafts).where(drafts.c.pending).order_by(drafts.c.position).limit(1)
    assert "ix_drafts_pending" in plan(lite, statement)


@pytest.mark.parametrize("tray", list(Tray))
def test_trays_are_found_by_their_index(lite, tray):
    index = "ix_reports_disputed" if tray is Tray.PROPOSED else "ix_reports_tray_entered_at_position"
    for who in (EVERYBODY, ONE):
        found = query._kept(query._in_tray(select(reports), tray), who)
        told = plan(lite, found.order_by(reports.c.entered_at, reports.c.position).limit(50))
        assert index in told and "TEMP B-TREE" not in told


def test_exits_of_a_depot_in_a_state_are_found_by_their_index(lite):
    year = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
    wanted = Wanted(depot="depot", state=State.APPROVED, kind="ISE", **year)
    statement = query._newest(query._filtered(select(reports), ONE, wanted), 50)
    told = plan(lite, statement)
    assert "ix_reports_exits" in told and "TEMP B-TREE" not in told


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (EVERYBODY, Wanted()),
        (ONE, Wanted()),
        (EVERYBODY, Wanted(state=State.DRAFT)),
        (EVERYBODY, Wanted(depot="depot")),
    ],
)
def test_pages_are_read_in_their_order(lite, who, wanted):
    statement = query._filtered(select(reports), who, wanted)
    statement = statement.order_by(reports.c.entered_at.desc(), reports.c.position.desc()).limit(51)
    assert "TEMP B-TREE" not in plan(lite, statement)


@pytest.mark.parametrize(
    ("text", "after"), [("CSQU", "CSQV"), ("0199", "019A"), ("GBZ", "GC"), ("ZZ", "Z" * 33), ("A9", "AA")]
)
def test_the_first_text_beyond_a_beginning(text, after):
    assert beyond(text) == after
    assert (text < after and text + "0" < after) or set(text) == {"Z"}


def test_trays_hold_what_is_to_be_done(depot):
    first, second = depot.send(), depot.send(item={"packages": None})
    with reading(depot.engine) as connection:
        lying = {tray: [row.draft for row in query.tray(connection, EVERYBODY, tray)] for tray in Tray}
        counts = query.counts(connection, ONE)
        nobodys = query.counts(connection, Who("c", "C", Role.CLERK, ("elsewhere",)))
    assert (lying[Tray.REVIEW], lying[Tray.COMPLETE]) == ([first], [second])
    assert (counts[Tray.REVIEW], counts[Tray.COMPLETE], sum(counts.values())) == (1, 1, 2)
    assert sum(nobodys.values()) == 0
