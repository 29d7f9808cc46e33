"""A lane with lights, a barrier and a button: a real Modbus server, or pins that are not there."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uuid_utils

from drivers.device import DeviceState
from drivers.readings import Kind, Signal, Stability, Stamped, Unit, Weight
from drivers.signal.board import Point
from drivers.simulator.modbus import ModbusSimulator
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.board import Board
from gateway.clerk.aspect import Aspect
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.evidence import EvidenceStore
from gateway.lane import Lane
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import free_port
from gateway.signs import Signs
from gateway.site.site import Site
from gateway.tape.tape import Line, Scribe
from record.codes import shipped
from record.identifiers.identify import identify
from record.proof import SigningKey
from record.topics import Gate

LANE = "carril-1"
DAE = "02820264000000001"
LOOP, BUTTON, HOLD = 0, 1, 2
GREEN, RED, AMBER, BARRIER = 0, 1, 2, 7


class Pins:
    """Pins of a chip that is not there."""

    def __init__(self) -> None:
        self.active = dict.fromkeys((LOOP, BUTTON, HOLD), False)
        self.seen: list[tuple[int, bool]] = []

    def get(self, number: int) -> bool:
        return self.active[number]

    def set(self, number: int, active: bool) -> None:
        self.seen.append((number, active))

    def wait(self, timeout: float) -> None:
        time.sleep(0.01)

    def close(self) -> None:
        return


def never(*_: object) -> None:
    raise AssertionError("no picture is read here")


class Reader:
    """No camera hangs on this lane."""

    submit = plates = never


class House:
    """One lane with a scale, a scanner and one board. ``pins`` in place of a Modbus module."""

    def __init__(self, folder: Path, barrier: dict[str, Any], port: str, **lane: Any) -> None:
        self.scale = ScaleSimulator(folder / "scale", "mt_continuous", seven_bit=True)
        self.scanner = ScannerSimulator(folder / "scanner")
        self.board = Board((LANE,))
        self.outbox = Outbox(folder / "gateway.db", Gate("deposito", "garita-1"), SigningKey.generate())
        self.tape: list[Line] = []
        self.full = False
        site = Site.model_validate_json(json.dumps(self.site(folder, barrier, port, lane)))
        memory = Memory()
        here = Circumstances("test", "1")

        def clerk(known: Any, new_id: Callable[[], str]) -> Clerk:
            recognise = partial(identify, codes=shipped())
            return Clerk(site, site.lanes[0], known, recognise, lambda: here, new_id)

        def write(line: Line, _busy: bool) -> None:
            if self.full:
                raise OSError(28, "No space left on device")
            self.tape.append(line)

        reader: Any = Reader()
        self.lane = Lane(
            site.lanes[0],
            Scribe(clerk, memory, lambda: str(uuid_utils.uuid7()), write),
            outbox=self.outbox,
            worker=reader,
            store=EvidenceStore(folder / "evidence"),
            announcements=memory.announcements,
            board=self.board,
        )

    def site(self, folder: Path, barrier: dict[str, Any], port: str, lane: dict[str, Any]) -> dict[str, Any]:
        return {
            "depot": {
                "name": "deposito",
                "profile": "temporal",
                "district": "028",
                "oce": "99999999",
                "operator_type": "14",
            },
            "gate": "garita-1",
            "data": str(folder),
            "keys": {"signing": "gate.pem", "registry": "ed25519:x"},
            "broker": {"host": "127.0.0.1"},
            "tares": {"tractor_kg": 7800, "chassis_kg": 5600},
            "rules": {
                "linger_s": 0.3,
                "payload_weight": "cargo_and_container",
                "required": {"container": ["document", "weight_kg"]},
            },
            "lanes": [
                {
                    "name": LANE,
                    "scale": {
                        "name": "balanza",
                        "protocol": "mt_continuous",
                        "port": str(folder / "scale"),
                        "settle_s": 0.3,
                    },
                    "scanners": [{"name": "lector", "port": str(folder / "scanner"), "repeat_s": 0}],
                    "signals": [
                        {
                            "name": "tablero",
                            "port": port,
                            "hold_s": 0,
                            "inputs": [
                                {"name": "lazo", "number": LOOP},
                                {"name": "boton", "number": BUTTON},
                                {"name": "llave", "number": HOLD},
                            ],
                            "outputs": [
                                {"name": "verde", "number": GREEN},
                                {"name": "rojo", "number": RED},
                                {"name": "ambar", "number": AMBER},
                                {"name": "pluma", "number": BARRIER},
                            ],
                        }
                    ],
                    "lights": {"ready": ["verde"], "wait": ["rojo"], "review": ["rojo", "ambar"]},
                    "barrier": {"output": "pluma", "button": "boton", "open_s": 0.2, **barrier},
                    **lane,
                }
            ],
        }

    def __enter__(self) -> House:
        self.scale.start()
        self.scanner.start()
        self.lane.start()
        self.until(lambda: self.scale.end.listening, "an open line")
        self.until(lambda: self.state("lector") is DeviceState.STREAMING, "a scanner that was opened")
        return self

    def __exit__(self, *_: object) -> None:
        self.lane.stop()
        self.scale.close()
        self.scanner.close()
        self.outbox.close()

    def until(self, found: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + 60
        while not found():
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.board.view}"
            time.sleep(0.005)

    def show(self, kg: int) -> None:
        self.scale.set(Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS))

    def arrive(self) -> None:
        """A truck stands on the scale and is settled."""
        self.show(29680)
        self.until(lambda: (visit := self.view.visit) and visit.weighing, "a weighing")

    def leave(self) -> None:
        self.show(0)
        self.until(lambda: self.view.visit is None, "a free lane")

    def becomes(self, wanted: Aspect) -> None:
        self.until(lambda: self.view.aspect is wanted, wanted)

    @property
    def view(self) -> Any:
        return self.board.view.lanes[LANE]

    def state(self, device: str) -> DeviceState | None:
        known = self.view.devices.get(device)
        return known.state if known else None

    def signals_on_tape(self) -> list[Signal]:
        heard = [line.heard.reading for line in self.tape if isinstance(line.heard, Stamped)]
        return [each for each in heard if isinstance(each, Signal)]


class Watched(ModbusSimulator):
    """A module whose lamps and pulses are looked at."""

    @property
    def pulses(self) -> int:
        """How often the barrier was released."""
        return self.written.count((BARRIER, True))

    def lit(self, *numbers: int) -> bool:
        return [number for number in (GREEN, RED, AMBER) if self.coil(number)] == sorted(numbers)


@pytest.fixture
def number() -> int:
    return free_port()


@pytest.fixture
def module(number: int) -> Iterator[Watched]:
    with Watched(f"127.0.0.1:{number}") as module:
        yield module


def house(tmp_path: Path, number: int, open_on: str = "button", **lane: Any) -> House:
    hold = {"hold": "llave"} if lane.pop("hold", False) else {}
    return House(tmp_path, {"open_on": open_on, **hold}, f"socket://127.0.0.1:{number}", **lane)


def test_lights_follow_the_truck_and_the_barrier_opens_once_for_it(
    tmp_path: Path, number: int, module: Watched
) -> None:
    with house(tmp_path, number, "complete") as gate:
        gate.until(lambda: module.lit(GREEN), "a green light on a free lane")
        gate.arrive()
        gate.until(lambda: module.lit(RED), "a red light while it is weighed")
        gate.becomes(Aspect.REVIEW)
        gate.until(lambda: module.lit(RED, AMBER), "the lights for a person")
        assert not module.coil(BARRIER)
        gate.scanner.send(DAE)
        gate.until(lambda: module.coil(BARRIER), "an open barrier")
        gate.until(lambda: not module.coil(BARRIER), "the end of the pulse")
        assert gate.view.aspect is Aspect.READY
        gate.leave()
        assert not module.coil(BARRIER)
    assert not any(module.coil(each) for each in (GREEN, RED, AMBER, BARRIER))


def test_the_barrier_stays_shut_where_the_site_does_not_say_that_it_opens_by_itself(
    tmp_path: Path, number: int, module: Watched
) -> None:
    with house(tmp_path, number) as gate:
        gate.scanner.send(DAE)
        gate.arrive()
        gate.becomes(Aspect.WAIT)
        gate.becomes(Aspect.READY)
        gate.until(lambda: module.lit(GREEN), "a green light")
        gate.leave()
    assert module.pulses == 0


def test_the_button_opens_while_the_draft_is_incomplete_and_the_tape_has_it(
    tmp_path: Path, number: int, module: Watched
) -> None:
    with house(tmp_path, number, "complete") as gate:
        gate.arrive()
        assert gate.view.aspect is not Aspect.READY
        module.set_input(BUTTON, True)
        gate.until(lambda: module.pulses == 1, "an open barrier")
        gate.until(lambda: Signal("boton", True) in gate.signals_on_tape(), "the button on the tape")
        module.set_input(BUTTON, False)
        gate.scanner.send(DAE)
        gate.becomes(Aspect.WAIT)
        gate.becomes(Aspect.READY)
        gate.until(lambda: module.lit(GREEN), "a green light")
        gate.leave()
    assert module.pulses == 1, "the machine opened after a person had"


def test_the_button_opens_although_the_disk_is_full(tmp_path: Path, number: int, module: Watched) -> None:
    with house(tmp_path, number) as gate:
        gate.full = True
        gate.until(lambda: module.lit(GREEN), "a lane at work")
        module.set_input(BUTTON, True)
        gate.until(lambda: module.pulses == 1, "an open barrier")


def test_a_button_that_is_pressed_when_the_board_is_opened_opens_nothing(
    tmp_path: Path, number: int, module: Watched
) -> None:
    module.set_input(BUTTON, True)
    with house(tmp_path, number) as gate:
        gate.until(lambda: Signal("boton", True, initial=True) in gate.signals_on_tape(), "the button")
        gate.until(lambda: module.lit(GREEN), "a lane at work")
    assert module.pulses == 0


def test_a_person_may_keep_the_barrier_from_opening_by_itself(
    tmp_path: Path, number: int, module: Watched
) -> None:
    module.set_input(HOLD, True)
    with house(tmp_path, number, "complete", hold=True) as gate:
        gate.scanner.send(DAE)
        gate.arrive()
        gate.becomes(Aspect.WAIT)
        gate.becomes(Aspect.READY)
        gate.until(lambda: module.lit(GREEN), "a green light")
        assert module.pulses == 0
        module.set_input(HOLD, False)
        gate.until(lambda: module.pulses == 1, "an open barrier")


def test_a_loop_says_that_a_truck_is_there(tmp_path: Path, number: int, module: Watched) -> None:
    with house(tmp_path, number, presence="lazo") as gate:
        gate.until(lambda: module.lit(GREEN), "a green light")
        module.set_input(LOOP, True)
        gate.until(lambda: gate.view.visit, "a visit")
        gate.until(lambda: module.lit(RED), "a red light")
        module.set_input(LOOP, False)
        gate.until(lambda: gate.view.visit is None, "a free lane")


def test_a_board_that_goes_away_stops_no_lane_and_opens_nothing_when_it_is_back(
    tmp_path: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    with house(tmp_path, number, "complete") as gate:
        with Watched(f"127.0.0.1:{number}") as module:
            gate.until(lambda: module.lit(GREEN), "a green light")
            gate.scanner.send(DAE)
        gate.until(lambda: gate.state("tablero") is DeviceState.MISSING, "a missing board")
        with caplog.at_level(logging.ERROR, "gateway.signs"):
            gate.arrive()
            gate.becomes(Aspect.WAIT)
            gate.becomes(Aspect.READY)
            gate.until(lambda: "the barrier stays shut" in caplog.text, "a word about the barrier")
        assert gate.lane.alive
        with Watched(f"127.0.0.1:{number}") as back:
            gate.until(lambda: back.lit(GREEN), "the light that is wanted now")
            gate.leave()
            assert back.pulses == 0


def test_pins_of_this_machine_do_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = Pins()

    def lines(_chip: str, _inputs: Sequence[Point], _outputs: Sequence[Point]) -> Pins:
        return pins

    monkeypatch.setattr("drivers.signal.gpio.open_lines", lines)
    outputs = [{"name": "verde", "number": 22}, {"name": "pluma", "number": 27}]
    inputs = [{"name": "boton", "number": BUTTON}]
    signals = [{"name": "pines", "port": "/dev/gpiochip0", "hold_s": 0, "inputs": inputs, "outputs": outputs}]
    with House(tmp_path, {}, "", signals=signals, lights={"ready": ["verde"]}) as gate:
        gate.until(lambda: (22, True) in pins.seen, "a green light")
        pins.active[BUTTON] = True
        gate.until(lambda: (27, True) in pins.seen, "an open barrier")
        gate.until(lambda: pins.seen[-1] == (27, False), "the end of the pulse")
        gate.arrive()
        gate.until(lambda: pins.seen[-1] == (22, False), "no green light while a truck is weighed")


def test_a_truck_that_was_complete_before_a_restart_is_not_let_through_again(
    tmp_path: Path, number: int, module: Watched
) -> None:
    with house(tmp_path, number, "complete") as gate:
        gate.scanner.send(DAE)
        gate.arrive()
        gate.until(lambda: module.pulses == 1, "an open barrier")
        scribe = gate.lane._scribe
        signs = Signs(LANE, gate.lane._boards, gate.lane._part.barrier)
        signs.known(scribe.clerk.present)
        signs.follow(scribe.clerk.present, scribe.clerk.made, gate.lane._clock.monotonic())
        gate.leave()
    assert module.pulses == 1
