"""Corrections at the console: asked for, reviewed by another, copied, downloaded; hostile strings; other depots."""

from __future__ import annotations

import re

import pytest

from record.messages import text
from registry.people.role import Role
from registry.reports.state import State, What

WEIGHT = "/items/0/weight_kg"
SEALS = "/items/0/seals"


@pytest.fixture
def leo(console, enrol):
    with console.client() as client:
        enrol("Leo", Role.CLERK, client)
        yield client


def approved(depot, **changes) -> str:
    draft = depot.send(**changes)
    for what in (What.REVIEWED, What.EXPORTED, What.APPROVED):
        depot.do(draft, what)
    return depot.report(draft)


def form(page: str) -> dict[str, str]:
    return {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("csrf", "version")}


def asked(client, report: str, **fields: str) -> str:
    """The address of a correction that was asked for."""
    place = f"/reports/{report}/correct"
    made = client.post(place, data={**form(client.get(place).text), **fields})
    assert made.status_code == 303, made.text
    return made.headers["location"]


def did(client, place: str, what: str, reason: str = ""):
    return client.post(
        f"{place}/do",
        data={**form(client.get(place).text)} | {"what": what, "reason": reason},
    )


def test_asked_for_by_one_and_reviewed_by_another(ana, leo, depot):
    report = approved(depot)
    assert f"/reports/{report}/correct" in ana.get(f"/reports/{report}").text
    place = asked(ana, report, **{SEALS: "EC999", "reason": "sello cambiado"})
    page = ana.get(place).text
    assert "IKJ" in page and "EC123456" in page and "La revisa otra persona" in page
    own = did(ana, place, "reviewed")
    assert own.status_code == 403 and "otra persona" in own.text
    for what in ("reviewed", "exported"):
        assert did(leo, place, what).status_code == 303
    assert "IKJ" in leo.get(f"{place}/copy").text
    document = leo.get(f"{place}/document.xml")
    assert (
        document.headers["content-type"] == "application/xml" and b"<AfterContent>EC999<" in document.content
    )
    assert did(leo, place, "approved").status_code == 303
    page = ana.get(f"/reports/{report}").text
    assert "EC999" in page and "Corregido: la aduana" in page
    assert place in ana.get("/corrections?tab=all").text and place not in ana.get("/corrections").text


def test_what_cannot_stand_is_shown_again(ana, depot):
    report = approved(depot)
    place = f"/reports/{report}/correct"
    wrong = ana.post(place, data={**form(ana.get(place).text), WEIGHT: "muchos", "reason": ""})
    assert wrong.status_code == 422
    assert "Escriba un número entero" in wrong.text and 'value="muchos"' in wrong.text
    stale = ana.post(place, data={**form(wrong.text), "version": "1", WEIGHT: "21360", "reason": "x"})
    assert stale.status_code == 409 and 'value="21360"' in stale.text


def test_a_wrong_document_at_the_console(ana, depot):
    report = approved(depot)
    place = f"/reports/{report}/cancel"
    values = {**form(ana.get(f"/reports/{report}/correct").text), "type": "DAE", "reason": "otra DAE"}
    assert ana.post(place, data={**values, "number": "123"}).status_code == 422
    made = ana.post(place, data={**values, "number": "028-2026-40-00000009"})
    page = ana.get(made.headers["location"]).text
    successor = re.search(r'href="/reports/([0-9a-f-]{36})">informe nuevo', page)[1]
    assert "Este informe reemplaza al" in ana.get(f"/reports/{successor}").text
    assert "Ya hay una corrección abierta" in ana.get(f"/reports/{report}").text


def test_what_the_gate_proposes_is_in_the_form(ana, depot):
    draft = depot.send()
    for what in (What.REVIEWED, What.EXPORTED, What.APPROVED):
        depot.do(draft, what)
    depot.send(draft, 2, item={"weight_kg": "21400"})
    place = f"/reports/{depot.report(draft)}/correct?proposed=1"
    assert place in ana.get(f"/reports/{depot.report(draft)}").text
    assert 'value="21400"' in ana.get(place).text


def test_hostile_strings_draw_nothing(ana, depot):
    hostile = '<script>alert(1)</script>\u202e"'
    report = approved(depot, item={"description": hostile})
    asks = {"/items/0/description": "CACAO", "reason": hostile.replace("\u202e", "")}
    place = asked(ana, report, **asks)
    for path in (place, f"{place}/copy", "/corrections", f"/reports/{report}", f"{place}/rewrite"):
        page = ana.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "\u202e" not in page.text, path


def test_others_see_and_do_nothing(depot, ana, console, enrol):
    report = approved(depot)
    place = asked(ana, report, **{WEIGHT: "21360", "reason": "x"})
    with console.client() as other:
        enrol("Otra", Role.CLERK, other, depots=["elsewhere"])
        for path in (place, f"{place}/copy", f"{place}/document.xml", f"/reports/{report}/correct"):
            assert other.get(path).status_code == 404
        data = {"what": "reviewed", "version": "1", "csrf": enrol.csrf(other)}
        assert other.post(f"{place}/do", data=data).status_code == 404
        assert place not in other.get("/corrections").text
    with console.client() as officer:
        enrol("Mira", Role.CUSTOMS, officer)
        assert 'name="what"' not in officer.get(place).text
        assert officer.get(f"/reports/{report}/correct").status_code == 403
        assert officer.post(f"{place}/do", data={**data, "csrf": enrol.csrf(officer)}).status_code == 403


def test_no_document_before_its_export(ana, depot):
    place = asked(ana, approved(depot), **{WEIGHT: "21360", "reason": "x"})
    assert ana.get(f"{place}/document.xml").status_code == 409
    assert ana.get("/corrections/none").status_code == 404
    assert ana.post(f"{place}/do", data={**form(ana.get(place).text), "what": "bad"}).status_code == 400


def test_a_corrections_states_agree_with_the_word(ana, leo, depot):
    place = asked(ana, approved(depot), **{SEALS: "EC999", "reason": "sello cambiado"})
    assert "Borrador" in ana.get(place).text
    did(leo, place, "reviewed")
    page = ana.get(place).text
    assert "Borrador → Revisada" in page and "Revisado" not in page


@pytest.mark.parametrize("state", sorted(set(State) - {State.CANCELLED}))
def test_every_state_of_a_correction_has_its_words(state):
    assert text(f"console.correction.state.{state}", lang="es") and text(
        f"console.correction.state.{state}", lang="en"
    )
