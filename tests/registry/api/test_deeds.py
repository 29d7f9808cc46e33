"""What other systems do to reports: each says which version it has read, and is told when it is another."""

from __future__ import annotations

import pytest

from registry.api.scope import Scope
from registry.reports.state import What

MISSING = {"item": {"packages": None}, "status": "incomplete"}
TAG = '"{}"'


@pytest.fixture
def draft(depot):
    """A draft without packages."""
    return depot.send(**MISSING)


def complete(client, report, values, tag, **more):
    headers = {} if tag is None else {"if-match": tag}
    return client.post(f"/v1/reports/{report}/complete", json={"values": values, **more}, headers=headers)


def answer(client, report, tag, **body):
    return client.post(f"/v1/reports/{report}/answer", json=body, headers={"if-match": tag})


def test_a_system_fills_in_what_the_gate_could_not_know(system, depot, draft):
    report = depot.report(draft)
    read = system.get(f"/v1/reports/{report}")
    values = {"/items/0/packages": 1080, "/items/0/seals": ["EC123456", "EC123457"]}
    done = complete(system, report, values, read.headers["etag"], reason="segundo sello visto en patio")
    assert done.status_code == 200, done.text
    assert done.json()["version"] == read.json()["version"] + 1
    assert done.headers["etag"].startswith(f'"{done.json()["version"]}-')
    said = {each["field"]: each for each in done.json()["fields"]}
    assert said["/items/0/packages"]["value"] == 1080
    assert (said["/items/0/packages"]["by"], said["/items/0/packages"]["role"]) == ("system", "system")
    assert said["/items/0/seals"]["gate_value"] == ["EC123456"]
    assert done.json()["open_matters"] == 0


def test_the_second_of_two_is_told(system, depot, draft):
    report = depot.report(draft)
    tag = system.get(f"/v1/reports/{report}").headers["etag"]
    assert complete(system, report, {"/items/0/packages": 1080}, tag).status_code == 200
    second = complete(system, report, {"/items/0/packages": 1081}, tag)
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    version = system.get(f"/v1/reports/{report}").json()["version"]
    for tag, status in (
        (None, 428),
        ("*", 412),
        (f'W/"{version}"', 412),
        ('"0"', 412),
        (TAG.format(version - 1), 412),
        (TAG.format(version), 200),
    ):
        assert complete(system, report, {"/items/0/packages": 1081}, tag).status_code == status, tag
    assert system.get(f"/v1/reports/{report}").json()["payload"]["items"][0]["packages"] == 1081


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"/items/0/packages": "many"}, "/items/0/packages"),
        ({"/items/0/packages": True}, "/items/0/packages"),
        ({"/items/0/packages": -1}, "/items/0/packages"),
        ({"/items/0/loose": 1}, "/items/0/loose"),
        ({"/depot/oce": "99999999"}, "/depot/oce"),
        ({"/items/0/description": "caja\x00"}, "/items/0/description"),
        ({"/document": {"type": "DAE", "number": "1"}}, "/document"),
        ({"/items/0/packages": 1080, "/items/0/container": "CSQU3054384"}, "/items/0/container"),
        ({"/items/0/weight_kg": 20000}, "reason"),
    ],
)
def test_one_value_that_cannot_stand_takes_none(system, depot, draft, values, told):
    report = depot.report(draft)
    read = system.get(f"/v1/reports/{report}")
    refused = complete(system, report, values, read.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (422, "fields_bad")
    assert told in refused.json()["detail"]
    assert system.get(f"/v1/reports/{report}").json() == read.json()


def test_a_systems_weight_far_from_the_gates_waits_for_a_person(system, depot, draft):
    report = depot.report(draft)
    tag = system.get(f"/v1/reports/{report}").headers["etag"]
    done = complete(system, report, {"/items/0/weight_kg": "12000"}, tag, reason="báscula del patio")
    weight = next(each for each in done.json()["fields"] if each["field"] == "/items/0/weight_kg")
    assert weight["unconfirmed"] and done.json()["open_matters"] > 0


def test_customs_answer_is_brought_once_a_report_has_left(system, depot):
    sent = depot.send()
    report = depot.report(sent)
    early = answer(system, report, TAG.format(depot.row(sent).version), outcome="approved")
    assert (early.status_code, early.json()["code"]) == (409, "why")
    depot.do(sent, What.REVIEWED)
    depot.do(sent, What.EXPORTED)
    tag = TAG.format(depot.row(sent).version)
    assert answer(system, report, tag, outcome="rejected").status_code == 409
    faults = [{"code": "DAE-014", "text": "la DAE no está vigente"}]
    done = answer(system, report, tag, outcome="rejected", reference="N-1", faults=faults)
    assert (done.status_code, done.json()["state"]) == (200, "rejected")
    last = system.get(f"/v1/reports/{report}/history").json()["history"][-1]
    assert (last["role"], last["reason"]) == ("system", "DAE-014 la DAE no está vigente")
    against = answer(system, report, TAG.format(done.json()["version"]), outcome="approved")
    assert against.status_code == 409


def test_each_scope_and_depot_keeps_to_its_own(systems, depot, draft):
    report, tag = depot.report(draft), TAG.format(depot.row(draft).version)
    values = {"/items/0/packages": 1080}
    for client, status in (
        (systems(Scope.REPORTS_READ, Scope.ANSWERS_WRITE), 403),
        (systems(Scope.REPORTS_WRITE, depots=["elsewhere"]), 404),
        (systems(Scope.REPORTS_WRITE), 200),
    ):
        assert complete(client, report, values, tag).status_code == status
    assert answer(systems(Scope.REPORTS_WRITE), report, tag, outcome="approved").status_code == 403
    assert answer(systems(Scope.ANSWERS_WRITE), report, '"1"', outcome="\x00").status_code == 422
