"""The office: from a received draft to the answer of customs, with people, gates and each other's mistakes."""

from __future__ import annotations

import pytest
import uuid_utils
from sqlalchemy import select

from record.event import parse
from record.finding import Code
from record.proof import GENESIS, Proof, unwire, verify
from record.report import ReportChange
from registry.database import reading
from registry.people.role import Role
from registry.people.who import Who
from registry.reports import takeup
from registry.reports.book import Stale
from registry.reports.completion import Asked, BadFields
from registry.reports.office import NoReport, NotAllowed, NotNow, NotReady
from registry.reports.state import State, What
from registry.reports.tables import report_keys, report_outbox

WEIGHT = "/items/0/weight_kg"
PACKAGES = "/items/0/packages"
CONTAINER = "/items/0/container"


def finding(code: Code, field: str | None, severity: str = "error", **params: str) -> dict:
    return {"code": code.value, "severity": severity, "field": field, "params": params}


@pytest.fixture
def lacking(depot):
    """A draft without packages, whose gate says so."""
    return depot.send(
        item={"packages": None},
        status="incomplete",
        findings=[finding(Code.MISSING_PACKAGES, PACKAGES)],
    )


def test_a_received_draft_is_a_report_with_its_number(depot):
    draft = depot.send()
    seen = depot.see(draft)
    assert (seen.report.state, seen.report.version) == (State.DRAFT, 1)
    assert seen.report.delivery_number.endswith("00000001S")
    assert [(row.what, row.name) for row in seen.history] == [("received", None)]
    assert depot.office.take_up() == 0
    assert depot.row(draft).open_matters == 0


def test_the_clerks_day(depot, lacking, clock):
    assert [m.phrase.text() for m in depot.see(lacking).report.matters(depot.office.rules)] == [
        "Falta: Cantidad de bultos, ítem 1"
    ]
    with pytest.raises(NotReady):
        depot.do(lacking, What.REVIEWED)
    depot.complete(lacking, Asked({PACKAGES: "1 080", WEIGHT: "21350"}))
    clock.move(minutes=1)
    depot.do(lacking, What.REVIEWED)
    depot.do(lacking, What.EXPORTED)
    depot.do(lacking, What.APPROVED, reason="visto en Ecuapass")
    seen = depot.see(lacking)
    assert seen.report.state is State.APPROVED
    assert [row.what for row in seen.history] == ["received", "completed", "reviewed", "exported", "approved"]
    assert [row.version for row in seen.history] == [1, 2, 3, 4, 5]
    entry = seen.report.entries[PACKAGES]
    assert (entry.value, entry.machine, entry.name) == (1080, None, "Ana")
    assert list(seen.report.entries) == [PACKAGES], "what says the same as the gate is no entry"


def test_the_machines_value_stays_beside_the_persons(depot):
    draft = depot.send()
    with pytest.raises(BadFields) as told:
        depot.complete(draft, Asked({WEIGHT: "21000"}))
    assert list(told.value.problems) == ["reason"]
    depot.complete(draft, Asked({WEIGHT: "21000"}, reason="tara mal puesta"))
    report = depot.see(draft).report
    assert (report.entries[WEIGHT].value, report.entries[WEIGHT].machine) == ("21000", "21350")
    assert depot.row(draft).weight_kg == 21000
    depot.complete(draft, Asked({WEIGHT: "21350"}))
    assert depot.see(draft).report.entries == {}
    assert depot.row(draft).weight_kg == 21350


def test_all_or_nothing_of_a_form_is_taken(depot, lacking):
    with pytest.raises(BadFields) as told:
        depot.complete(lacking, Asked({PACKAGES: "1080", CONTAINER: "CSQU3054384", "/depot/oce": "1"}))
    assert set(told.value.problems) == {CONTAINER, "/depot/oce"}
    assert depot.see(lacking).report.entries == {}


def test_a_large_change_takes_a_second_person(depot):
    draft = depot.send()
    depot.complete(draft, Asked({WEIGHT: "15000"}, reason="otro camión"))
    with pytest.raises(NotReady):
        depot.do(draft, What.REVIEWED)
    seen = depot.see(draft).report
    with pytest.raises(NotAllowed):
        depot.office.confirm(seen.id, seen.version, depot.ana, WEIGHT)
    depot.office.confirm(seen.id, seen.version, depot.bea, WEIGHT)
    assert depot.see(draft).report.entries[WEIGHT].confirmed_name == "Bea"
    assert depot.do(draft, What.REVIEWED).state is State.REVIEWED


