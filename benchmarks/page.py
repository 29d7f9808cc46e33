"""How soon the gate's page is there: the first paint in Chromium on the same machine, browser cache as a guard has it.

    python benchmarks/page.py [--loads 10] [--json]

A whole gate is behind it: broker, registry, simulated devices, a truck on the scale. Milliseconds from the begin of the
navigation, by the browser's own clock (Paint Timing, W3C): *first contentful paint*, and *loaded* with every picture.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from drivers.readings import Kind, Stability, Unit, Weight
from gateway.console.people import People
from gateway.console.person import Role
from gateway.daemon import Daemon
from gateway.rehearsal.stage import Stage
from gateway.site.checks import read_site
from record.web.passwords import Passwords

PIN = "194073"
PAINTED = """new Promise(done => {
  const told = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const load = performance.getEntriesByType("navigation")[0].loadEventEnd;
    if (paint && load) done({paint: paint.startTime, loaded: load}); else setTimeout(told, 20);
  };
  told();
})"""


def measured(page: Page, url: str, loads: int) -> dict[str, Any]:
    """Median and worst of so many loads, after one that fills the browser's cache."""
    page.goto(url)
    found = []
    for _ in range(loads):
        page.goto(url)
        found.append(page.evaluate(PAINTED))
    paints, loaded = ([each[name] for each in found] for name in ("paint", "loaded"))
    return {
        "first_paint_ms": round(statistics.median(paints)),
        "first_paint_worst_ms": round(max(paints)),
        "loaded_ms": round(statistics.median(loaded)),
    }


def run(loads: int) -> dict[str, dict[str, Any]]:
    """The figures of the guard's pages."""
    with (
        tempfile.TemporaryDirectory() as name,
        Stage(Path(name), []) as stage,
        Daemon(read_site(stage.site_file), stage.folder, file=stage.site_file) as gate,
        sync_playwright() as playwright,
    ):
        People(gate.outbox.file, Passwords()).add("Ana Mero", Role.GUARD, PIN)
        stage.scale.set(Weight(Decimal(29680), Unit.KG, Stability.STABLE, Kind.GROSS))
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page, url = chromium.new_page(), f"http://127.0.0.1:{stage.page_port}"
        found = {"/login": measured(page, f"{url}/login", loads)}
        page.get_by_role("radio", name="Ana Mero").check(force=True)
        page.get_by_label("PIN").fill(PIN)
        page.get_by_role("button", name="Entrar").first.click()
        page.locator(".weight b").wait_for()
        for place in ("/", "/visits"):
            found[place] = measured(page, url + place, loads)
        chromium.close()
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loads", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = run(given.loads)
    if given.json:
        print(json.dumps(found))
        return
    for place, figures in found.items():
        print(f"{place:<10}" + "  ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
