"""A gate with two scales and a scanner behind converters of this machine, and the file that names them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from drivers.device import DeviceState
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.pty import TcpEnd
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.daemon import Daemon
from gateway.rehearsal.broker import free_port
from gateway.reload import Reloaded
from record.event import EventType
from record.proof import SigningKey, unwire
from record.topics import Gate

ONE, TWO = "carril-1", "carril-2"
GATE = Gate("depot", "g1")
Until = Callable[..., None]


def at(end: Any) -> str:
    assert isinstance(end, TcpEnd)
    return f"socket://127.0.0.1:{end.number}"


def calls(scale: ScaleSimulator) -> list[Any]:
    """Who is connected to a scale: the same as before where nobody has hung up."""
    assert isinstance(scale.end, TcpEnd)
    return [caller.getpeername() for caller in scale.end._callers]


class House:
    """Two scales and a scanner behind converters, and the file that names them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "site.yaml"
        self.scales = {name: self.scale().start() for name in (ONE, TWO)}
        self.scanner = ScannerSimulator("127.0.0.1:0").start()
        self.daemon: Daemon
        (folder / "gate.pass").touch()
        self.content: dict[str, Any] = {
            "depot": {
                "name": GATE.depot,
                "profile": "temporal",
                "district": "028",
                "oce": "99999999",
                "operator_type": "14",
            },
            "gate": GATE.gate,
            "data": "data",
            "keys": {"signing": "keys/gate.pem", "registry": str(SigningKey.generate().public)},
            "broker": {
                "host": "127.0.0.1",
                "port": free_port(),
                "user": f"{GATE.depot}/{GATE.gate}",
                "password_file": "gate.pass",
            },
            "tares": {"tractor_kg": 7800, "chassis_kg": 5600},
            "rules": {"linger_s": 0.2, "pending_s": 0.2},
            "lanes": [self.lane(ONE), self.lane(TWO)],
        }
        self.content["lanes"][0]["scanners"] = [{"name": "lector", "port": at(self.scanner.end)}]
        self.write()

    def scale(self) -> ScaleSimulator:
        return ScaleSimulator("127.0.0.1:0", "mt_continuous", rate_hz=20)

    def lane(self, name: str) -> dict[str, Any]:
        scale = {"name": "balanza", "protocol": "mt_continuous", "port": at(self.scales[name].end)}
        return {"name": name, "scale": {**scale, "settle_s": 0.2, "stale_after_s": 0.5}}

    def write(self, **changes: Any) -> None:
        self.content |= changes
        self.file.write_text(json.dumps(self.content, indent=1), encoding="utf-8")

    def reload(self) -> Reloaded:
        return self.daemon.reload().result(20)

    def show(self, lane: str, kg: int) -> None:
        self.scales[lane].set(Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS))

    def view(self, lane: str) -> Any:
        return self.daemon.board.view.lanes[lane]

    def state(self, lane: str) -> DeviceState | None:
        known = self.view(lane).devices.get("balanza")
        return known.state if known else None

    def arrive(self, lane: str, until: Until, kg: int = 29680) -> str:
        """A truck is on the scale and is settled; its visit."""
        self.show(lane, kg)
        until(lambda: (visit := self.view(lane).visit) and visit.weighing)
        return str(self.view(lane).visit.id)

    def leave(self, lane: str, until: Until) -> dict[str, Any]:
        before = len(self.of(EventType.VISIT_CLOSED))
        self.show(lane, 0)
        until(lambda: len(self.of(EventType.VISIT_CLOSED)) > before)
        return self.of(EventType.VISIT_CLOSED)[-1]

    def of(self, kind: EventType) -> list[dict[str, Any]]:
        found = [each for each in reversed(self.daemon.outbox.find()) if each.type == kind]
        return [unwire(each.body)["data"] for each in found]

    def close(self) -> None:
        for scale in self.scales.values():
            scale.close()
        self.scanner.close()
