"""Inbox, search and a report's page over a real socket: the clerk's day, hostile strings, other people's reports."""

from __future__ import annotations

import csv
import html
import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from record.finding import Code
from registry.database import reading
from registry.people import trail
from registry.people.role import Role
from registry.reports import query
from registry.reports.tables import reports
from registry.settings import Settings

PACKAGES = "/items/0/packages"
HOSTILE = '=HYPERLINK("http://x") <script>alert(1)</script> \'"&; \u202e\x07 ]]> ${7*7} {{7*7}}'


def missing(code: Code, field: str) -> dict:
    return {"code": code.value, "severity": "error", "field": field, "params": {}}


def lacking(depot) -> str:
    return depot.send(
        item={"packages": None},
        status="incomplete",
        findings=[missing(Code.MISSING_PACKAGES, PACKAGES)],
    )


def form(page: str) -> dict[str, str]:
    """The version and token of a page's forms."""
    return {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("csrf", "version")
    }


def test_the_clerks_day(ana, depot):
    draft = lacking(depot)
    place = f"/reports/{depot.report(draft)}"
    inbox = ana.get("/inbox").text
    assert place in inbox and "Falta: Cantidad de bultos" in inbox
    page = ana.get(place).text
    assert re.search(r'data-key="review"[^>]* disabled', page)
    early = ana.post(f"{place}/do", data={**form(page), "what": "reviewed"})
    assert early.status_code == 409 and "Faltan 1 asuntos" in early.text
    wrong = ana.post(f"{place}/complete", data={**form(page), PACKAGES: "muchos"})
    assert wrong.status_code == 422
    assert "Escriba un número entero" in wrong.text and 'value="muchos"' in wrong.text
    right = ana.post(f"{place}/complete", data={**form(page), PACKAGES: "1 080", "reason": "según la guía"})
    assert right.headers["location"] == place
    page = ana.get(place).text
    assert "Ana" in page and "según la guía" in page
    assert ana.post(f"{place}/do", data={**form(page), "what": "reviewed"}).status_code == 303
    page = ana.get(place).text
    assert ana.post(f"{place}/do", data={**form(page), "what": "exported"}).status_code == 303
    page = ana.get(place).text
    refused = ana.post(f"{place}/do", data={**form(page), "what": "rejected"})
    assert refused.status_code == 409 and "Escriba el motivo" in refused.text
    ana.post(f"{place}/do", data={**form(page), "what": "rejected", "reason": "DAE no vigente"})
    assert place in ana.get("/inbox?tray=refused").text


def test_new_drafts_appear_by_themselves(ana, depot):
    page = ana.get("/inbox?tray=review").text
    since = re.search(r"since=(\d+)", page)[1]
    assert ana.get(f"/inbox/rows?tray=review&since={since}").status_code == 204
    draft = depot.send()
    rows = ana.get(f"/inbox/rows?tray=review&since={since}")
    assert rows.status_code == 200 and depot.report(draft) in rows.text


def test_a_page_that_looks_by_itself_keeps_nobody_logged_in(ana, depot, clock):
    for _ in range(4):
        clock.move(minutes=10)
        last = ana.get("/inbox/rows?tray=review&since=-1")
    assert last.status_code == 303


def test_the_second_of_two_is_told_and_loses_nothing(ana, depot, console, enrol):
    draft = lacking(depot)
    place = f"/reports/{depot.report(draft)}"
    with console.client() as leo:
        enrol("Leo", Role.CLERK, leo)
        both = form(ana.get(place).text), form(leo.get(place).text)
        assert ana.post(f"{place}/complete", data={**both[0], PACKAGES: "1000"}).status_code == 303
        told = leo.post(f"{place}/complete", data={**both[1], PACKAGES: "900"})
        assert told.status_code == 409
        assert "Alguien lo cambió" in told.text and 'value="900"' in told.text
        assert "Ana" in told.text
    assert depot.see(draft).report.entries[PACKAGES].value == 1000


def test_a_second_person_confirms_a_large_change(ana, depot, console, enrol):
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    weight = {"/items/0/weight_kg": "9000", "reason": "otra carga"}
    ana.post(f"{place}/complete", data={**form(ana.get(place).text), **weight})
    own = {**form(ana.get(place).text), "field": "/items/0/weight_kg"}
    assert ana.post(f"{place}/confirm", data=own).status_code == 403
    with console.client() as leo:
        enrol("Leo", Role.CLERK, leo)
        page = leo.get(place).text
        assert "Confirmar" in page
        other = {**form(page), "field": "/items/0/weight_kg"}
        assert leo.post(f"{place}/confirm", data=other).status_code == 303
    assert "Confirmado por Leo" in ana.get(place).text


