"""A form sent when its session has ended loses nothing: the login, then the same form, and nobody acts but a person."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html
from sqlalchemy import func, select

from record.finding import Code
from registry.database import reading
from registry.people.role import Role
from registry.people.tables import kept_forms
from registry.reports.state import State

KINDS = ("sqlite",)
PACKAGES, DESCRIPTION = "/items/0/packages", "/items/0/description"


@pytest.fixture
def draft(depot):
    finding = {"code": Code.MISSING_PACKAGES.value, "severity": "error", "field": PACKAGES, "params": {}}
    return depot.send(item={"packages": None}, status="incomplete", findings=[finding])


@pytest.fixture
def place(depot, draft):
    return f"/reports/{depot.report(draft)}"


def hidden(page: str) -> dict[str, str]:
    """What the report's form has of its own."""
    form = html.document_fromstring(page).get_element_by_id("fields")
    return {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}


def boxes(page: str) -> dict[str, str]:
    form = html.document_fromstring(page).get_element_by_id("fields")
    texts = {each.get("name"): each.text for each in form.iter("textarea")}
    return texts | {each.get("name"): each.get("value") for each in form.iter("input")}


def after_login(answer) -> str:
    """Where the login leads that an answer sends to."""
    there = urlsplit(answer.headers["location"])
    assert (answer.status_code, there.path) == (303, "/login"), answer.headers["location"]
    return parse_qs(there.query)["next"][0]


def test_what_was_typed_is_there_after_the_login_and_is_saved_by_a_person(
    ana, place, draft, depot, enrol, clock
):
    typed = {
        **hidden(ana.get(place).text),
        PACKAGES: "1 080",
        DESCRIPTION: "rosas\r\nrojas",
        "reason": "guía",
    }
    clock.move(minutes=31)
    sent = ana.post(f"{place}/complete", data=typed)
    login = ana.get(sent.headers["location"]).text
    assert "todavía no se guardó nada" in login and "1 080" not in login
    wanted = after_login(sent)
    entered = ana.post("/login", data={"name": "Ana", "password": enrol.password, "next": wanted})
    assert entered.headers["location"] == wanted
    page = ana.get(wanted).text
    assert boxes(page)[PACKAGES] == "1 080" and boxes(page)["reason"] == "guía"
    assert boxes(page)[DESCRIPTION].strip("\n") == "rosas\nrojas"
    assert "revíselo y pulse de nuevo" in page and "alguien cambió" not in page
    with reading(depot.engine) as connection:
        held = connection.execute(select(kept_forms.c.fields)).scalar_one()
    assert typed["csrf"] not in str(held), "no token is kept"
    assert ana.get(place).text.count("1 080") == 0, "nothing was saved by itself"
    saved = ana.post(f"{place}/complete", data={**hidden(page), PACKAGES: "1 080", "reason": "guía"})
    assert saved.headers["location"] == place
    assert depot.see(draft).report.entries[PACKAGES].value == 1080
    with reading(depot.engine) as connection:
        assert connection.execute(select(func.count()).select_from(kept_forms)).scalar() == 0
    assert "pulse de nuevo" not in ana.get(wanted).text


def test_nobody_else_sees_what_was_typed(ana, place, enrol, clock):
    enrol("Leo", Role.SUPERVISOR)
    typed = {**hidden(ana.get(place).text), PACKAGES: "4321"}
    clock.move(minutes=31)
    wanted = after_login(ana.post(f"{place}/complete", data=typed))
    enrol.enter("Leo", ana)
    page = ana.get(wanted)
    assert page.status_code == 200 and "4321" not in page.text and "pulse de nuevo" not in page.text


def test_a_form_of_nobodys_page_is_not_kept(client, ana, place, console, clock):
    sent = {**hidden(ana.get(place).text), PACKAGES: "4321"}
    clock.move(minutes=31)
    for changed in ({**sent, "csrf": "x" * 43}, {**sent, "csrf": ""}, {PACKAGES: "4321"}):
        answer = client.post(f"{place}/complete", data=changed)
        assert answer.headers["location"] == "/login?ended=lost"
    assert "lo último no se guardó" in client.get("/login?ended=lost").text
    with reading(console.engine) as connection:
        assert connection.execute(select(func.count()).select_from(kept_forms)).scalar() == 0