def test_a_confirmed_value_that_is_changed_takes_another_confirmation(depot):
    draft = depot.send()
    depot.complete(draft, Asked({WEIGHT: "15000"}, reason="x"))
    seen = depot.see(draft).report
    depot.office.confirm(seen.id, seen.version, depot.bea, WEIGHT)
    depot.complete(draft, Asked({WEIGHT: "14000"}, reason="y"))
    assert [each.field for each in depot.see(draft).report.unconfirmed(depot.office.rules)] == [WEIGHT]


def test_a_small_change_needs_nobody_else(depot):
    draft = depot.send()
    depot.complete(draft, Asked({WEIGHT: "20000"}, reason="x"))
    assert depot.do(draft, What.REVIEWED).state is State.REVIEWED


def test_the_second_of_two_is_told(depot, lacking):
    before = depot.see(lacking).report
    depot.office.complete(before.id, before.version, depot.ana, Asked({PACKAGES: "1000"}))
    with pytest.raises(Stale):
        depot.office.complete(before.id, before.version, depot.bea, Asked({PACKAGES: "900"}))
    assert depot.see(lacking).report.entries[PACKAGES].value == 1000


def test_a_later_revision_replaces_the_machines_values_only(depot, lacking):
    depot.complete(lacking, Asked({PACKAGES: "1000"}))
    depot.send(lacking, 2, item={"packages": 1080, "weight_kg": "21400"})
    report = depot.see(lacking).report
    assert (report.payload["items"][0]["packages"], report.payload["items"][0]["weight_kg"]) == (
        1000,
        "21400",
    )
    assert report.fields(depot.office.rules)[-2].pointer == "/items/0/packaging"
    packages = next(f for f in report.fields(depot.office.rules) if f.pointer == PACKAGES)
    assert (packages.value, packages.gate_value) == (1000, 1080)
    assert depot.see(lacking).history[-1].what == "revised"


def test_a_revision_makes_a_reviewed_report_a_draft_again_only_where_it_changes_it(depot):
    draft = depot.send()
    depot.complete(draft, Asked({WEIGHT: "21000"}, reason="x"))
    depot.do(draft, What.REVIEWED)
    depot.send(draft, 2, item={"weight_kg": "21360"})
    assert depot.see(draft).report.state is State.REVIEWED
    depot.send(draft, 3, item={"description": "CACAO"})
    assert depot.see(draft).report.state is State.DRAFT


def test_after_export_a_revision_is_only_proposed(depot):
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    depot.send(draft, 2, item={"weight_kg": "20000"})
    report = depot.see(draft).report
    assert report.state is State.EXPORTED
    assert report.payload["items"][0]["weight_kg"] == "21350"
    assert report.proposals() == [(WEIGHT, "21350", "20000")]
    depot.do(draft, What.DISMISSED, reason="segundo pesaje de otro camión")
    assert depot.see(draft).report.proposals() == []
    depot.send(draft, 3, item={"weight_kg": "20001"})
    depot.do(draft, What.REOPENED, reason="la aduana pide el neto")
    report = depot.see(draft).report
    assert (report.state, report.payload["items"][0]["weight_kg"]) == (State.DRAFT, "20001")
    assert report.proposed is None


def test_a_rejected_report_gets_another_number_and_is_still_found_by_the_first(depot):
    draft = depot.send()
    first = depot.see(draft).report.delivery_number
    for what in (What.REVIEWED, What.EXPORTED):
        depot.do(draft, what)
    depot.do(draft, What.REJECTED, reason="DAE no vigente")
    depot.do(draft, What.REOPENED, reason="DAE corregida")
    second = depot.see(draft).report.delivery_number
    assert second != first and second[:12] == first[:12]
    with reading(depot.engine) as connection:
        query = select(report_keys.c.value).where(report_keys.c.kind == "number")
        assert set(connection.execute(query).scalars()) == {first, second}


def test_a_gate_takes_back_a_draft_but_nothing_that_was_reviewed(depot):
    draft, other = depot.send(), depot.send()
    depot.cancel(draft)
    assert depot.see(draft).report.state is State.WITHDRAWN
    depot.do(other, What.REVIEWED)
    depot.cancel(other)
    report = depot.see(other).report
    assert (report.state, report.voided) == (State.REVIEWED, True)
    depot.do(other, What.DISMISSED, reason="sí entró")
    assert not depot.see(other).report.voided
    assert depot.office.take_up() == 0