def test_hostile_strings_draw_nothing(ana, depot):
    draft = depot.send(
        item={"description": HOSTILE, "seals": [HOSTILE[:40]]},
        findings=[
            {"code": "unknown_scan", "severity": "warning", "params": {"text": HOSTILE, "device": HOSTILE}}
        ],
        provenance={HOSTILE: {"evidence": [HOSTILE]}, "/items/0/weight_kg": {"evidence": [HOSTILE]}},
    )
    place = f"/reports/{depot.report(draft)}"
    for path in (place, "/inbox?tray=review", "/reports"):
        page = ana.get(path).text
        assert "<script>alert" not in page and "\u202e" not in page and "\x07" not in page, path
        assert "<script>" not in re.sub(r'<script src="[^"]+" defer></script>', "", page), path
    assert "U+202E" in ana.get(place).text


def test_a_spreadsheet_runs_no_formula(ana, depot):
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", HOSTILE):
        depot.send(item={"description": text})
    answer = ana.get("/reports.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 8 and len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_what_is_looked_for_is_found_however_it_is_written(ana, depot):
    draft = depot.send()
    number = depot.row(draft).delivery_number
    for words in (number, "028-2026-40-00123456", "dae 02820264000123456", "csqu 305438-3", number[:14]):
        assert depot.report(draft) in looked_for(ana, words).text, words
    for words in ("CSQU3054384", "x' OR '1'='1", "%", "\x00", "ñ" * 200):
        assert depot.report(draft) not in looked_for(ana, words).text, words


def looked_for(client, words: str, **more: str):
    """The page that the form leads to."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/reports").text)[1]  # type: ignore[index]
    led = client.post("/reports/search", data={"csrf": csrf, "q": words, **more})
    assert led.status_code == 303
    return client.get(led.headers["location"])


def test_what_is_looked_for_stands_in_no_address(ana, depot, console, enrol):
    draft = depot.send()
    page = looked_for(ana, "CSQU3054383", state="draft")
    assert depot.report(draft) in page.text and 'value="CSQU3054383"' in page.text
    links = re.findall(r'href="([^"]+)"', page.text)
    assert not [link for link in (str(page.url), *links) if "CSQU3054383" in link]
    for ending in ("csv", "json", "xlsx"):
        (link,) = (each for each in links if each.startswith(f"/reports.{ending}"))
        assert ana.get(link.replace("&amp;", "&")).status_code == 200
    with console.client() as other:
        enrol("Otra", Role.CLERK, other)
        assert other.get(str(page.url)).status_code == 404
    assert ana.get("/reports?in=nothing").status_code == 404


def test_a_search_is_forgotten_after_a_day(ana, depot, clock, console, enrol):
    page = looked_for(ana, "CSQU3054383")
    clock.move(hours=25)
    with console.client() as other:
        enrol("Otra", Role.CLERK, other)
        looked_for(other, "CSQU3054383")
        enrol.enter("Ana", ana)
        assert ana.get(str(page.url)).status_code == 404


def test_a_beginning_that_finds_too_much_is_told(ana, depot, monkeypatch):
    monkeypatch.setattr(query, "MOST_FOUND", 2)
    number = depot.row(depot.send()).delivery_number
    depot.send(), depot.send()
    page = looked_for(ana, number[:14])
    assert "Más de 2 informes" in page.text
    link = next(each for each in re.findall(r'href="([^"]+)"', page.text) if each.startswith("/reports.csv"))
    assert ana.get(link.replace("&amp;", "&")).status_code == 422


def test_days_the_wrong_way_round_are_told_with_the_form_as_it_was(ana, depot):
    draft = depot.send()
    page = looked_for(ana, "", **{"from": "2026-11-25", "to": "2026-11-24"})
    assert "El primer día (2026-11-25) es posterior al último (2026-11-24)" in page.text
    assert 'value="2026-11-25"' in page.text and depot.report(draft) not in page.text
    for ending in ("csv", "json", "xlsx"):
        assert ana.get(f"/reports.{ending}?from=2026-11-25&to=2026-11-24").status_code == 422


def test_columns_say_what_they_hold_for_entries_and_exits(ana, depot):
    depot.send()
    head, _ = csv.reader(io.StringIO(ana.get("/reports.csv").content.decode("utf-8-sig")))
    assert {"Ingreso o salida", "Peso (kg)"} <= set(head) and "Ingreso" not in head
    book = openpyxl.load_workbook(io.BytesIO(ana.get("/reports.xlsx").content))
    assert [cell.value for cell in next(book.worksheets[0].iter_rows())] == head


def test_a_workbook_holds_no_formula(ana, depot):
    for text in ("=1+1", "+1", "@SUM(A1)", HOSTILE):
        depot.send(item={"description": text})
    answer = ana.get("/reports.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].iter_rows())
    assert len(rows) == 5 and "attachment" in answer.headers["content-disposition"]
    assert {cell.data_type for row in rows for cell in row} <= {"inlineStr", "s", "n", "d"}
    assert {"=1+1", "+1", "@SUM(A1)"} < {cell.value for row in rows for cell in row}
    assert {row[9].value for row in rows[1:]} == {21350}
    assert str(rows[1][3].value) == "2026-11-24 12:00:00"


@pytest.mark.parametrize(
    "asked",
    ["state=nothing", "kind=XXX", "from=yesterday", "to=0001-01-01", "depot=other", "after=x", "after=9.9.9"],
)
def test_what_cannot_be_asked_is_told(ana, asked):
    assert ana.get(f"/reports?{asked}").status_code == 400


def test_a_number_that_no_column_holds_is_no_fault_of_the_program(client, enrol):
    enrol("Eva", Role.SUPERVISOR, client)
    for number in (2**31, 2**63, 10**30):
        assert client.get(f"/trail?before={number}").status_code in (200, 400), number
    assert client.get("/reports/%00").status_code in (400, 404)


def test_every_report_is_on_exactly_one_page(ana, depot, console):
    for number in range(7):
        depot.send(item={"weight_kg": str(1000 + number)})
    with reading(console.engine) as connection:
        ids = set(connection.execute(select(reports.c.id)).scalars())
    place, seen = "/reports.json", []
    while place:
        told = ana.get(place).json()
        seen += [each["id"] for each in told["reports"]]
        place = told["next"]
    assert sorted(seen) == sorted(ids)


def test_days_and_states_narrow_the_list(ana, depot):
    draft = depot.send()
    report = depot.report(draft)
    for asked, there in (
        ("from=2026-11-24&to=2026-11-24", True),
        ("from=2026-11-25", False),
        ("to=2026-11-23", False),
        ("state=draft", True),
        ("state=approved", False),
        ("kind=IIE&depot=depot", True),
        ("kind=ISE", False),
    ):
        assert (report in ana.get(f"/reports?{asked}").text) is there, asked


def test_another_depots_reports_are_not_there(console, depot, enrol):
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    with console.client() as other:
        enrol("Otra", Role.SUPERVISOR, other, depots=["elsewhere"])
        assert other.get(place).status_code == 404
        assert other.post(f"{place}/do", data={"what": "reviewed", "version": "1"}).status_code == 403
        data = {"what": "reviewed", "version": "1", "csrf": enrol.csrf(other)}
        assert other.post(f"{place}/do", data=data).status_code == 404
        for path in ("/reports", "/inbox?tray=review", "/reports.json", "/reports.csv", "/reports.xlsx"):
            assert depot.report(draft) not in other.get(path).text


def test_pages_lead_back_one_by_one(ana, depot, monkeypatch):
    monkeypatch.setattr(query.page, "__defaults__", (None, 1))
    drafts = [depot.send() for _ in range(4)]

    def follow(page: str, to: str) -> str:
        return ana.get(html.unescape(re.search(rf'href="([^"]+)" rel="{to}"', page)[1])).text

    pages = [ana.get("/reports?state=draft").text]
    for _ in drafts[1:]:
        pages.append(follow(pages[-1], "next"))
    assert all(depot.report(each) in page for each, page in zip(reversed(drafts), pages, strict=True))
    assert 'rel="next"' not in pages[-1] and 'rel="prev"' not in pages[0]
    page = pages[-1]
    for newer in reversed(pages[:-1]):
        page = follow(page, "prev")
        assert page == newer
    assert ana.get("/reports?back=x").status_code == 400


def test_the_inbox_names_the_depot_where_somebody_sees_several(kit, chain, serve, tmp_path, depot, enrol):
    depot.send()
    other = kit.Chain(kit.Gate("posorja", "g1"))
    console = serve(Settings(kit.registry_file(chain, other), tmp_path / "registry.yaml"))
    for name, depots, told in (("Eva", None, "depot · g1 · l1"), ("Ana", ["depot"], '"place">g1 · l1')):
        with console.client() as client:
            enrol(name, Role.CLERK, client, depots=depots)
            assert told in client.get("/inbox?tray=review").text


@pytest.mark.parametrize("role", [Role.CUSTOMS, Role.AUDITOR])
def test_who_only_looks_sees_no_buttons_and_posts_nothing(client, depot, enrol, role):
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    enrol("Mira", role, client)
    page = client.get(place).text
    assert 'name="what"' not in page and 'name="/items/0/weight_kg"' not in page
    data = {"what": "reviewed", "version": "1", "csrf": enrol.csrf(client)}
    assert client.post(f"{place}/do", data=data).status_code == 403
    assert client.post(f"{place}/complete", data=data | {PACKAGES: "1"}).status_code == 403


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999", "٣"])
def test_a_form_without_its_version_does_nothing(ana, depot, version):
    draft = depot.send()
    data = {
        "what": "reviewed",
        "version": version,
        "csrf": re.search(r'csrf" value="([^"]+)"', ana.get("/me").text)[1],
    }
    assert ana.post(f"/reports/{depot.report(draft)}/do", data=data).status_code == 400


def test_a_page_of_an_earlier_session_is_not_taken(ana, depot):
    draft = depot.send()
    data = {"what": "reviewed", "version": "1", "csrf": "x"}
    assert ana.post(f"/reports/{depot.report(draft)}/do", data=data).status_code == 403
    assert ana.post(f"/reports/{depot.report(draft)}/do", data=data | {"csrf": "ñ"}).status_code == 403


def test_the_next_one_is_one_key_away(ana, depot):
    first, second = depot.send(), depot.send()
    ids = {depot.report(first), depot.report(second)}
    place = ana.get("/inbox/next").headers["location"]
    here = place.rpartition("/")[2]
    following = ana.get(f"/inbox/next?after={here}").headers["location"].rpartition("/")[2]
    assert {here, following} == ids


def test_english_is_a_switch_away(ana, depot):
    draft = lacking(depot)
    ana.post("/language", data={"lang": "en"})
    page = ana.get(f"/reports/{depot.report(draft)}").text
    assert 'lang="en"' in page and "Number of packages" in page and "Falta" not in page


def test_lists_that_leave_the_house_are_noted(ana, console):
    ana.get("/reports.csv?state=draft")
    with reading(console.engine) as connection:
        row = trail.latest(connection)[0]
    assert (row.action, row.name, row.detail["state"]) == ("listed", "Ana", "draft")


def test_a_report_is_made_by_hand(ana, depot):
    draft = depot.send()
    csrf = form(ana.get(f"/reports/{depot.report(draft)}").text)["csrf"]
    data = {"csrf": csrf, "depot": "depot", "kind": "ISE", "reason": "garita sin luz"}
    place = ana.post("/reports", data=data).headers["location"]
    page = ana.get(place).text
    assert "hecho a mano" in page and "Motivo de la salida" in page and "garita sin luz" in page
    assert "hecho a mano" in ana.get("/inbox?tray=complete").text
    assert "hecho a mano" in ana.get("/reports").text
    assert ana.get("/reports.csv").status_code == 200
    like = ana.post("/reports", data={**data, "kind": "IIE", "like": depot.report(draft)})
    assert "CSQU3054383" in ana.get(like.headers["location"]).text
    for wrong, status in (
        ({"kind": "X"}, 400),
        ({"reason": ""}, 409),
        ({"depot": "x"}, 409),
        ({"like": "x"}, 404),
    ):
        assert ana.post("/reports", data=data | wrong).status_code == status, wrong


def test_a_finding_with_other_parameters_than_its_text_has_is_shown_all_the_same(ana, depot):
    strange = [
        {"code": Code.NO_PREADVICE.value, "severity": "warning", "field": None, "params": {}},
        {
            "code": Code.MISSING_PACKAGES.value,
            "severity": "error",
            "field": PACKAGES,
            "params": {"lang": "xx", "code": "y"},
        },
    ]
    draft = depot.send(item={"packages": None}, status="incomplete", findings=strange)
    for place in (f"/reports/{depot.report(draft)}", "/inbox", "/reports"):
        assert ana.get(place).status_code == 200
    assert "No hay preaviso para ?" in ana.get(f"/reports/{depot.report(draft)}").text
