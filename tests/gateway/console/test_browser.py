"""The guard's work in a real browser at a real gate: a truck whose number nobody read becomes a complete draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.clerk.act import Deed
from gateway.clerk.stay import tickets
from gateway.console.people import People
from gateway.console.person import Role
from gateway.daemon import Daemon
from gateway.rehearsal.broker import free_port
from gateway.site.checks import read_site
from record.event import EventType
from record.proof import SigningKey, unwire
from record.web.passwords import Passwords

from .conftest import PIN, QUICK, until

DAE, CONTAINER = "02820264000123456", "CSQU3054383"


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A gate with a scale and a scanner on pseudo terminals, and a camera that sees nothing."""
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))
    (tmp_path / "password").touch()
    (tmp_path / "fotos").mkdir()
    announced = {
        "id": "aviso-1",
        "version": 1,
        "valid_until": "2099-12-31T05:00:00Z",
        "exporter": "EXPORTADORA",
        "keys": {"document": {"type": "DAE", "number": DAE}, "containers": [CONTAINER]},
        "cargo": {"description": "BANANO FRESCO", "packages": 1080, "packaging": "035", "size_type": "22G1"},
    }
    (tmp_path / "preadvice.yaml").write_text(json.dumps({"preadvice": [announced]}))
    depot = {
        "name": "depot",
        "profile": "temporal",
        "district": "028",
        "oce": "99999999",
        "operator_type": "14",
    }
    scale = {"name": "balanza", "protocol": "mt_continuous", "port": str(tmp_path / "scale"), "settle_s": 0.3}
    scale["certificate"] = {"number": "INEN-1", "authority": "INEN", "valid_until": "2099-06-30"}
    lane = {
        "name": "carril-1",
        "scale": scale,
        "cameras": [{"name": "trasera", "kind": "folder", "folder": "fotos"}],
        "scanners": [{"name": "lector", "port": str(tmp_path / "scanner")}],
    }
    content = {
        "depot": depot,
        "gate": "g1",
        "data": "data",
        "keys": {"signing": "gate.pem", "registry": str(SigningKey.generate().public)},
        "broker": {"host": "127.0.0.1", "port": free_port(), "user": "depot/g1", "password_file": "password"},
        "page": {"port": free_port()},
        "preadvice": {"file": "preadvice.yaml"},
        "rules": {"linger_s": 0.3, "pending_s": 1.0},
        "tares": {"tractor_kg": 7800, "chassis_kg": 5600, "boxes": {"22G1": 2280}},
        "lanes": [lane],
        "simulated": True,
    }
    (tmp_path / "site.yaml").write_text(json.dumps(content), encoding="utf-8")
    with Daemon(read_site(tmp_path / "site.yaml"), tmp_path) as daemon:
        People(daemon.outbox.file, Passwords(QUICK)).add("Ana Mero", Role.GUARD, PIN)
        yield daemon


def weight(kg: int) -> Weight:
    return Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS)


def last_draft(gate: Daemon) -> dict[str, Any]:
    found = next((each for each in gate.outbox.find() if each.type == EventType.DRAFT), None)
    return unwire(found.body)["data"] if found else {}


def tickets_of(gate: Daemon) -> frozenset[str]:
    visit = gate.board.view.lanes["carril-1"].visit
    return tickets(visit) if visit else frozenset()


def deeds_of(gate: Daemon) -> list[Deed]:
    visit = gate.board.view.lanes["carril-1"].visit
    return [act.deed for act in visit.acts] if visit else []


def test_a_guard_completes_a_truck_by_touch(chromium: Any, gate: Daemon, tmp_path: Path) -> None:
    site = read_site(tmp_path / "site.yaml")
    assert site.page
    tablet: Page = chromium.new_page(viewport={"width": 1180, "height": 820})
    errors: list[str] = []
    tablet.on("pageerror", lambda error: errors.append(str(error)))
    tablet.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    tablet.goto(f"http://127.0.0.1:{site.page.port}/")
    tablet.get_by_role("radio", name="Ana Mero").check(force=True)
    for digit in PIN:
        tablet.locator(".keypad button", has_text=digit).click()
    tablet.get_by_role("button", name="Entrar").first.click()
    expect(tablet.get_by_text("Sin camión")).to_be_visible()

    with (
        ScaleSimulator(tmp_path / "scale", "mt_continuous", 40) as scale,
        ScannerSimulator(tmp_path / "scanner") as scanner,
    ):
        until(lambda: scale.end.listening and scanner.end.listening)
        scale.set(weight(0))
        until(lambda: gate.board.view.lanes["carril-1"].kg == 0)
        scale.set(weight(29680))
        expect(tablet.locator(".weight b")).to_have_text("29\u202f680")
        scanner.send(DAE)
        expect(tablet.locator(".row", has_text="Documento")).to_contain_text(DAE)
        expect(tablet.locator(".aspect")).to_have_text("revisar")

        tablet.get_by_role("link", name="Tiquete, pesar otra vez").click()
        tablet.get_by_role("button", name="Tiquete para el chofer").click()
        expect(tablet.get_by_role("img", name="TKT000001")).to_be_visible()
        until(lambda: tickets_of(gate) == {"TKT000001"})
        tablet.get_by_role("link", name="Volver a los carriles").click()

        tablet.get_by_role("link", name="Tiquete, pesar otra vez").click()
        tablet.get_by_role("button", name="Leer de nuevo con las cámaras").click()
        until(lambda: deeds_of(gate) == [Deed.REREAD])

        tablet.get_by_role("link", name="Corregir Contenedor").click()
        for key in CONTAINER[:-1] + "4":
            tablet.locator(".keypad button", has_text=key).click()
        expect(tablet.locator(".feedback")).to_contain_text("debería ser 3")
        tablet.locator(".keypad button", has_text="⌫").click()
        tablet.locator(".keypad button", has_text="3").click()
        expect(tablet.locator(".feedback")).to_contain_text("correcto")
        tablet.get_by_label("Motivo").fill("la cámara no lo vio")
        tablet.get_by_role("button", name="Guardar").click()

        expect(tablet.locator(".row", has_text="Contenedor")).to_contain_text(CONTAINER)
        expect(tablet.locator(".row", has_text="Contenedor")).to_contain_text("digitado")
        expect(tablet.locator(".aspect")).to_have_text("listo")
        until(lambda: last_draft(gate).get("status") == "complete")
        scale.set(weight(0))
        expect(tablet.get_by_text("Sin camión")).to_be_visible(timeout=20_000)
        tablet.get_by_role("link", name="Últimos").click()
        until(lambda: any(each.type == EventType.VISIT_CLOSED for each in gate.outbox.find()))
        tablet.reload()
        expect(tablet.locator(".trucks")).to_contain_text(CONTAINER)
    draft = last_draft(gate)
    assert draft["payload"]["items"][0]["container"] == CONTAINER
    person = draft["provenance"]["/items/0/container"]["person"]
    assert (person["name"], person["role"], person["reason"]) == ("Ana Mero", "guard", "la cámara no lo vio")
    assert errors == []
    tablet.close()