def test_findings_are_settled_by_looking_at_them(depot):
    draft = depot.send(
        status="incomplete",
        findings=[
            finding(Code.CONTAINER_UNSURE, CONTAINER, candidates="CSQU3054383, CSQU3054384"),
            finding(Code.SEVERAL_CONTAINERS, "/items", containers="A, B"),
            finding(Code.NO_PREADVICE, "/document", "warning", document="1"),
        ],
    )
    assert len(depot.see(draft).report.matters(depot.office.rules)) == 2
    several = depot.see(draft).report.judged()[1]
    depot.complete(draft, Asked(vouched=[CONTAINER], acknowledged=[several.key]))
    report = depot.see(draft).report
    assert report.matters(depot.office.rules) == []
    assert [each.settled for each in report.judged()] == [True, True, False]
    assert report.payload == report.base


def test_an_acknowledged_finding_that_says_something_else_later_is_looked_at_again(depot):
    found = [finding(Code.SEVERAL_CONTAINERS, "/items", containers="A, B")]
    draft = depot.send(status="incomplete", findings=found)
    depot.complete(draft, Asked(acknowledged=[depot.see(draft).report.judged()[0].key]))
    depot.send(draft, 2, status="incomplete", findings=found)
    assert depot.see(draft).report.matters(depot.office.rules) == []
    found = [finding(Code.SEVERAL_CONTAINERS, "/items", containers="A, C")]
    depot.send(draft, 3, status="incomplete", findings=found)
    assert len(depot.see(draft).report.matters(depot.office.rules)) == 1


def test_what_asks_for_a_second_person_is_not_for_the_first(depot):
    draft = depot.send(
        status="incomplete", findings=[finding(Code.NEEDS_SECOND_PERSON, WEIGHT, person="ana")]
    )
    key = depot.see(draft).report.judged()[0].key
    with pytest.raises(BadFields):
        depot.complete(draft, Asked(acknowledged=[key]))
    depot.complete(draft, Asked(acknowledged=[key]), depot.bea)
    assert depot.see(draft).report.matters(depot.office.rules) == []


def test_loose_cargo_needs_no_container(depot):
    draft = depot.send(
        item={"container": None, "size_type": None},
        status="incomplete",
        findings=[finding(Code.MISSING_CONTAINER, CONTAINER)],
    )
    with pytest.raises(NotReady):
        depot.do(draft, What.REVIEWED)
    depot.complete(draft, Asked({"/items/0/loose": "yes"}))
    assert depot.do(draft, What.REVIEWED).state is State.REVIEWED


def test_a_person_adds_an_item(depot):
    draft = depot.send()
    values = {
        "container": "TEXU3070079",
        "description": "BANANO",
        "packages": "10",
        "packaging": "035",
        "weight_kg": "200",
    }
    depot.complete(draft, Asked({f"/items/1/{name}": value for name, value in values.items()}))
    row = depot.row(draft)
    assert (row.items, row.weight_kg, row.packages) == (2, 21550, 1090)
    with pytest.raises(BadFields):
        depot.complete(draft, Asked({"/items/5/packages": "1"}))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTOMS])
def test_who_only_looks_changes_nothing(depot, role):
    draft = depot.send()
    looker = Who("x", "X", role)
    report = depot.see(draft, looker).report
    with pytest.raises(NotAllowed):
        depot.office.do(report.id, report.version, looker, What.REVIEWED)
    with pytest.raises(NotAllowed):
        depot.office.complete(report.id, report.version, looker, Asked({PACKAGES: "1"}))


def test_another_depots_people_do_not_even_see_it(depot):
    draft = depot.send()
    other = Who("x", "X", Role.SUPERVISOR, ("other",))
    with pytest.raises(NoReport):
        depot.see(draft, other)
    with pytest.raises(NoReport):
        depot.office.do(depot.report(draft), 1, other, What.REVIEWED)


def test_what_cannot_be_done_is_told(depot):
    draft = depot.send()
    for what in (What.EXPORTED, What.APPROVED, What.REOPENED, What.DISMISSED, What.RECEIVED):
        with pytest.raises((NotNow, NotAllowed)):
            depot.do(draft, what, reason="x")
    depot.do(draft, What.REVIEWED)
    with pytest.raises(NotNow):
        depot.do(draft, What.REOPENED)
    with pytest.raises(NotNow):
        depot.complete(draft, Asked({PACKAGES: "1"}))


