"""The gate's delivery beside the bare loops of `benchmarks.bare`, in alternating runs; medians count.

    puts        `Outbox.put` of one draft against one row of raw sqlite3, both ``synchronous=FULL``     ≥ 0.8
    receipted   a full outbox through the link until the last verified receipt, against paho alone      ≥ 0.8
    latency     from the return of `put` to the verified receipt, 50 a second, p99, against paho alone  < 1.5

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
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import bare
from benchmarks.bare import PATIENCE_S, WINDOW, Loop, far_end, messages, percentile, sqlite_rate
from gateway.link.connection import Address
from gateway.link.link import Link, LinkStatus
from gateway.load import letters
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import Broker
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("depot", "ours")
"""Another gate than the bare loop's, whose receipts would wait here otherwise."""

SITE = bare.site(GATE)
PUTS = 200
BURST = 2000
AT_RATE = 500
RATE = 50.0


def put_rate(folder: Path) -> float:
    """Stored drafts a second, one a commit; making the draft itself is not counted."""
    with closing(Outbox(folder / "puts.db", GATE, SigningKey.generate())) as box:
        made = list(islice(letters(SITE), PUTS))
        began = time.perf_counter()
        for letter in made:
            box.put(letter)
        return PUTS / (time.perf_counter() - began)


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


def _link(box: Outbox, place: Address, key: SigningKey, watch: Watch) -> Link:
    return Link(box, GATE, place, key.public, window=WINDOW, on_status=watch)


def receipted_rate(folder: Path, place: tuple[str, int, str, str]) -> float:
    """Events a second from a full outbox to their verified receipts."""
    host, port, user, password = place
    key = SigningKey.read(folder / "far.pem")
    address = Address(host, port, user, user, lambda: password)
    with closing(Outbox(folder / "burst.db", GATE, SigningKey.generate())) as box:
        watch = Watch()
        link = _link(box, address, key, watch)
        link.start()
        watch.until(1)
        made = list(islice(letters(SITE), BURST))
        box.put(*made)
        began = time.perf_counter()
        watch.until(BURST + 1)
        seconds = time.perf_counter() - began
        link.stop()
        return BURST / seconds


def link_latencies(folder: Path, place: tuple[str, int, str, str]) -> list[float]:
    """Seconds from the return of `put` to the verified receipt."""
    host, port, user, password = place
    key = SigningKey.read(folder / "far.pem")
    address = Address(host, port, user, user, lambda: password)
    with closing(Outbox(folder / "rate.db", GATE, SigningKey.generate())) as box:
        watch = Watch()
        link = _link(box, address, key, watch)
        link.start()
        watch.until(1)
        made = list(islice(letters(SITE), AT_RATE))
        put = []
        turn = time.perf_counter()
        for letter in made:
            time.sleep(max(0.0, turn - time.perf_counter()))
            turn += 1 / RATE
            box.put(letter)
            put.append(time.perf_counter())
        watch.until(AT_RATE + 1)
        link.stop()
        return [settled - moment for moment, settled in zip(put, watch.settled[1:], strict=True)]


def bare_run(login: tuple[str, int, str, str]) -> tuple[float, float, list[float]]:
    """Raw puts, bare rate and latencies, in this process."""
    with tempfile.TemporaryDirectory(prefix="bare-") as temporary:
        folder = Path(temporary)
        events = messages(folder, BURST)
        raw = sqlite_rate(folder / "raw.db", [event[2] for event in events[:PUTS]])
        with Loop(_At(login)) as loop:  # type: ignore[arg-type]
            return raw, loop.rate(events), loop.latencies(events[:AT_RATE], RATE)


def our_run(login: tuple[str, int, str, str], key_file: Path) -> tuple[float, float, list[float]]:
    """The same three of the outbox and the link."""
    with tempfile.TemporaryDirectory(prefix="ours-") as temporary:
        folder = Path(temporary)
        (folder / "far.pem").write_bytes(key_file.read_bytes())
        return put_rate(folder), receipted_rate(folder, login), link_latencies(folder, login)


class _At:
    """A broker that another process started, as `Loop` has to know it."""

    def __init__(self, login: tuple[str, int, str, str]) -> None:
        self.host, self.port, self._user, self._password = login

    def credentials(self, _user: object) -> tuple[str, str]:
        return self._user, self._password


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def figures(runs: int) -> dict[str, Any]:
    """All three figures with their ratios."""
    raw, ours = [], []
    with tempfile.TemporaryDirectory(prefix="delivery-") as temporary:
        folder = Path(temporary)
        gates = (bare.GATE, GATE)
        with Broker(folder / "broker", gates) as broker, far_end(broker, folder / "far.pem"):
            theirs, login = ((broker.host, broker.port, *broker.credentials(gate)) for gate in gates)
            for _ in range(runs):
                raw.append(alone(bare_run, theirs))
                ours.append(alone(our_run, login, folder / "far.pem"))

    def middle(of: list[Any], index: int) -> float:
        return median(run[index] for run in of)

    def tail(of: list[Any], share: float) -> float:
        return median(percentile(run[2], share) * 1000 for run in of)

    return {
        "runs": runs,
        "puts_per_s": round(middle(ours, 0)),
        "sqlite3_per_s": round(middle(raw, 0)),
        "puts_ratio": round(middle(ours, 0) / middle(raw, 0), 2),
        "receipted_per_s": round(middle(ours, 1)),
        "bare_per_s": round(middle(raw, 1)),
        "receipted_ratio": round(middle(ours, 1) / middle(raw, 1), 2),
        "p50_ms": round(tail(ours, 0.5), 1),
        "bare_p50_ms": round(tail(raw, 0.5), 1),
        "p99_ms": round(tail(ours, 0.99), 1),
        "bare_p99_ms": round(tail(raw, 0.99), 1),
        "p99_ratio": round(tail(ours, 0.99) / tail(raw, 0.99), 2),
    }


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
