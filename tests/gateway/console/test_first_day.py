"""A gate's first day in a real browser: from the file that `init` writes, over commissioning, to a truck's receipt.

Broker and registry are real programs, the devices play their bytes and pictures over ptys and sockets.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from drivers.readings import Kind, Stability, Unit, Weight
from gateway.console.judging import NOW_S
from gateway.console.people import People
from gateway.console.person import Role
from gateway.daemon import Daemon
from gateway.rehearsal.broker import BrokerError, program
from gateway.rehearsal.stage import DEPOT, GATE, Stage
from gateway.rehearsal.trucks import Truck, trucks
from gateway.site.checks import read_site
from gateway.site.sketch import Answers, sketch
from ocr.models import ModelsMissing, find
from ocr.render import render_door, render_lane
from record.proof import SigningKey
from record.web.passwords import Passwords

from .conftest import PIN, QUICK, until

pytestmark = pytest.mark.timeout(600)
PASSWORD = "una frase larga"
PATIENCE_MS = 100_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    try:
        program()
        find()
    except (BrokerError, ModelsMissing) as error:
        pytest.skip(str(error))
    with Stage(tmp_path, [truck()]) as stage:
        yield stage


def truck() -> Truck:
    return next(each for each in trucks(8, seed=7, year=2026) if each.announced)


@pytest.fixture
def gate(stage: Stage) -> Iterator[Daemon]:
    """The gate at work by the file that `iie-gateway init` writes, and what a technician adds to it."""
    devices = stage.folder / "dev"
    answers = Answers(
        depot=GATE.depot,
        district=DEPOT["district"],
        oce=DEPOT["oce"],
        operator_type=DEPOT["operator_type"],
        gate=GATE.gate,
        lane="carril-1",
        scale="mt_continuous",
        port=str(devices / "scale"),
        broker="127.0.0.1",
        registry_key=str(SigningKey.read(stage.folder / "keys" / "registry.pem").public),
        scanner=str(devices / "scanner"),
        cameras=(stage.camera.stream_url,),
        registry_url=f"http://127.0.0.1:{stage.console_port}",
        data=str(stage.folder),
    )
    user, password = stage.broker.credentials(GATE)
    written = sketch(answers, is_model=False)
    for found, meant in {
        "port: 1883": f"port: {stage.broker.port}",
        "port: 8090": f"port: {stage.page_port}",
        "gate.pem": "keys/gate.pem",
        f"user: {GATE.depot}/{GATE.gate}": f"user: {user}",
        "protocol: mt_continuous": "protocol: mt_continuous\n      bits: 8\n      parity: N",
        "      # certificate:": "      certificate:",
        "# preadvice:\n#   file:": "preadvice:\n  file:",
        "# tares:\n#   tractor_kg: 7800\n#   chassis_kg: 5600\n#   boxes:": (
            "tares:\n  tractor_kg: 7800\n  chassis_kg: 5600\n  boxes:"
        ),
    }.items():
        assert written.count(found) == 1, found
        written = written.replace(found, meant)
    written += "simulated: true\n"
    (stage.folder / "mqtt-password").write_text(password)
    stage.site_file.write_text(written)
    with Daemon(read_site(stage.site_file), stage.folder, file=stage.site_file) as daemon:
        people = People(daemon.outbox.file, Passwords(QUICK))
        people.add("Luis Vera", Role.TECHNICIAN, PASSWORD)
        people.add("Ana Mero", Role.GUARD, PIN)
        yield daemon


def weight(kg: int) -> Weight:
    return Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS)


def open_page(chromium: Any, stage: Stage, errors: list[str]) -> Page:
    page: Page = chromium.new_context(viewport={"width": 1180, "height": 820}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"http://127.0.0.1:{stage.page_port}/")
    return page


def test_a_lane_is_commissioned_and_its_first_truck_is_received(
    chromium: Any, stage: Stage, gate: Daemon
) -> None:
    errors: list[str] = []
    commission(open_page(chromium, stage, errors), stage, gate)
    first_truck(open_page(chromium, stage, errors), stage, gate)
    assert errors == []


def commission(page: Page, stage: Stage, gate: Daemon) -> None:
    """Known weight, a camera that sees a number, a scanner; and the sheet."""
    page.get_by_text("Entrar con contraseña").click()
    page.get_by_label("Nombre").fill("Luis Vera")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").last.click()
    page.get_by_role("link", name="Puesta en marcha").click()
    expect(page.get_by_text("sin probar")).to_have_count(4, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Probar equipos").click()

    stage.scale.set(weight(1000))
    expect(page.locator("#scale .weight b")).to_have_text("1\u202f000", timeout=PATIENCE_MS)
    until(lambda: still(gate, 1000))
    page.get_by_label("Peso conocido, kg").fill("1000")
    page.get_by_label("Tolerancia, kg").fill("10")
    page.get_by_role("button", name="Comparar con la balanza").click()
    expect(page.locator(".checks")).to_contain_text("pasa", timeout=PATIENCE_MS)
    stage.scale.set(weight(0))

    stage.camera.show(render_door("CSQU3054383", "22G1", seed=3))
    expect(page.locator("#camera-camara-1 polygon").first).to_be_attached(timeout=PATIENCE_MS)
    expect(page.locator("#camera-camara-1 .needs .good")).to_have_count(3)
    page.get_by_role("button", name="Anotar cómo quedó la cámara").click()

    until(lambda: stage.scanner.end.listening)
    stage.scanner.send("ABC-12345")
    expect(page.locator("#scanner-lector")).to_contain_text("ABC-12345<CR>", timeout=PATIENCE_MS)
    page.get_by_label("Lo que dice la etiqueta").fill("ABC-12345")
    page.get_by_role("button", name="Comparar con lo leído").click()
    expect(page.locator(".checks > li")).to_have_count(3, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Hoja para imprimir").click()
    expect(page.locator(".sheet .chip.complete")).to_have_count(3, timeout=PATIENCE_MS)
    expect(page.locator(".sheet")).to_contain_text("Luis Vera")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden(timeout=PATIENCE_MS)
    page.context.close()
    stage.camera.show(render_lane(0))


def still(gate: Daemon, kg: int) -> bool:
    """Whether the scale has said nothing else for as long as a settled reading takes."""
    points = gate.board.bench.weights("carril-1", 0.0)
    recent = [point for point in points if points[-1].monotonic - point.monotonic <= NOW_S]
    return bool(recent) and all(point.low == point.high == kg for point in recent)


def first_truck(page: Page, stage: Stage, gate: Daemon) -> None:
    """The camera sees no number; a guard enters it, and the registry's receipt is on the page."""
    expected = truck()
    page.get_by_role("radio", name="Ana Mero").check(force=True)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Entrar").first.click()
    stage.scale.set(weight(0))
    until(lambda: gate.board.view.lanes["carril-1"].kg == 0)
    stage.scale.set(weight(29680))
    expect(page.locator(".weight b")).to_have_text("29\u202f680", timeout=PATIENCE_MS)
    stage.scanner.send(expected.dae)
    expect(page.locator(".row", has_text="Documento")).to_contain_text(expected.dae, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Corregir Contenedor").click()
    page.get_by_label("Lo que debe decir").fill(expected.container)
    page.get_by_label("Motivo").fill("la cámara no lo vio")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".row", has_text="Contenedor")).to_contain_text(
        expected.container, timeout=PATIENCE_MS
    )
    stage.scale.set(weight(0))
    expect(page.get_by_text("Sin camión")).to_be_visible(timeout=PATIENCE_MS)

    def received() -> bool:
        page.goto(f"http://127.0.0.1:{stage.page_port}/visits")
        return page.locator(".trucks li", has_text="recibido por el registro").count() == 1

    until(received)
    expect(page.locator(".trucks")).to_contain_text(expected.container, timeout=PATIENCE_MS)
    page.context.close()