def test_only_a_supervisor_overrides_customs_answer(depot):
    draft = depot.send()
    for what in (What.REVIEWED, What.QUEUED, What.SENT):
        depot.do(draft, what)
    depot.do(draft, What.FAILED, reason="sin respuesta en 24 h")
    with pytest.raises(NotNow):
        depot.do(draft, What.APPROVED, reason="visto en el portal")
    with pytest.raises(NotNow):
        depot.do(draft, What.APPROVED, depot.eva)
    assert depot.do(draft, What.APPROVED, depot.eva, "visto en el portal").state is State.APPROVED


def test_central_systems_are_told_each_change_in_one_chain_without_names(depot, lacking, registry_key):
    depot.complete(lacking, Asked({PACKAGES: "1080"}, reason="lo dijo Ana Confidencial"))
    depot.do(lacking, What.REVIEWED)
    depot.send()
    with reading(depot.engine) as connection:
        bodies = connection.execute(select(report_outbox.c.body)).scalars().all()
    previous = GENESIS
    told = []
    for number, body in enumerate(bodies, 1):
        verify(unwire(body), {registry_key.public.id: registry_key.public})
        event = parse(body)
        assert (event.sequence, event.previous) == (number, previous)
        previous = Proof.parse(event.proof).hash
        told.append(ReportChange.from_wire(event.data))
        assert b"Ana" not in body and b"Confidencial" not in body
    assert [(each.change, each.before, each.state, each.version) for each in told] == [
        ("received", None, "draft", 1),
        ("completed", "draft", "draft", 2),
        ("reviewed", "draft", "reviewed", 3),
        ("received", None, "draft", 1),
    ]
    assert told[1].fields == (PACKAGES,)
    assert (told[0].packages, told[1].packages, told[1].role) == (None, 1080, "clerk")
    assert told[0].containers == ("CSQU3054383",)


def test_a_draft_that_cannot_be_taken_up_stops_no_other(depot, monkeypatch, caplog):
    real = takeup._new
    broken = str(uuid_utils.uuid7())

    def new(row, draft, now):
        if row.draft == broken:
            raise ValueError("a fault")
        return real(row, draft, now)

    monkeypatch.setattr(takeup, "_new", new)
    held = depot.send()
    depot.post(held, 2, item={"weight_kg": "21000"})
    others = [depot.post(), depot.post(broken), depot.post()]
    assert depot.office.take_up() == 4
    assert [each for each in (held, *others) if each in caplog.text] == [broken]
    assert depot.see(held).report.version == 2
    for each in (others[0], others[2]):
        report = depot.see(each).report
        assert (report.state, report.version) == (State.DRAFT, 1)
    assert depot.office.take_up() == 0


def test_drafts_of_all_kinds_are_taken_up_in_one_go(depot):
    revised, left, taken_back = depot.send(), depot.send(), depot.send()
    for what in (What.REVIEWED, What.EXPORTED):
        depot.do(left, what)
    for each in (revised, left):
        depot.post(each, 2, item={"weight_kg": "21000", "container": "TSTU0000020"})
    new, gone_at_once = depot.post(), depot.post()
    for each in (taken_back, gone_at_once, left):
        depot.post_cancelled(each)
    assert depot.office.take_up() == 5
    assert _story(depot, revised) == ["received", "revised"]
    assert depot.see(revised).report.payload["items"][0]["container"] == "TSTU0000020"
    assert _story(depot, left) == ["received", "reviewed", "exported", "proposed", "voided"]
    assert _story(depot, new) == ["received"]
    assert _story(depot, taken_back) == ["received", "withdrawn"]
    assert _story(depot, gone_at_once) == ["received", "withdrawn"]
    with reading(depot.engine) as connection:
        bodies = connection.execute(select(report_outbox.c.body).order_by(report_outbox.c.position)).scalars()
        told = [parse(body) for body in bodies]
        found = connection.execute(select(report_keys.c.report).where(report_keys.c.value == "TSTU0000020"))
        assert found.scalars().all() == [depot.see(revised).report.position]
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert [event.previous for event in told[1:]] == [Proof.parse(event.proof).hash for event in told[:-1]]


def _story(depot, draft):
    return [row.what for row in depot.see(draft).history]
