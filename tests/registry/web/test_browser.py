"""The clerk's day in a real browser: Debian's Chromium, the keyboard, a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ocr.render import render_door
from record.finding import Code
from record.proof import sha256
from registry.corrections.office import Corrections
from registry.database import reading
from registry.evidence import book
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping
from registry.intake import Arrival
from registry.people.role import Role
from registry.reports.state import State, What
from registry.watch.listening import Listener

PACKAGES = "/items/0/packages"
DESCRIPTION = "/items/0/description"
HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\u202e"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SMALL = """[...document.querySelectorAll('button, .button, select, summary, input:not([type=hidden]), .top a, .tabs a')]
    .map(each => each.type === 'checkbox' ? each.labels[0] : each).filter(each => each.offsetParent)
    .filter(each => each.offsetHeight < 44 || each.offsetWidth < 44
        || (each.matches('input, select') && parseFloat(getComputedStyle(each).fontSize) < 16))
    .map(each => each.outerHTML.slice(0, 120))"""
"""What a finger misses, or what makes a phone enlarge the page when it is written in."""


class Screen:
    """One person at one browser. Whatever the page complains of is kept: there should be nothing."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.on("console", lambda each: self.complaints.append(each.text) if each.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def press(self, key: str) -> None:
        """A key on the page, once the page has come whole."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def enter(self, name: str, password: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Usuario").fill(name)
        self.page.get_by_label("Contraseña").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/inbox")


@pytest.fixture
def screen(chromium: Browser, console: Any, enrol: Any, request: pytest.FixtureRequest) -> Iterator[Screen]:
    size = getattr(request, "param", DESK)
    context = chromium.new_context(viewport=size, locale="es-EC", timezone_id="America/Guayaquil")
    enrol("Ana", Role.CLERK)
    screen = Screen(context.new_page(), console.url)
    screen.enter("Ana", enrol.password)
    yield screen
    context.close()


@pytest.fixture
def depot(depot_of: Any, console: Any) -> Any:
    return depot_of(console)


def lacking(depot: Any, **changes: Any) -> str:
    finding = {"code": Code.MISSING_PACKAGES.value, "severity": "error", "field": PACKAGES, "params": {}}
    return depot.send(item={"packages": None}, status="incomplete", findings=[finding], **changes)


@pytest.fixture
def leo(chromium: Browser, console: Any, enrol: Any) -> Iterator[Screen]:
    """Another clerk at another browser."""
    enrol("Leo", Role.CLERK)
    context = chromium.new_context(viewport=DESK)
    screen = Screen(context.new_page(), console.url)
    screen.enter("Leo", enrol.password)
    yield screen
    context.close()


def test_the_clerks_day_without_a_mouse(screen, leo, depot):
    page = screen.page
    expect(page.get_by_text("Nada por completar")).to_be_visible()
    draft = lacking(depot)
    expect(page.get_by_text("Falta: Cantidad de bultos")).to_be_visible()
    screen.press("j")
    screen.press("Enter")
    page.wait_for_url("**/reports/*")
    screen.press("e")
    page.keyboard.type("1080")
    screen.press("Control+Enter")
    expect(page.get_by_text("por Ana")).to_be_visible()
    screen.press("r")
    expect(page.locator(".headline").get_by_text("Revisado", exact=True)).to_be_visible()
    screen.press("x")
    expect(page.get_by_text("Descargar XML")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_text("Descargar XML").click()
    assert b"<CountQuantity>1080</CountQuantity>" in Path(download.value.path()).read_bytes()
    page.get_by_role("button", name="Aprobado por la aduana").click()
    expect(page.locator(".headline").get_by_text("Aprobado (A)")).to_be_visible()
    assert depot.see(draft).report.state is State.APPROVED
    screen.press("c")
    page.wait_for_url("**/correct")
    page.get_by_label("Precintos").fill("EC999")
    page.get_by_label("Motivo").first.fill("sello cambiado en el patio")
    screen.press("Control+Enter")
    page.wait_for_url("**/corrections/*")
    expect(page.get_by_text("La revisa otra persona")).to_be_visible()
    expect(page.get_by_role("button", name="Revisada")).to_have_count(0)
    leo.page.goto(f"{leo.url}/corrections")
    leo.press("j")
    leo.press("Enter")
    leo.page.wait_for_url("**/corrections/*")
    leo.press("r")
    expect(leo.page.locator(".headline").get_by_text("Revisada", exact=True)).to_be_visible()
    leo.press("x")
    expect(leo.page.get_by_text("Copiar a Ecuapass")).to_be_visible()
    with leo.page.expect_download() as download:
        leo.page.get_by_text("Descargar XML").click()
    assert b"<ItemName>IKJ</ItemName>" in Path(download.value.path()).read_bytes()
    leo.page.get_by_role("button", name="Aprobada por la aduana").click()
    expect(leo.page.locator(".headline").get_by_text("Aprobada (A)")).to_be_visible()
    leo.press("b")
    expect(leo.page.locator("#fields").get_by_text("EC999", exact=True)).to_be_visible()
    assert depot.see(draft).report.payload["items"][0]["seals"] == ["EC999"]
    assert screen.complaints == leo.complaints == []


def number(text: str) -> int:
    """The digits of a cell; -1 where it holds none."""
    return int("".join(re.findall(r"[0-9]", text)) or -1)


def test_a_dae_page_adds_up(screen, depot):
    draft = depot.send()
    depot.send(item={"container": "TEXU3070079", "packages": 20, "weight_kg": "650"})
    depot.do(depot.send(item={"container": "MSKU6011672"}), What.WITHDRAWN, reason="otro camión")
    page = screen.page
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    page.get_by_role("link", name="Proceso de carga").click()
    page.wait_for_url("**/daes/*")
    page.get_by_label("Bultos declarados").fill("1000")
    page.get_by_label("Peso declarado (kg)").fill("22 000")
    page.get_by_label("Contenedores declarados").fill("2")
    screen.press("Control+Enter")
    expect(page.get_by_text("Anotado lo que dice la aduana")).to_be_visible()
    page.wait_for_load_state()
    sums = [
        [number(cell.partition("(")[0]) for cell in row.locator("td").all_inner_texts()]
        for row in page.locator("#sums tbody tr").all()
    ]
    rows = [row.locator("td").all_inner_texts() for row in page.locator("table.rows tbody tr").all()]
    counted = [row for row in rows if "Anulado" not in row[-1]]
    packages, weights = (sum(number(row[place]) for row in counted) for place in (3, 4))
    assert len(rows) == 3 and (packages, weights) == (1100, 22000)
    assert [row[2] for row in sums] == [packages, weights, 2]
    assert [row[3] for row in sums] == [100, 0, 0]
    assert screen.complaints == []


def test_a_gate_that_loses_its_line_is_seen_without_a_reload(screen, depot, console):
    page = screen.page
    page.goto(f"{screen.url}/gates")
    expect(page.get_by_text("no ha dicho nada")).to_be_visible()
    told = b'{"state":"offline","at":"2026-11-24T17:00:00.000Z"}'
    Listener(depot.office, console.settings.file).hear([Arrival.of("gate/v1/depot/g1/state", told)])
    expect(page.get_by_text("Sin conexión")).to_be_visible(timeout=10_000)
    assert screen.complaints == []


def test_what_was_typed_wrong_is_told_beside_it_and_kept(screen, depot):
    draft = lacking(depot)
    page = screen.page
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    page.get_by_label("Cantidad de bultos").fill("muchos")
    page.get_by_label("Número de contenedor").fill("CSQU3054384")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Escriba un número entero")).to_be_visible()
    expect(page.get_by_text("para ese número sería 3")).to_be_visible()
    expect(page.get_by_label("Cantidad de bultos")).to_have_value("muchos")


def test_the_second_of_two_sees_what_the_first_did(screen, depot, chromium, console, enrol):
    draft = lacking(depot)
    enrol("Leo", Role.CLERK)
    context = chromium.new_context(viewport=DESK)
    other = Screen(context.new_page(), console.url)
    other.enter("Leo", enrol.password)
    for each in (screen, other):
        each.page.goto(f"{console.url}/reports/{depot.report(draft)}")
    for each, count, told in ((screen, "1000", "por Ana"), (other, "900", "Alguien lo cambió mientras")):
        each.page.get_by_label("Cantidad de bultos").fill(count)
        each.page.get_by_role("button", name="Guardar").click()
        expect(each.page.get_by_text(told)).to_be_visible()
    expect(other.page.get_by_label("Cantidad de bultos")).to_have_value("900")
    context.close()


def test_a_picture_on_its_way_arrives_by_itself(screen, depot, console):
    body = render_door("CSQU3054383", "22G1", seed=1, frame=0)
    digest = sha256(body)
    sighting = {
        "id": "sighting-1",
        "at": "2026-11-24T17:00:00.000Z",
        "device": "trasera",
        "picture": digest,
        "status": "read",
        "number": "CSQU3054383",
    }
    evidence = {"clock": "unknown", "machine": "pc", "version": "0.1.0", "sightings": [sighting]}
    draft = depot.send(evidence=evidence)
    page = screen.page
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    expect(page.get_by_text("Foto en camino")).to_be_visible()
    shelf = Shelf(console.settings.evidence)
    with shelf.part("depot", digest) as part:
        part.append(body)
        part.whole()
        shelf.shelve(part, "depot", digest, "image/jpeg")
    with reading(console.engine) as connection:
        entry = book.entry(connection, "depot", digest)
    book.settle(
        console.engine, entry, Keeping.HELD, depot.office._clock(), media_type="image/jpeg", size=len(body)
    )
    image = page.get_by_alt_text("Se leyó CSQU3054383")
    expect(image).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Foto en camino")).to_have_count(0)
    page.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    assert screen.complaints == []


@pytest.mark.parametrize("screen", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_pages_fit_the_screen_name_every_box_and_let_nothing_in(screen, depot, enrol, console):
    long = "DESCRIPCIÓN MUY LARGA DE LA MERCANCÍA " * 5
    drafts = [
        lacking(depot),
        depot.send(item={"description": HOSTILE}),
        depot.send(item={"description": long}),
    ]
    for what in (What.REVIEWED, What.EXPORTED):
        depot.do(drafts[2], what)
    depot.send(drafts[2], 2, item={"description": long, "weight_kg": "20000"})
    page = screen.page
    paths = ["/inbox", "/inbox?tray=review", "/reports", "/me"]
    paths += [f"/reports/{depot.report(draft)}" for draft in drafts]
    depot.do(drafts[2], What.APPROVED)
    corrections, report = Corrections(depot.office), depot.see(drafts[2]).report
    made = corrections.cancel(report.id, report.version, depot.ana, "otra DAE", "DAE 02820264000000009")
    known = page.context.request.get(f"{screen.url}/reports/{report.id}/dae").url
    paths += [f"/reports/{corrections.see(made, depot.ana).successor}", f"/corrections/{made}"]
    paths += [f"/corrections/{made}/copy", "/corrections", "/daes", known.removeprefix(screen.url)]
    paths += ["/preadvice", "/releases", "/figures", "/gates"]
    paths += [f"/reports/{depot.report(drafts[1])}/copy", f"/reports/{depot.report(drafts[0])}?more=1"]
    for path in paths:
        page.goto(screen.url + path)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
        nameless = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
            ".filter(e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label')).map(e => e.outerHTML)"
        )
        assert nameless == [], path
        small = page.evaluate(SMALL) if page.viewport_size == PHONE else []
        assert small == [], path
    assert screen.complaints == []


def test_the_language_is_a_click_away(screen):
    screen.page.get_by_role("button", name="EN").click()
    expect(screen.page.get_by_role("link", name=re.compile("Inbox"))).to_be_visible()


def test_what_was_typed_stays_when_a_finding_is_settled_beside_it(screen, depot):
    finding = {
        "code": Code.MISSING_DESCRIPTION.value,
        "severity": "error",
        "field": DESCRIPTION,
        "params": {},
    }
    unsure = {
        "code": Code.SEVERAL_CONTAINERS.value,
        "severity": "error",
        "field": "/items",
        "params": {"containers": "A, B"},
    }
    draft = depot.send(item={"description": None}, status="incomplete", findings=[finding, unsure])
    page = screen.page
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    screen.press("e")
    page.keyboard.type("Banano fresco")
    page.get_by_label("Peso").fill("pesado")
    page.get_by_role("button", name="Visto").click()
    expect(page.get_by_label("Peso")).to_be_focused()
    assert depot.see(draft).report.version == 1, "nothing of it is taken while one value cannot stand"
    page.keyboard.type("21350")
    page.get_by_role("button", name="Visto").click()
    expect(page.get_by_text("Resuelta por Ana")).to_be_visible()
    report = depot.see(draft).report
    assert report.payload["items"][0]["description"] == "Banano fresco"
    assert [each.settled for each in report.judged()] == [True, True]


def test_enter_in_a_box_saves_and_settles_nothing(screen, depot):
    unsure = {
        "code": Code.CONTAINER_UNSURE.value,
        "severity": "error",
        "field": "/items/0/container",
        "params": {"candidates": "A, B"},
    }
    draft = depot.send(status="incomplete", findings=[unsure])
    page = screen.page
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    screen.press("e")
    expect(page.get_by_role("button", name="Lo vi")).to_be_focused()
    page.get_by_label("Precintos").fill("EC1")
    page.get_by_label("Precintos").press("Enter")
    expect(page.get_by_label("Motivo, si cambia")).to_be_focused()
    page.keyboard.type("sello cambiado")
    page.keyboard.press("Enter")
    expect(page.get_by_text("por Ana")).to_be_visible()
    assert [each.settled for each in depot.see(draft).report.judged()] == [False]


def test_a_session_that_ended_costs_no_typing(screen, depot, clock, enrol):
    page = screen.page
    draft = lacking(depot)
    page.goto(f"{screen.url}/reports/{depot.report(draft)}")
    page.get_by_label("Cantidad de bultos").fill("1080")
    page.get_by_role("button", name="Agregar ítem").click()
    expect(page.locator("#item-2 select").first).to_be_focused()
    expect(page.locator("#item-1").get_by_label("Cantidad de bultos")).to_have_value("1080")
    page.locator("#item-2").get_by_label("Cantidad de bultos").fill("5")
    clock.move(minutes=31)
    screen.press("Control+Enter")
    expect(page.get_by_text("lo que escribió lo espera")).to_be_visible()
    page.get_by_label("Usuario").fill("Ana")
    page.get_by_label("Contraseña").fill(enrol.password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("revíselo y pulse de nuevo")).to_be_visible()
    expect(page.locator("#item-1").get_by_label("Cantidad de bultos")).to_have_value("1080")
    expect(page.locator("#item-2").get_by_label("Cantidad de bultos")).to_have_value("5")
    assert depot.see(draft).report.entries == {}, "nothing was saved by itself"
    screen.press("Control+Enter")
    expect(page.get_by_text("por Ana").first).to_be_visible()
    entries = depot.see(draft).report.entries
    assert (entries[PACKAGES].value, entries["/items/1/packages"].value) == (1080, 5)
    assert screen.complaints == []
