"""Reports over the interface for programs: found, read, their documents and proofs, each by its scope."""

from __future__ import annotations

import csv
import io
import json
import logging
from datetime import UTC, datetime

import openpyxl

from record.proof import sha256
from registry.api.scope import Scope
from registry.database import reading
from registry.evidence import book as evidence
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping
from registry.people import trail
from registry.reports.completion import Asked
from registry.reports.state import What

JPEG = b"\xff\xd8\xff\xe0 picture of a door"
PERSONAL = b'{"salt": "x", "cedula": "1710034065"}'
JSON = {"content-type": "application/json"}
PLATE = {"id": "p1", "plate": "GBO0123", "part": "tractor", "origin": "scan"}


def evidence_of(**more):
    """The evidence of a draft with a picture, a driver's file, a plate and a scan."""
    sighting = {
        "id": "s1",
        "at": "2026-11-24T17:00:00.000Z",
        "device": "cam1",
        "picture": sha256(JPEG),
        "status": "read",
        "number": "CSQU3054383",
    }
    return {
        "clock": "synchronised",
        "machine": "pc",
        "version": "0.1.0",
        "sightings": [sighting],
        "plates": [PLATE],
        "personal": sha256(PERSONAL),
    } | more


def arrived(settings, engine, depot: str, data: bytes, media: str) -> None:
    """A file that its gate has brought."""
    with reading(engine) as connection:
        found = evidence.entry(connection, depot, sha256(data))
    with Shelf(settings.evidence).part(depot, sha256(data)) as part:
        part.append(data)
        Shelf(settings.evidence).shelve(part, depot, sha256(data), media)
    assert found is not None
    evidence.settle(engine, found, Keeping.HELD, datetime.now(UTC), media_type=media, size=len(data))


def found(client, **asked):
    answer = client.post("/v1/reports/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["reports"]]


def test_reports_are_found_by_what_stands_on_paper(system, depot):
    draft = depot.send(evidence=evidence_of())
    report, number = depot.report(draft), depot.row(draft).delivery_number
    for asked in (
        {"number": number},
        {"number": number[:10]},
        {"document": "028-2026-40-00123456"},
        {"container": "csqu 305438-3"},
        {"plate": "GBO-123"},
        {"words": "CSQU3054383", "document": "02820264000123456"},
        {"kind": "IIE", "state": "draft", "depot": "depot", "from": "2026-11-24", "to": "2026-11-24"},
        {},
    ):
        assert found(system, **asked) == [report], asked
    for asked in (
        {"number": "CSQU3054383"},
        {"container": "02820264000123456"},
        {"words": "CSQU3054383", "document": "02820264000123457"},
        {"from": "2026-11-25"},
        {"kind": "ISE"},
        {"depot": "x\x00"},
        {"plate": "\x00"},
    ):
        assert found(system, **asked) == [], asked


def test_pages_hold_each_report_once_whatever_comes_meanwhile(system, depot):
    reports = {depot.report(depot.send()) for _ in range(5)}
    seen, after = [], None
    while True:
        page = system.get("/v1/reports", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [each["id"] for each in page["reports"]]
        depot.send()
        after = page["next"]
        if after is None or len(seen) > 20:
            break
    assert len(seen) == len(set(seen)) and reports <= set(seen)


def test_everything_found_comes_as_a_sheet(system, depot):
    for text in ("=1+1", "@SUM(A1)"):
        depot.send(item={"description": text})
    sheet = system.post("/v1/reports/search", json={}, headers={"accept": "text/csv"})
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert len(rows) == 3 and not [c for row in rows for c in row if c.startswith(("=", "@"))]
    wanted = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = system.post("/v1/reports/search", json={"state": "draft"}, headers={"accept": wanted})
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0] for cell in row]
    assert answer.headers["content-type"] == wanted
    assert {"=1+1", "@SUM(A1)"} < {cell.value for cell in cells if cell.data_type != "f"}


def test_a_report_says_where_each_value_comes_from(system, systems, depot):
    draft = depot.send(item={"packages": None}, status="incomplete")
    depot.complete(draft, Asked({"/items/0/packages": "12"}, reason="contado por Eva"))
    report = depot.report(draft)
    told = system.get(f"/v1/reports/{report}").json()
    fields = {each["field"]: each for each in told["fields"]}
    said = fields["/items/0/packages"]
    assert (said["value"], said["by"], said["role"], said["name"]) == (12, "person", "clerk", "Ana")
    assert (fields["/items/0/weight_kg"]["by"], fields["/items/0/weight_kg"]["evidence"]) == ("gate", ["w1"])
    assert told["payload"]["items"][0]["packages"] == 12
    history = system.get(f"/v1/reports/{report}/history").json()["history"]
    assert [(each["what"], each["role"], each["reason"]) for each in history] == [
        ("received", None, ""),
        ("completed", "clerk", "contado por Eva"),
    ]
    plain = systems(Scope.REPORTS_READ)
    for path in (f"/v1/reports/{report}", f"/v1/reports/{report}/history"):
        answer = plain.get(path)
        assert answer.status_code == 200 and "Ana" not in answer.text and "Eva" not in answer.text


