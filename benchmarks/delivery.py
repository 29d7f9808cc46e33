"""The gate's delivery beside the bare loops of `benchmarks.bare` and `benchmarks.puts`, in turns; medians count.

    puts        `Outbox.put` of one draft against raw sqlite3 with the same rows, both ``synchronous=FULL``  ≥ 0.8
    receipted   a full outbox through the link until the last verified receipt, against paho alone          ≥ 0.8
    latency     from the return of `put` to the verified receipt, 50 a second, p99, against paho alone      < 1.5

Both loops end at the same far end, which answers with signed receipts and stores nothing. The bare one stores and
verifies nothing either, the link does both. *Registry* is the way to a real registry, which commits before it
answers: without an aim, since the bare loop has nothing like it.

Each run is a process of its own, so that publisher, broker and far end share the machine in the same way.

    python -m benchmarks.delivery [--runs 5]        exit code 0 only where all three hold
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import bare, puts, rig
from benchmarks.bare import PATIENCE_S, WINDOW, Loop, far_end, messages, percentile
from gateway.link.connection import Address
from gateway.link.link import Link, LinkStatus
from gateway.load import letters
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import Broker
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("depot", "ours")
"""Another gate than the bare loop's, whose receipts would wait here otherwise."""

BURST = 2000
AT_RATE = 500
RATE = 50.0

Run = tuple[float, list[float]]
"""Receipted events a second, and latencies in seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A gate at a broker: how it logs on, its key, and the key of whoever answers."""

    gate: Gate
    host: str
    port: int
    login: tuple[str, str]
    key: Path
    answers: Path

    def credentials(self, _user: object) -> tuple[str, str]:
        """As `bare.Loop` asks a broker for them."""
        return self.login


class Watch:
    """Notes when each receipt was taken in; receipts come in the order of the events."""

    def __init__(self) -> None:
        self.settled: list[float] = []
        self._wanted = sys.maxsize
        self._enough = threading.Event()

    def __call__(self, status: LinkStatus) -> None:
        self.settled += [time.perf_counter()] * (status.received - len(self.settled))
        if len(self.settled) >= self._wanted:
            self._enough.set()

    def until(self, count: int) -> None:
        self._enough.clear()
        self._wanted = count
        if len(self.settled) < count and not self._enough.wait(PATIENCE_S):
            raise TimeoutError(f"{len(self.settled)} of {count} receipts came")


class Ours:
    """An outbox with its link, connected once its first event, the installation's, has its receipt."""

    def __init__(self, path: Path, place: Place) -> None:
        self.watch = Watch()
        self.box = Outbox(path, place.gate, SigningKey.read_or_create(place.key))
        user, password = place.login
        address = Address(place.host, place.port, user, user, lambda: password)
        answers = SigningKey.read(place.answers).public
        self._link = Link(self.box, place.gate, address, answers, window=WINDOW, on_status=self.watch)
        self._link.start()
        self.watch.until(1)

    def close(self) -> None:
        """Stop the link and close the outbox."""
        self._link.stop()
        self.box.close()

    def rate(self, gate: Gate) -> float:
        """Events a second from a full outbox to their verified receipts."""
        before = len(self.watch.settled)
        self.box.put(*islice(letters(bare.site(gate)), BURST))
        began = time.perf_counter()
        self.watch.until(before + BURST)
        return BURST / (time.perf_counter() - began)

    def latencies(self, gate: Gate) -> list[float]:
        """Seconds from the return of `put` to the verified receipt."""
        before, put, turn = len(self.watch.settled), [], time.perf_counter()
        for letter in list(islice(letters(bare.site(gate)), AT_RATE)):
            time.sleep(max(0.0, turn - time.perf_counter()))
            turn += 1 / RATE
            self.box.put(letter)
            put.append(time.perf_counter())
        self.watch.until(before + AT_RATE)
        settled = self.watch.settled[before : before + AT_RATE]
        return [taken - moment for moment, taken in zip(put, settled, strict=True)]


