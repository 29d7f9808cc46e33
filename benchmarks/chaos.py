"""Everything dies at random, and in the end nothing is lost, doubled, forged or out of its chain.

    iie-gateway load ──▶ proxy ──▶ mosquitto ◀──▶ iie-registry run         real processes, 50 records/s
         ▲           ┌──▶  ▲          ▲                ▲
    kill -9, freeze  │  cut, delay,  kill -9, freeze, kill -9, freeze
    older copy       │  half speed   wiped once
    iie-gateway run ─┘
         ▲        scale and scanner, trucks
    kill -9 while a truck stands

Every id that the load journalled after `put` had returned has to be at the registry once, every truck has to be
one visit and one draft there, in unbroken chains that all `verify` commands find sound, and no program may end
unless it is killed. Exit code 0 only then. What was done when stands in ``chaos.log`` of the run's folder, beside
databases and logs; a run that fails keeps the folder and says where it is.

    python -m benchmarks.chaos --seed 1 --minutes 10
    python -m benchmarks.chaos --seed 1 --minutes 3 --fault acknowledged        fails as soon as a kill meets the fault
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.brokers import BROKERS
from benchmarks.faults import FAULTS, REGISTRY
from benchmarks.judging import Outcome, judge
from benchmarks.process import Process, until
from benchmarks.rig import RATE, Rig
from gateway.rehearsal.broker import BrokerError

PAUSE_S = (0.3, 1.5)
OUTAGE_S = (0.2, 1.5)
START_S = 600.0
"""How long a program that has just been started may take until something comes of it: seconds, and minutes on a
machine whose processors others take. Where 60 s were allowed, runs under load failed for this alone."""

DRAIN_S = 180.0
"""How long no event may be received before the rest counts as lost."""

TRUCK_S = 20.0
"""How long the next truck is waited for."""

LOG, OUTCOME = "chaos.log", "outcome.json"

LEAST = 3
"""Actions that a run of all kinds does in any case, however long each of them takes on a slow machine."""

HALF_SPEED = 20_000.0
"""Bytes a second in each direction, about half of what 50 drafts a second take."""


class EndedByItself(Exception):
    """A program that nobody had killed is gone."""


class Chaos:
    """One run. The actions are methods, chosen at random by the seed."""

    def __init__(self, rig: Rig, seed: int, seconds: float, actions: Sequence[str] = ()) -> None:
        self._rig, self._random = rig, random.Random(seed)
        self._seconds = seconds
        self._actions = tuple(actions) or tuple(ACTIONS)
        self._least = LEAST if len(self._actions) > 1 else 1
        self._trucks = "kill_gate_in_mid_visit" in self._actions
        self._wiped = self._restored = False
        self._began = time.monotonic()
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        """Let everything live and die until the time is over; then let it live."""
        self._rig.registry.start()
        self._rig.gate.start()
        if self._trucks:
            self._rig.passed.start()
            self._rig.passing.start()
        self._until(lambda: self._rig.of_registry("SELECT 1 FROM events LIMIT 1"), "the first event", START_S)
        ends = time.monotonic() + self._seconds
        if self._trucks:
            self._do("kill_gate_in_mid_visit")
        while time.monotonic() < ends or self.done.total() < self._least:
            self._pause(PAUSE_S)
            self._do(self._random.choice(self._actions))
        self._settle()

    def _do(self, name: str) -> None:
        self._note(name)
        if ACTIONS[name](self) is not False:
            self.done[name] += 1

    def _until(
        self,
        condition: Callable[[], Any],
        what: str,
        seconds: float,
        nearer: Callable[[], Any] = lambda: None,
    ) -> None:
        """Wait for a condition, as long as no program has ended by itself. Raises `TimeoutError`, `EndedByItself`."""
        rig = self._rig

        def met() -> bool:
            for process in (rig.registry, rig.gate, rig.passed):
                if process.died:
                    raise EndedByItself(f"{what} did not come: a program has ended, see {process.log}")
            return bool(condition())

        until(met, what, seconds, nearer)

    def _note(self, what: str) -> None:
        """A line of the run's own log: seconds since its beginning, and what is done."""
        second = time.monotonic() - self._began
        with (self._rig.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{second:8.2f} {what}\n")

    def kill_gate(self) -> None:
        self._kill(self._rig.gate)

    def kill_registry(self) -> None:
        self._kill(self._rig.registry)

    def kill_broker(self) -> None:
        self._rig.broker.kill()
        self._pause(OUTAGE_S)
        self._rig.broker.start()

    def kill_broker_while_registry_is_away(self) -> None:
        """What the broker has acknowledged and holds for the registry dies with it."""
        self._rig.registry.kill()
        self._pause(OUTAGE_S)
        self.kill_broker()
        self._rig.registry.start()

    def wipe_broker(self) -> bool:
        """Once a run: the broker's database is gone."""
        if self._wiped:
            return False
        self._wiped = True
        self._rig.broker.kill()
        self._rig.broker.wipe()
        self._rig.broker.start()
        return True

    def kill_gate_in_mid_visit(self) -> bool:
        """The gate that trucks pass dies while one of them stands on its scale."""
        rig = self._rig
        if not rig.passing.standing.wait(TRUCK_S):
            return False
        self._pause(PAUSE_S)
        rig.passed.kill()
        self._pause(OUTAGE_S)
        rig.passed.start()
        return True

    def freeze_gate(self) -> None:
        self._freeze(self._rig.gate)

    def freeze_registry(self) -> None:
        self._freeze(self._rig.registry)

    def freeze_broker(self) -> None:
        self._rig.broker.freeze()
        self._pause(OUTAGE_S)
        self._rig.broker.thaw()

    def cut(self) -> None:
        self._rig.proxy.down()
        self._pause(OUTAGE_S)
        self._rig.proxy.up()

    def slow(self) -> None:
        """Late and at half the speed, and then cut."""
        self._rig.proxy.delay_s, self._rig.proxy.bytes_per_s = self._random.uniform(0, 0.1), HALF_SPEED
        self._pause(OUTAGE_S)
        self._rig.proxy.delay_s = self._rig.proxy.bytes_per_s = 0.0
        self._rig.proxy.cut()

    def lay_in_copy(self) -> bool:
        """Once a run: the outbox is copied aside; more is delivered; then the copy is put back.

        All that the gate has said since must be at the registry before, or the copy itself would lose it.
        """
        if self._restored:
            return False
        self._restored = True
        rig, aside = self._rig, self._rig.folder / "aside"
        rig.gate.kill()
        rig.copy_outbox(aside)
        before = len(rig.journalled())
        rig.gate.start()
        self._until(lambda: len(rig.journalled()) >= before + 10, "ten more events", START_S)
        rig.gate.terminate()
        self._until(lambda: not rig.gate.running, "the receipts of all events", DRAIN_S, rig.waiting)
        rig.lay_in(aside)
        rig.gate.start()
        return True

    def _kill(self, process: Process) -> None:
        process.kill()
        self._pause(OUTAGE_S)
        process.start()

    def _freeze(self, process: Process) -> None:
        process.freeze()
        self._pause(OUTAGE_S)
        process.thaw()

    def _pause(self, between: tuple[float, float]) -> None:
        time.sleep(self._random.uniform(*between))

    def _settle(self) -> None:
        """Nothing dies any more: the gate makes no more drafts and waits for its receipts."""
        rig = self._rig
        self._note("settle")
        rig.passing.end()
        rig.broker.start()
        rig.registry.start()
        before = len(rig.journalled())
        rig.gate.start()
        self._until(lambda: len(rig.journalled()) > before, "an event after the last fault", START_S)
        rig.gate.terminate()
        self._until(lambda: not self._trucks or rig.passing.over, "the end of the last visit", DRAIN_S)
        self._until(lambda: not rig.waiting(), "the receipts of all events", DRAIN_S, rig.waiting)
        rig.registry.kill()  # a receipt is a promise from the moment that it is there
        self._note("settled")


ACTIONS: dict[str, Callable[[Chaos], bool | None]] = {
    name: getattr(Chaos, name)
    for name in (
        "kill_gate",
        "kill_registry",
        "kill_broker",
        "kill_broker_while_registry_is_away",
        "wipe_broker",
        "kill_gate_in_mid_visit",
        "freeze_gate",
        "freeze_registry",
        "freeze_broker",
        "cut",
        "slow",
        "lay_in_copy",
    )
}


def run(
    folder: Path,
    seed: int,
    seconds: float,
    *,
    rate: float = RATE,
    fault: str | None = None,
    actions: Sequence[str] = (),
    broker: str = "mosquitto",
) -> Outcome:
    """One run in ``folder``; the deliberate ``fault`` stands in the place of gate or registry."""
    outcome = Outcome(seed, seconds)
    spoilt = ("-m", "benchmarks.faults", fault or "")
    at_registry = fault is not None and FAULTS[fault][0] == REGISTRY
    rig = Rig(
        folder,
        rate=rate,
        registry_module=spoilt if at_registry else ("-m", "registry"),
        gate_module=spoilt if fault and not at_registry else ("-m", "gateway"),
        broker=BROKERS[broker],
    )
    with rig:
        chaos = Chaos(rig, seed, seconds, actions)
        try:
            chaos.run()
        except (TimeoutError, BrokerError, EndedByItself) as error:
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        outcome.actions = dict(sorted(chaos.done.items()))
        for process in (rig.gate, rig.passed):
            process.stop()
        rig.registry.kill()
        judge(rig, outcome)
    (rig.folder / OUTCOME).write_text(outcome.to_text(), encoding="utf-8")
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="how long things die; fractions are allowed"
    )
    parser.add_argument("--rate", type=float, default=RATE, help="drafts a second")
    parser.add_argument("--fault", choices=FAULTS, help="a deliberate fault, which must make it fail")
    parser.add_argument("--only", action="append", choices=ACTIONS, default=[], help="only this may happen")
    parser.add_argument("--broker", choices=BROKERS, default="mosquitto", help="who passes the events on")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where all files go and stay; otherwise a temporary one, kept when it fails",
    )
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    outcome = run(
        folder,
        given.seed,
        given.minutes * 60,
        rate=given.rate,
        fault=given.fault,
        actions=given.only,
        broker=given.broker,
    )
    print(outcome.to_text())
    if outcome.right and given.folder is None:
        shutil.rmtree(folder)
    elif not outcome.right:
        print(f"logs and databases of this run are kept in {folder}", file=sys.stderr)
    sys.exit(0 if outcome.right else 1)


if __name__ == "__main__":
    main()
