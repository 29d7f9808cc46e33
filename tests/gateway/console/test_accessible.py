"""Every page before axe-core: nothing against WCAG 2, levels A and AA; and the guard's way by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from drivers.device import DeviceState, DeviceStatus
from drivers.readings import Scan, Stamped, Weight
from gateway.clerk.visit import Seen
from gateway.console.person import Role
from ocr.picture import jpeg
from ocr.sighting import Candidate, Sighting, Status

from .conftest import NOON, PIN, Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = (
    "/",
    "/lanes/carril-1",
    "/lanes/carril-1?field=/items/0/container",
    "/lanes/carril-1?field=/items/0/weight_kg",
    "/visits",
    "/outbox",
    "/devices",
    "/commissioning",
    "/commissioning/carril-1",
    "/commissioning/carril-1/sheet",
    "/configuration",
    "/logs",
    "/audit",
    "/not-there",
)


@pytest.fixture
def at_work(served: Page) -> Page:
    """A gate with a truck whose number is doubtful, devices in several states, and something to see everywhere."""
    import numpy as np

    digest = served.store.keep(jpeg(np.full((90, 160, 3), 128, np.uint8)))
    box = ((10.0, 10.0), (100.0, 10.0), (100.0, 30.0), (10.0, 30.0))
    candidates = (Candidate("CSQU3054383", 1.0), Candidate("CSQU3054378", 3.0))
    seen = Sighting(None, (), None, Status.UNSURE, 1.0, 0.5, candidates, (box,), None, 0.0)
    sighting = Seen(NOON, 95.0, "v-1", "trasera", "rear", digest, seen, digest)
    served.truck(sightings=(sighting,))
    for name, state in {"balanza": DeviceState.STREAMING, "lector": DeviceState.MISSING}.items():
        status = DeviceStatus(name, state, NOON, last_raw=b"\x02) 0 29680\r", advice="check_output")
        served.board.device("carril-1", status)
    served.board.bench.watch("carril-1", 100.0)
    for number in range(20):
        heard = Stamped("balanza", NOON, 90.0 + number / 2, Weight(Decimal(29680 + number % 3)))
        served.board.bench.heard("carril-1", heard)
    served.board.bench.heard("carril-1", Stamped("lector", NOON, 100.0, Scan("x\x1d", raw=b"x\x1d\r")))
    return served


@pytest.fixture
def tab(chromium: Any, at_work: Page) -> Iterator[Tab]:
    context = chromium.new_context(viewport={"width": 1180, "height": 820})
    yield context.new_page()
    context.close()


def enter(tab: Tab, served: Page, role: Role, keys: bool = False) -> None:
    served.people.add("Ana Mero", role, PIN)
    tab.goto(f"{served.url}/login")
    tab.get_by_role("radio", name="Ana Mero").focus()
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    tab.keyboard.type(PIN)
    tab.keyboard.press("Enter")
    expect(tab.locator(".lanes")).to_be_visible()


def test_no_page_breaks_wcag(tab: Tab, at_work: Page) -> None:
    tab.goto(f"{at_work.url}/login")
    found = {"/login": wrong(tab)}
    enter(tab, at_work, Role.SUPERVISOR)
    for place in PAGES:
        tab.goto(at_work.url + place)
        found[place] = wrong(tab)
    tab.goto(f"{at_work.url}/lanes/carril-1")
    tab.get_by_role("button", name="Tiquete para el chofer").click()
    expect(tab.get_by_role("img", name="TKT000001")).to_be_visible()
    found["the ticket"] = wrong(tab)
    tab.set_viewport_size({"width": 390, "height": 800})
    for place in PAGES:
        tab.goto(at_work.url + place)
        found[f"{place} on a phone"] = wide(tab)
    assert {place: rules for place, rules in found.items() if rules} == {}


def wrong(tab: Tab) -> list[str]:
    """What axe finds, each with the first place."""
    answer = Axe().run(tab, options=RULES).response
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in answer["violations"]]


def wide(tab: Tab) -> list[str]:
    """Whether a page has to be pushed sideways (WCAG 2.1, 1.4.10)."""
    over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{over} pixels too wide"] if over > 0 else []


def test_a_guard_corrects_by_keyboard_alone(tab: Tab, at_work: Page) -> None:
    enter(tab, at_work, Role.GUARD)
    tab.get_by_role("link", name="Corregir Contenedor").focus()
    tab.keyboard.press("Enter")
    value = tab.get_by_label("Lo que debe decir")
    expect(value).to_be_focused()
    tab.keyboard.type("CSQU3054383")
    expect(tab.locator(".feedback")).to_contain_text("correcto")
    tab.keyboard.press("Enter")
    expect(tab.locator(".lanes")).to_be_visible()
    (act,) = at_work.lane.acts
    assert act.value == "CSQU3054383"


def test_a_candidate_is_one_touch(tab: Tab, at_work: Page) -> None:
    enter(tab, at_work, Role.GUARD)
    expect(tab.locator("svg.picture polygon")).to_have_attribute("points", "10,10 100,10 100,30 10,30")
    tab.get_by_role("link", name="Corregir Contenedor").click()
    tab.get_by_role("button", name="CSQU 305438 3").click()
    expect(tab.locator(".lanes")).to_be_visible()
    (act,) = at_work.lane.acts
    assert (act.value, act.reason) == ("CSQU3054383", "elegido entre lo que leyó la cámara")
