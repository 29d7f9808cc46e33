"""The pictures of the guides, made anew: a demo gate on drawn trucks, looked at in Chromium.

    python docs/screenshots.py [FOLDER]     writes docs/pictures/*.png; broker, registry and devices as in the demo

No photograph is in them: doors and plates are drawn, names and numbers are nobody's.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from drivers.readings import Kind, Stability, Unit, Weight
from gateway.console.people import People
from gateway.console.person import Role
from gateway.daemon import Daemon
from gateway.rehearsal.stage import LANE, Stage
from gateway.rehearsal.trucks import trucks
from gateway.site.checks import read_site
from ocr.render import render_door, render_lane
from record.web.passwords import Passwords

PICTURES = Path(__file__).parent / "pictures"
MOST_BYTES = 100_000
PIN, PASSWORD = "194073", "una frase larga"
TABLET, LAPTOP, PHONE = (1180, 820), (1366, 768), (390, 800)
PATIENCE_S = 90.0


def main(folder: Path) -> None:
    """Let one truck pass and look at every page on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    truck = next(each for each in trucks(8, seed=7, year=2026) if each.announced)
    with (
        tempfile.TemporaryDirectory() as name,
        Stage(Path(name), [truck]) as stage,
        Daemon(read_site(stage.site_file), stage.folder, file=stage.site_file) as gate,
    ):
        people = People(gate.outbox.file, Passwords())
        people.add("Ana Mero", Role.GUARD, PIN)
        people.add("Luis Vera", Role.TECHNICIAN, PASSWORD)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            guard, technician = (chromium.new_context(device_scale_factor=1).new_page() for _ in range(2))
            url = f"http://127.0.0.1:{stage.page_port}"
            _technician(technician, url, stage, folder)
            _guard(guard, url, stage, gate, folder, truck.dae, truck.container)
            _others(technician, url, folder)
            chromium.close()


def _technician(page: Page, url: str, stage: Stage, folder: Path) -> None:
    page.goto(url)
    page.get_by_text("Entrar con contraseña").click()
    page.get_by_label("Nombre").fill("Luis Vera")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").last.click()
    page.goto(f"{url}/commissioning/{LANE}")
    stage.scale.set(_weight(1000))
    stage.camera.show(render_door("CSQU3054383", "22G1", seed=3))
    page.locator("#camera-trasera polygon").first.wait_for(state="attached", timeout=60_000)
    stage.scanner.send("]C1ETIQUETA\x1d0042", prefix=b"\x02")
    page.locator("#scanner-lector li b").first.wait_for(timeout=60_000)
    _shot(page, folder / "puesta-en-marcha.png", LAPTOP)
    stage.scale.set(_weight(0))
    stage.camera.show(render_lane(0))


def _guard(
    page: Page, url: str, stage: Stage, gate: Daemon, folder: Path, document: str, container: str
) -> None:
    page.goto(url)
    _shot(page, folder / "entrada.png", TABLET)
    page.get_by_role("radio", name="Ana Mero").check(force=True)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Entrar").first.click()
    _until(lambda: gate.board.view.lanes[LANE].kg == 0)
    stage.scale.set(_weight(29680))
    page.get_by_text("29\u202f680").wait_for(timeout=60_000)
    stage.camera.show(render_door(container[:-1] + str((int(container[-1]) + 1) % 10), "22G1", seed=4))
    stage.scanner.send(document, prefix=b"\x02")
    page.locator(".row", has_text=document).wait_for(timeout=60_000)
    page.locator(".seen svg, .seen img").first.wait_for(timeout=60_000)
    page.locator(".aspect", has_text="revisar").wait_for(timeout=60_000)
    _shot(page, folder / "carril.png", TABLET)
    _shot(page, folder / "carril-telefono.png", PHONE)
    page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    page.get_by_role("link", name="Corregir Contenedor").click()
    _shot(page, folder / "corregir.png", TABLET)
    page.get_by_label("Lo que debe decir").fill(container)
    page.get_by_label("Motivo").fill("la cámara leyó mal")
    page.get_by_role("button", name="Guardar").click()
    page.locator(".row", has_text=container).wait_for(timeout=60_000)
    stage.scale.set(_weight(0))
    page.get_by_text("Sin camión").wait_for(timeout=60_000)

    def received() -> bool:
        page.goto(f"{url}/visits")
        return page.locator(".trucks li", has_text="recibido por el registro").count() == 1

    _until(received)
    _shot(page, folder / "ultimos.png", TABLET)


def _others(page: Page, url: str, folder: Path) -> None:
    for place, name in (("/devices", "equipos"), ("/configuration", "configuracion")):
        page.goto(url + place)
        _shot(page, folder / f"{name}.png", LAPTOP)


def _weight(kg: int) -> Weight:
    return Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not come")
        time.sleep(0.1)


def _shot(page: Page, file: Path, size: tuple[int, int]) -> None:
    """A picture of what fits the screen, with few enough colours to stay small."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_load_state("networkidle") if not page.locator("[data-live], [data-poll]").count() else None
    page.screenshot(path=file, animations="disabled")
    pixels = np.asarray(cv2.imread(str(file)), np.uint8)
    for step in (1, 16, 32, 48):
        small = np.asarray((pixels // step) * step + (step // 2 if step > 1 else 0), np.uint8)
        cv2.imwrite(str(file), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if file.stat().st_size < MOST_BYTES:
            return
    raise ValueError(f"{file}: {file.stat().st_size} bytes, at most {MOST_BYTES}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
