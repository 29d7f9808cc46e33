"""Pre-advice and releases at the console: taken from files, made by hand, found, withdrawn."""

from __future__ import annotations

import json
import re

import pytest

from registry.people.role import Role

TABLE = "documento;contenedor;bultos;peso_kg\n028-2026-40-00123456;CSQU3054383;1080;21350\nMAL;;1;1\n"


def upload(client, enrol, kind: str, name: str, content: str | bytes, **fields: str):
    data = {"csrf": enrol.csrf(client), **fields}
    return client.post(f"/notices/{kind}/file", data=data, files={"file": (name, content)})


def release(client, enrol, **fields: str):
    values = {"csrf": enrol.csrf(client), "type": "DAE", "reason": "load", **fields}
    return client.post("/releases/new", data=values)


def test_a_file_is_taken_and_its_mistakes_are_told(ana, enrol):
    answer = upload(ana, enrol, "preadvice", "avisos.csv", TABLE)
    assert answer.status_code == 200
    assert "1 leídos, 1 nuevos" in answer.text and "avisos.csv:3:1" in answer.text
    page = ana.get("/preadvice").text
    assert "028-2026-40-00123456" in page and "En camino" in page
    assert upload(ana, enrol, "release", "avisos.csv", TABLE).status_code == 422


def test_a_release_is_made_by_hand_and_withdrawn(ana, enrol):
    made = release(ana, enrol, number="028-2026-40-00123456", containers="CSQU 305438-3", until="2026-12-01")
    assert made.status_code == 303
    page = ana.get("/releases").text
    assert "CSQU 305438-3" in page and "2026-12-01 23:59" in page
    position = re.search(r'action="/notices/(\d+)/withdraw"', page)[1]
    values = {"csrf": enrol.csrf(ana)}
    assert ana.post(f"/notices/{position}/withdraw", data=values).status_code == 409
    assert ana.post(f"/notices/{position}/withdraw", data={**values, "reason": "error"}).status_code == 303
    assert "Retirado" in ana.get("/releases").text


def test_an_exits_release_is_entered_from_its_page_and_leads_back(ana, enrol, depot, kit):
    leaving = kit.draft_data("x")["payload"] | {"report": "ISE", "exit_reason": "load"}
    draft = depot.send(payload=leaving)
    place = f"/reports/{depot.report(draft)}"
    page = ana.get(place).text
    assert "No hay aprobación de salida" in page
    form = re.search(r'href="(/releases\?report=[^"#]+)#by-hand"', page)[1]
    filled = ana.get(form).text
    assert 'value="02820264000123456"' in filled and 'value="CSQU3054383"' in filled
    named = {"number": "02820264000123456", "containers": "CSQU3054383"}
    made = release(ana, enrol, report=depot.report(draft), **named)
    assert (made.status_code, made.headers["location"]) == (303, place)
    assert "No hay aprobación de salida" not in ana.get(place).text
    assert ana.get("/releases?report=nobodys").status_code == 200


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "documento o un contenedor"),
        ({"number": "123"}, "17 cifras"),
        ({"containers": "CSQU3054384"}, "dígito verificador"),
        ({"containers": "CSQU3054383", "until": "ayer"}, "No es un día"),
        ({"containers": "CSQU3054383", "reason": "x"}, "Elija uno"),
        ({"containers": "CSQU3054383", "id": "a/b"}, "cannot stand in a topic"),
    ],
)
def test_a_wrong_release_is_told_and_kept(ana, enrol, fields, told):
    answer = release(ana, enrol, **fields)
    assert answer.status_code == 422 and told in answer.text
    if "number" in fields:
        assert 'value="123"' in answer.text


def test_what_is_looked_for_is_found_and_stays_out_of_addresses(ana, enrol):
    upload(ana, enrol, "preadvice", "a.csv", TABLE)
    values = {"csrf": enrol.csrf(ana)}
    found = ana.post("/preadvice/search", data={**values, "q": "csqu 305438-3"})
    assert found.status_code == 200 and "028-2026-40-00123456" in found.text
    assert (
        "028-2026-40-00123456" not in ana.post("/preadvice/search", data={**values, "q": "TEXU3070079"}).text
    )


def test_hostile_strings_draw_nothing(ana, enrol):
    hostile = "<script>alert(1)</script>\u202e"
    notice = {
        "id": hostile.replace("/", ""),
        "keys": {"plates": [hostile]},
        "cargo": {"description": hostile},
    }
    answer = upload(ana, enrol, "preadvice", f"{hostile}.json", json.dumps({"preadvice": [notice]}))
    for page in (answer.text, ana.get("/preadvice").text):
        assert "<script>alert" not in page and "\u202e" not in page


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 1000, b"<?xml version='1.0'?><!DOCTYPE a><a/>"])
@pytest.mark.parametrize("name", ["a.csv", "a.xml", "a.json", "../../etc/passwd"])
def test_a_file_that_is_no_use_is_told(ana, enrol, name, content):
    answer = upload(ana, enrol, "preadvice", name, content)
    assert answer.status_code in (200, 422) and "Traceback" not in answer.text


def test_who_may_not(console, enrol, ana):
    upload(ana, enrol, "preadvice", "a.csv", TABLE)
    position = re.search(r'action="/notices/(\d+)/withdraw"', ana.get("/preadvice").text)[1]
    assert (
        ana.post("/notices/preadvice/file", data={"csrf": "x"}, files={"file": ("a.csv", TABLE)}).status_code
        == 403
    )
    assert ana.post("/notices/preadvice/file", data={"csrf": enrol.csrf(ana)}).status_code == 400
    with console.client() as other:
        enrol("Otra", Role.CLERK, other, depots=["elsewhere"])
        assert "028-2026-40-00123456" not in other.get("/preadvice").text
        assert upload(other, enrol, "preadvice", "a.csv", TABLE).status_code == 400
        values = {"csrf": enrol.csrf(other), "reason": "x"}
        assert other.post(f"/notices/{position}/withdraw", data=values).status_code == 404
    with console.client() as officer:
        enrol("Mira", Role.CUSTOMS, officer)
        assert upload(officer, enrol, "preadvice", "a.csv", TABLE).status_code == 403
        assert release(officer, enrol, containers="CSQU3054383").status_code == 403
