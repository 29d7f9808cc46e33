"""Reports that a person makes: from nothing on a day without a gate, or like another for a DAE in excess."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from record.draft import ReportKind
from registry.database import reading, writing
from registry.people.role import Role
from registry.people.who import Who
from registry.reports.completion import Asked
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.reports.state import State, What
from registry.reports.tables import reports
from registry.verify import verified

FIELDS = {
    "/document": "DAE 028-2026-40-00123456",
    "/entered_at": "2026-11-24T10:30",
    "/items/0/container": "CSQU3054383",
    "/items/0/description": "CACAO",
    "/items/0/packages": "10",
    "/items/0/packaging": "104",
    "/items/0/weight_kg": "700",
}


def move(depot, report: str, what: What) -> None:
    seen = depot.office.see(report, depot.ana).report
    depot.office.do(report, seen.version, depot.ana, what)


def test_a_day_without_a_gate(depot):
    report = depot.office.create("depot", ReportKind.ENTRY, depot.ana, "la garita no tiene luz")
    seen = depot.office.see(report, depot.ana)
    assert [(row.what, row.name) for row in seen.history] == [("created", "Ana")]
    assert len(seen.report.matters(depot.office.rules)) == 6
    depot.office.complete(report, 1, depot.ana, Asked(FIELDS))
    for what in (What.REVIEWED, What.EXPORTED):
        move(depot, report, what)
    name, body = depot.office.document(report, depot.ana)
    assert b"<TransactionDateTime>2026-11-24T15:30:00Z<" in body and b"<SizeMeasure>700<" in body
    found = depot.office.see(report, depot.ana).report
    assert {entry.name for entry in found.entries.values()} == {"Ana"}
    assert name == f"IIE-{found.delivery_number}.xml"
    with reading(depot.engine) as connection:
        assert verified(connection).unbroken


def test_its_number_is_of_the_same_counter(depot):
    first = depot.row(depot.send()).delivery_number
    made = depot.office.create("depot", ReportKind.EXIT, depot.ana, "x")
    second = depot.office.see(made, depot.ana).report.delivery_number
    third = depot.row(depot.send()).delivery_number
    assert [int(number[12:20]) for number in (first, second, third)] == [1, 2, 3]


def test_like_another_but_for_the_document(depot, clock):
    draft = depot.send()
    clock.move(hours=3)
    depot.complete(draft, Asked({"/items/0/description": "CACAO"}, reason="x"))
    like = depot.report(draft)
    made = depot.office.create("depot", ReportKind.ENTRY, depot.ana, "DAE en exceso", like)
    report = depot.office.see(made, depot.ana).report
    other = depot.see(draft).report
    fields = {each.pointer: each.value for each in report.fields(depot.office.rules)}
    for each in other.fields(depot.office.rules):
        if each.pointer.startswith("/items"):
            assert fields[each.pointer] == each.value
    assert report.payload["entered_at"] == other.payload["entered_at"], "the same cargo entered once"
    assert "document" not in report.payload
    assert [each.field for each in report.matters(depot.office.rules)] == ["/document"]
    assert report.state is State.DRAFT and report.delivery_number != other.delivery_number


def test_who_may_not_make_one(depot):
    for who in (Who("x", "X", Role.CUSTOMS), Who("x", "X", Role.CLERK, ("elsewhere",))):
        with pytest.raises(NotAllowed):
            depot.office.create("depot", ReportKind.ENTRY, who, "x")
    with pytest.raises(NotNow):
        depot.office.create("depot", ReportKind.ENTRY, depot.ana, "  ")
    with pytest.raises(NotNow):
        depot.office.create("nowhere", ReportKind.ENTRY, depot.ana, "x")
    with pytest.raises(NoReport):
        depot.office.create("depot", ReportKind.ENTRY, depot.ana, "x", "none")


def test_what_is_made_of_a_simulated_report_is_simulated_too(depot):
    like = depot.report(depot.send())
    with writing(depot.engine) as connection:
        connection.execute(update(reports).values(simulated=True))
    made = depot.office.create("depot", ReportKind.ENTRY, depot.ana, "DAE en exceso", like)
    assert depot.office.see(made, depot.ana).report.simulated
    alone = depot.office.create("depot", ReportKind.ENTRY, depot.ana, "la garita no tiene luz")
    assert not depot.office.see(alone, depot.ana).report.simulated