def test_passwords_are_never_kept(ana, console, enrol, clock):
    csrf = enrol.csrf(ana)
    clock.move(minutes=31)
    data = {"csrf": csrf, "old": enrol.password, "new": "another one 1", "again": "another one 1"}
    assert ana.post("/me/password", data=data).headers["location"] == "/login?ended=lost"
    with reading(console.engine) as connection:
        assert connection.execute(select(func.count()).select_from(kept_forms)).scalar() == 0


def test_a_deed_is_not_done_by_itself_and_its_reason_is_kept(ana, depot, draft, place, enrol, clock):
    own = {**hidden(ana.get(place).text), "what": "withdrawn", "reason": "camión equivocado"}
    clock.move(minutes=31)
    wanted = after_login(ana.post(f"{place}/do", data=own))
    enrol.enter("Ana", ana)
    page = ana.get(wanted).text
    reasons = html.document_fromstring(page).xpath("//details[@open]//input[@name='reason']/@value")
    assert reasons == ["camión equivocado"]
    assert depot.see(draft).report.state is State.DRAFT


def test_a_page_of_an_earlier_session_is_shown_again_where_somebody_logged_in_elsewhere(
    ana, place, enrol, clock
):
    typed = {**hidden(ana.get(place).text), PACKAGES: "77"}
    clock.move(minutes=31)
    enrol.enter("Ana", ana)
    sent = ana.post(f"{place}/complete", data=typed)
    assert sent.status_code == 303 and sent.headers["location"].startswith(f"{place}?kept=")
    assert boxes(ana.get(sent.headers["location"]).text)[PACKAGES] == "77"


def test_a_page_of_somebody_elses_session_is_refused(ana, place, enrol, clock):
    typed = {**hidden(ana.get(place).text), PACKAGES: "77"}
    enrol("Leo", Role.CLERK, ana)
    assert ana.post(f"{place}/complete", data=typed).status_code == 403


def test_what_is_kept_is_forgotten_after_a_day(ana, place, enrol, clock):
    typed = {**hidden(ana.get(place).text), PACKAGES: "77"}
    clock.move(minutes=31)
    wanted = after_login(ana.post(f"{place}/complete", data=typed))
    clock.move(hours=25)
    enrol.enter("Ana", ana)
    assert "pulse de nuevo" not in ana.get(wanted).text


def test_a_page_left_open_on_friday_is_known_on_monday(ana, place, console, enrol, clock):
    typed = {**hidden(ana.get(place).text), PACKAGES: "77"}
    clock.move(hours=63)
    with console.client() as other:
        enrol("Leo", Role.CLERK, other)
    wanted = after_login(ana.post(f"{place}/complete", data=typed))
    enrol.enter("Ana", ana)
    assert boxes(ana.get(wanted).text)[PACKAGES] == "77"


def test_a_page_asked_for_says_that_the_session_ended(ana, clock):
    clock.move(minutes=31)
    assert ana.get("/reports").headers["location"] == "/login?next=%2Freports&ended=idle"
    polled = ana.get("/inbox/rows?tray=review", headers={"hx-request": "true"})
    assert polled.headers["hx-redirect"] == "/login?next=%2Finbox&ended=idle"
    assert "falta de uso" in ana.get("/login?next=%2Freports&ended=idle").text
    assert "notice" not in ana.get("/login?ended=%3Cscript%3E").text


def test_a_form_that_waits_for_its_pictures_is_not_taken_away(ana, place, clock):
    clock.move(minutes=31)
    asked = ana.get(f"{place}/picture/{'0' * 64}", headers={"hx-request": "true"})
    assert (asked.status_code, asked.headers["hx-reswap"]) == (286, "none")


def test_an_item_is_added_to_the_form_as_it_was_typed(ana, place, draft, depot):
    page = ana.get(place).text
    typed = {**hidden(page), PACKAGES: "muchos", DESCRIPTION: "a\r\nb", "reason": "guía", "add": "1"}
    more = ana.post(f"{place}/complete", data=typed)
    assert more.status_code == 200
    assert boxes(more.text)[PACKAGES] == "muchos" and boxes(more.text)["reason"] == "guía"
    assert boxes(more.text)[DESCRIPTION].strip("\n") == "a\nb", "a line break is no sign that nobody sees"
    assert "/items/1/packages" in boxes(more.text) and not re.search('name="add"', more.text)
    assert depot.see(draft).report.version == int(typed["version"])
    late = ana.post(f"{place}/complete", data={**typed, "version": "999"})
    assert late.status_code == 409 and "/items/1/packages" in boxes(late.text)