def bare_run(place: Place) -> Run:
    """The bare loop, in this process."""
    with tempfile.TemporaryDirectory(prefix="bare-") as temporary:
        events = messages(Path(temporary), BURST)
        with Loop(place) as loop:  # type: ignore[arg-type]  # all that it asks of a broker
            return loop.rate(events), loop.latencies(events[:AT_RATE], RATE)


def our_run(place: Place) -> Run:
    """The same of outbox and link, each with an outbox of its own."""
    found: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="ours-") as temporary:
        for name in ("rate", "latencies"):
            with closing(Ours(Path(temporary) / f"{name}.db", place)) as ours:
                found.append(getattr(ours, name)(place.gate))
    return found[0], found[1]


def puts_run() -> tuple[float, float, float]:
    """Puts, the same rows and one row by raw sqlite3, each in commits a second."""
    with tempfile.TemporaryDirectory(prefix="puts-") as temporary:
        found = puts.measure(Path(temporary))
        return found.ours.rate, found.same.rate, found.one_row.rate


def registry_runs(runs: int) -> list[Run]:
    """Our runs through a real registry."""
    with tempfile.TemporaryDirectory(prefix="registry-") as temporary, rig.Rig(Path(temporary)) as stage:
        stage.registry.start()
        broker, folder = stage.broker, stage.folder
        login = broker.credentials(rig.GATE)
        keys = folder / "gate.pem", folder / "registry.pem"
        place = Place(rig.GATE, broker.host, broker.port, login, *keys)
        return [alone(our_run, place) for _ in range(runs)]


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def figures(runs: int) -> dict[str, Any]:
    """All figures with their ratios."""
    stored, loop, ours = [], [], []
    with tempfile.TemporaryDirectory(prefix="delivery-") as temporary:
        folder = Path(temporary)
        gates = (bare.GATE, GATE)
        with Broker(folder / "broker", gates) as broker, far_end(broker, folder / "far.pem"):
            theirs, place = (
                Place(
                    gate,
                    broker.host,
                    broker.port,
                    broker.credentials(gate),
                    folder / f"{gate.gate}.pem",
                    folder / "far.pem",
                )
                for gate in gates
            )
            for _ in range(runs):
                stored.append(alone(puts_run))
                loop.append(alone(bare_run, theirs))
                ours.append(alone(our_run, place))
    to_registry = registry_runs(runs)

    def pace(each: int) -> float:
        return median(run[each] for run in stored)

    return {
        "runs": runs,
        "puts_per_s": round(pace(0)),
        "sqlite3_per_s": round(pace(1)),
        "sqlite3_one_row_per_s": round(pace(2)),
        "puts_ratio": round(median(run[0] / run[1] for run in stored), 2),
        "receipted_per_s": round(rate(ours)),
        "bare_per_s": round(rate(loop)),
        "receipted_ratio": round(rate(ours) / rate(loop), 2),
        "p50_ms": tail(ours, 0.5),
        "bare_p50_ms": tail(loop, 0.5),
        "p99_ms": tail(ours, 0.99),
        "bare_p99_ms": tail(loop, 0.99),
        "p99_ratio": round(tail(ours, 0.99) / tail(loop, 0.99), 2),
        "registry_per_s": round(rate(to_registry)),
        "registry_p50_ms": tail(to_registry, 0.5),
        "registry_p99_ms": tail(to_registry, 0.99),
    }


def rate(runs: Sequence[Run]) -> float:
    """The median of the rates."""
    return median(run[0] for run in runs)


def tail(runs: Sequence[Run], share: float) -> float:
    """The median of the latencies below which that share lies, in milliseconds."""
    return round(median(percentile(run[1], share) for run in runs) * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.delivery", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--runs", type=int, default=5)
    found = figures(parser.parse_args().runs)
    print(json.dumps(found, indent=2))
    right = found["puts_ratio"] >= 0.8 and found["receipted_ratio"] >= 0.8 and found["p99_ratio"] < 1.5
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