def test_files_are_read_by_scope_and_noted(systems, system, depot, settings, engine):
    draft = depot.send(evidence=evidence_of())
    report = depot.report(draft)
    told = system.get(f"/v1/reports/{report}/evidence").json()
    assert {(each["kind"], each["state"], each["href"]) for each in told["files"]} == {
        ("picture", "awaited", None),
        ("personal", "awaited", None),
    }
    place = f"/v1/reports/{report}/evidence/{sha256(JPEG)}"
    assert system.get(place).json()["code"] == "not_here_yet"
    arrived(settings, engine, "depot", JPEG, "image/jpeg")
    arrived(settings, engine, "depot", PERSONAL, "application/json")
    answer = system.get(place)
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    plain = systems(Scope.REPORTS_READ)
    personal = f"/v1/reports/{report}/evidence/{sha256(PERSONAL)}"
    assert (plain.get(place).status_code, plain.get(personal).status_code) == (200, 403)
    assert "GBO0123" in system.get(f"/v1/reports/{report}/evidence").text
    assert "GBO0123" not in plain.get(f"/v1/reports/{report}/evidence").text
    assert plain.post("/v1/reports/search", json={"plate": "GBO0123"}).status_code == 403
    assert system.get(personal).content == PERSONAL
    with reading(engine) as connection:
        row = trail.latest(connection)[0]
    assert (row.action, row.name, row.subject) == ("evidence", "Sistema 1", report)


def test_a_document_is_the_one_that_was_exported(system, depot):
    draft = depot.send()
    place = f"/v1/reports/{depot.report(draft)}/document"
    refused = system.get(place)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    answer = system.get(place)
    assert answer.content.startswith(b"<?xml") and b"02820264000123456" in answer.content
    assert system.get(place, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_what_is_known_is_not_sent_twice(system, depot):
    draft = depot.send()
    place = f"/v1/reports/{depot.report(draft)}"
    tag = system.get(place).headers["etag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = system.get(place, headers={"if-none-match": header})
        assert (again.status_code, again.content) == (304, b""), header
    depot.do(draft, What.REVIEWED)
    assert system.get(place, headers={"if-none-match": tag}).status_code == 200


def test_another_depots_reports_are_not_there(systems, depot):
    draft = depot.send(evidence=evidence_of())
    report = depot.report(draft)
    other = systems(depots=["elsewhere"])
    for path in ("", "/history", "/document", "/evidence", f"/evidence/{sha256(JPEG)}"):
        assert other.get(f"/v1/reports/{report}{path}").status_code == 404, path
    assert found(other) == [] and found(other, container="CSQU3054383", depot="depot") == []
    sheet = other.post("/v1/reports/search", json={}, headers={"accept": "text/csv"})
    assert len(sheet.text.splitlines()) == 1


WRONG = (
    {"after": "x"},
    {"after": "999999999999999.1"},
    {"after": "1.9999999999"},
    {"from": "yesterday"},
    {"from": "0001-01-01"},
    {"state": "nothing"},
    {"limit": 0},
    {"limit": 10**30},
    {"container": "x" * 81},
    {"words": 7},
    {"unknown": "x"},
    {"words": "\ud800"},
    {"depot": "\ud800"},
    [],
    None,
)


def test_what_cannot_be_asked_is_told_with_its_place(system):
    for asked in WRONG:
        answer = system.post("/v1/reports/search", content=json.dumps(asked), headers=JSON)
        assert answer.status_code == 422, (asked, answer.text)
        told = answer.json()
        assert (told["code"], told["status"]) in {("invalid", 422), ("cursor_bad", 422)}
        if isinstance(asked, dict) and told["code"] == "invalid":
            assert next(iter(asked)) in told["detail"]


def test_a_beginning_that_finds_too_much_is_told(system, depot, monkeypatch):
    monkeypatch.setattr("registry.reports.query.MOST_FOUND", 1)
    number = depot.row(depot.send()).delivery_number
    depot.send()
    for accept in ("application/json", "text/csv"):
        answer = system.post("/v1/reports/search", json={"number": number[:10]}, headers={"accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (422, "too_wide")


def test_days_the_wrong_way_round_are_told(system):
    days = {"from": "2026-11-25", "to": "2026-11-24"}
    for answer in (system.post("/v1/reports/search", json=days), system.get("/v1/reports", params=days)):
        assert (answer.status_code, answer.json()["code"]) == (422, "days_reversed")
        assert "2026-11-25" in answer.json()["detail"]


def test_what_is_looked_for_is_in_no_log(system, depot, caplog):
    depot.send()
    with caplog.at_level(logging.DEBUG):
        found(system, container="CSQU3054383")
        system.post("/v1/reports/search", json={"container": "CSQU3054383", "x": "CSQU3054383"})
    assert "CSQU3054383" not in caplog.text
