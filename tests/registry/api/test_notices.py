"""Pre-advice and releases sent by other systems; base documents as they add up."""

from __future__ import annotations

from sqlalchemy import select

from registry.api.scope import Scope
from registry.database import reading
from registry.notices.tables import notices

DAE = {"type": "DAE", "number": "02820264000123456"}
RELEASE = {"id": "rads-1", "keys": {"document": DAE, "containers": ["CSQU3054383"]}}
PREADVICE = {
    "id": "aisv-1",
    "keys": {"document": DAE, "containers": ["CSQU3054383"], "plates": ["GBO0123"]},
    "cargo": {"packages": 1080, "weight_kg": "21350"},
}


def rows(engine) -> list[tuple[str, str, int, str, bool]]:
    with reading(engine) as connection:
        found = connection.execute(select(notices).order_by(notices.c.position)).all()
    return [(row.kind, row.id, row.version, row.origin, row.withdrawn_at is None) for row in found]


def test_notices_are_taken_by_version_and_withdrawn(system, engine):
    asked = {"depot": "depot", "releases": [RELEASE]}
    send = lambda **more: system.post("/v1/releases", json=asked | {"releases": [RELEASE | more]})  # noqa: E731
    assert send().json() == {"taken": [{"id": "rads-1", "outcome": "new"}]}
    assert send().json() == {"taken": [{"id": "rads-1", "outcome": "same"}]}
    assert send(version=3).json() == {"taken": [{"id": "rads-1", "outcome": "newer"}]}
    late = send(version=2)
    assert (late.status_code, late.json()["code"]) == (409, "notice_older")
    assert system.post("/v1/preadvice", json={"depot": "depot", "preadvice": [PREADVICE]}).status_code == 200
    assert rows(engine) == [
        ("release", "rads-1", 3, "api", True),
        ("preadvice", "aisv-1", 1, "api", True),
    ]
    for path, name, status in (
        ("releases", "rads-1", 200),
        ("releases", "rads-1", 404),
        ("preadvice", "rads-1", 404),
        ("preadvice", "aisv-1", 200),
        ("preadvice", "a\x00", 404),
    ):
        body = {"depot": "depot", "id": name, "reason": "error de digitación"}
        assert system.post(f"/v1/{path}/withdraw", json=body).status_code == status, (path, name)
    assert [each[-1] for each in rows(engine)] == [False, False]


def test_one_that_is_wrong_takes_none(system, engine):
    for wrong in (
        {"keys": {}, "id": ""},
        {"keys": {}, "id": "a/b"},
        {"id": "b"},
        {"id": "b", "keys": {"document": {"type": "XYZ", "number": "1"}}},
        {"id": "b", "keys": {"document": {"type": "DAE", "number": "\x001"}}},
        {"id": "b", "keys": {}, "version": 2**40},
        {"id": "b", "keys": {}, "version": 0},
        {"id": "b", "keys": {}, "reason": "nothing"},
        {"id": "b", "keys": {"containers": ["x" * 70_000]}},
    ):
        answer = system.post("/v1/releases", json={"depot": "depot", "releases": [RELEASE, wrong]})
        assert answer.status_code in (413, 422), wrong
        assert answer.status_code == 413 or "Notice 1 " in answer.json()["detail"], wrong
    older = [RELEASE | {"version": 2}, RELEASE | {"version": 1}]
    assert system.post("/v1/releases", json={"depot": "depot", "releases": older}).status_code == 409
    assert rows(engine) == []


def test_each_scope_and_depot_keeps_to_its_own(systems, engine):
    body = {"depot": "depot", "releases": [RELEASE]}
    for client, status in (
        (systems(Scope.PREADVICE_WRITE), 403),
        (systems(Scope.RELEASES_WRITE, depots=["elsewhere"]), 404),
        (systems(Scope.RELEASES_WRITE), 200),
    ):
        assert client.post("/v1/releases", json=body).status_code == status
    assert systems().post("/v1/releases", json=body | {"depot": "nowhere"}).status_code == 404


def test_a_document_adds_up(system, systems, depot):
    first, second = (
        depot.send(),
        depot.send(item={"container": "MSKU6011672", "packages": 20, "weight_kg": "1000"}),
    )
    body = {"depot": "depot", "preadvice": [PREADVICE]}
    assert system.post("/v1/preadvice", json=body).status_code == 200
    (found,) = system.post("/v1/documents/search", json={"number": "028-2026-40-00123456"}).json()[
        "documents"
    ]
    assert (found["type"], found["number"]) == ("DAE", DAE["number"])
    whole = system.get(f"/v1/documents/{found['id']}").json()
    assert whole["received"] == {"packages": 1100, "weight_kg": 22350, "containers": 2, "lacks": 0}
    assert whole["announced"]["packages"] == 1080
    assert whole["differences"]["packages"] == {"count": 20, "percent": 1.85}
    assert whole["reports"] == [depot.report(first), depot.report(second)]
    assert system.get("/v1/documents").json()["documents"] == [found]
    other = systems(depots=["elsewhere"])
    assert other.get(f"/v1/documents/{found['id']}").status_code == 404
    assert other.get("/v1/documents").json() == {"documents": [], "next": None}
    assert system.post("/v1/documents/search", json={"number": "\x00"}).json()["documents"] in ([], [found])
