"""A base document's page: its sums, its form, its rights, and nothing of it in addresses."""

from __future__ import annotations

import re

from registry.people.role import Role


def place_of(client, depot, draft: str) -> str:
    return str(client.get(f"/reports/{depot.report(draft)}/dae").headers["location"])


def sums(page: str) -> list[list[str]]:
    """The cells of the table of sums, row by row, without marks."""
    table = re.search(r'<table class="sums labelled".*?</table>', page, re.DOTALL)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    return [[re.sub(r"<[^>]+>|\u202f", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def form(page: str) -> dict[str, str]:
    return {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("csrf", "version")}


def test_a_document_adds_up_and_is_compared(ana, depot):
    draft = depot.send()
    depot.send(item={"container": "TEXU3070079", "packages": 20, "weight_kg": "650"})
    place = place_of(ana, depot, draft)
    said = {"packages": "1000", "weight_kg": "22 000", "containers": "2", "channel": "físico"}
    made = ana.post(f"{place}/say", data={**form(ana.get(place).text), **said})
    assert made.status_code == 303
    page = ana.get(place).text
    assert sums(page) == [
        ["1000", "—", "1100", "+100 (+10,0 %)", "0", "0", "1100"],
        ["22000", "—", "22000", "0 kg (0,0 %)", "0", "0", "22000"],
        ["2", "—", "2", "0 (0,0 %)", "0", "0", "2"],
    ]
    assert "028-2026-40-00123456" not in place and "físico" in page
    assert place in ana.get("/daes").text


def test_it_is_found_by_its_number_and_by_no_other(ana, depot):
    place = place_of(ana, depot, depot.send())
    csrf = form(ana.get(place).text)["csrf"]
    for words, there in (
        ("028-2026-40", True),
        ("DAE 02820264000123456", True),
        ("019", False),
        ("%", False),
    ):
        assert (place in ana.post("/daes/search", data={"csrf": csrf, "q": words}).text) is there, words


def test_what_is_wrong_is_told_and_kept(ana, depot):
    place = place_of(ana, depot, depot.send())
    answer = ana.post(f"{place}/say", data={**form(ana.get(place).text), "packages": "muchos"})
    assert answer.status_code == 422 and 'value="muchos"' in answer.text
    assert ana.post(f"{place}/say", data=form(ana.get(place).text)).status_code == 409
    assert ana.post(f"{place}/regularise", data=form(ana.get(place).text)).status_code == 409


def test_regularised_by_a_clerk_and_taken_back_by_a_supervisor_alone(ana, depot, console, enrol):
    place = place_of(ana, depot, depot.send())
    data = {**form(ana.get(place).text), "reason": "visto en Ecuapass"}
    assert ana.post(f"{place}/regularise", data=data).status_code == 303
    page = ana.get(place).text
    assert "Regularizada" in page and "no admite más correcciones" in page
    assert ana.post(f"{place}/revoke", data={**form(page), "reason": "x"}).status_code == 403
    with console.client() as eva:
        enrol("Eva", Role.SUPERVISOR, eva)
        data = {**form(eva.get(place).text), "reason": "era otra"}
        assert eva.post(f"{place}/revoke", data=data).status_code == 303
    assert "Marcar como regularizada" in ana.get(place).text


def test_other_depots_and_those_who_only_look(ana, depot, console, enrol):
    place = place_of(ana, depot, depot.send())
    with console.client() as other:
        enrol("Otra", Role.CLERK, other, depots=["elsewhere"])
        assert other.get(place).status_code == 404
        assert place not in other.get("/daes").text
        data = {"csrf": enrol.csrf(other), "version": "0", "packages": "1"}
        assert other.post(f"{place}/say", data=data).status_code == 404
    with console.client() as officer:
        enrol("Mira", Role.CUSTOMS, officer)
        page = officer.get(place)
        assert page.status_code == 200 and 'name="packages"' not in page.text
        data = {"csrf": enrol.csrf(officer), "version": "0", "packages": "1"}
        assert officer.post(f"{place}/say", data=data).status_code == 403


def test_hostile_strings_draw_nothing(ana, depot):
    hostile = "<script>alert(1)</script>"
    place = place_of(ana, depot, depot.send())
    said = {"exporter": hostile, "channel": "<b>x</b>", "status": "\"'>", "reason": hostile}
    ana.post(f"{place}/say", data={**form(ana.get(place).text), **said})
    for path in (place, "/daes"):
        assert hostile not in ana.get(path).text and "<b>x</b>" not in ana.get(path).text
