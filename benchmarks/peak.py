"""Ten times the country's peak, for ten minutes: does one registry worker keep up, and what does it cost?

    publisher ──event, 53/s──▶ mosquitto ──▶ registry ──signed receipt──▶ publisher

The peak is 0.53 events a second (April 2025, flat over the month). Each second it is counted how many events have no
receipt yet and how many drafts are no report yet. CPU is what the registry's process has used, in percent of one core.

    python -m benchmarks.peak [--on postgresql] [--rate 53] [--seconds 600]
                                        exit code 0 only where the backlog does not grow
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import paho.mqtt.client as mqtt
import yaml
from sqlalchemy import create_engine, func, select

from benchmarks import rig
from benchmarks.bare import Message, percentile
from benchmarks.gate_client import connected
from benchmarks.postgres import AS_IN_PRODUCTION, Postgres
from benchmarks.registry import events_of
from record.proof import unwire
from registry.reports.tables import reports
from registry.tables import drafts

RATE = 53.0
SECONDS = 600
PATIENCE_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


class Publisher:
    """The gate's side: sends at a rate, notes when each receipt came."""

    def __init__(self, stage: rig.Rig) -> None:
        self.sent: dict[str, float] = {}
        self.took: list[float] = []
        self._lock = threading.Lock()
        self._client = connected(stage, rig.GATE.receipt, self._on_message)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        event = str(unwire(message.payload)["event"])
        with self._lock:
            began = self.sent.pop(event, None)
            if began is not None:
                self.took.append(time.perf_counter() - began)

    @property
    def waiting(self) -> int:
        """Events without a receipt."""
        with self._lock:
            return len(self.sent)

    def send(self, event: Message) -> None:
        """One event."""
        identity, topic, body = event
        with self._lock:
            self.sent[identity] = time.perf_counter()
        self._client.publish(topic, body, qos=1)

    def close(self) -> None:
        """End."""
        self._client.disconnect()
        self._client.loop_stop()


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, its threads included (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def not_yet_reports(url: str) -> int:
    """How many drafts have not become reports."""
    engine = create_engine(url)
    with engine.connect() as connection:
        made = connection.execute(select(func.count()).select_from(reports)).scalar_one()
        held = connection.execute(select(func.count()).select_from(drafts)).scalar_one()
    engine.dispose()
    return held - made


def measured(rate: float, seconds: int, server: Postgres | None) -> dict[str, Any]:
    """One run."""
    with tempfile.TemporaryDirectory(prefix="peak-") as folder, rig.Rig(Path(folder)) as stage:
        url = server.fresh() if server else f"sqlite:///{stage.registry_db}"
        settings = yaml.safe_load(stage.registry_file.read_text())
        stage.registry_file.write_text(yaml.safe_dump({**settings, "database": url}))
        events = events_of(stage, int(rate * seconds))
        stage.registry.start()
        _until_subscribed(stage.folder / "registry.log")
        publisher = Publisher(stage)
        return run(publisher, events, rate, stage.registry.pid, url)


def run(publisher: Publisher, events: Sequence[Message], rate: float, pid: int, url: str) -> dict[str, Any]:
    """Send everything at the rate; what stood open each second, and what it took."""
    began, spent = time.perf_counter(), cpu_s(pid)
    open_: list[int] = []
    late: list[int] = []
    for number, event in enumerate(events):
        due = began + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        publisher.send(event)
        if number % max(1, round(rate)) == 0:
            open_.append(publisher.waiting)
            if len(open_) % 60 == 0:
                late.append(not_yet_reports(url))
    took, used = time.perf_counter() - began, cpu_s(pid) - spent
    late.append(not_yet_reports(url))
    deadline = time.monotonic() + PATIENCE_S
    while publisher.waiting and time.monotonic() < deadline:
        time.sleep(0.1)
    publisher.close()
    minute = [open_[at : at + 60] for at in range(0, len(open_), 60)]
    return {
        "events": len(events),
        "per_s": round(len(events) / took, 1),
        "without_receipt_by_minute": [round(median(each)) for each in minute],
        "without_receipt_most": max(open_),
        "without_receipt_in_the_end": publisher.waiting,
        "drafts_not_yet_reports_by_minute": late,
        "receipt_ms": {
            f"p{p * 100:g}": round(percentile(publisher.took, p) * 1000) for p in (0.5, 0.95, 0.99)
        },
        "cpu_percent_of_a_core": round(100 * used / took),
        "cpu_ms_per_event": round(1000 * used / len(events), 1),
        "load_average": round(os.getloadavg()[1], 1),
    }


def _until_subscribed(log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not log.is_file() or "subscribed" not in log.read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the registry did not subscribe: {log}")
        time.sleep(0.05)


def grows(found: dict[str, Any], rate: float) -> bool:
    """Whether the backlog grows: in the last minute a second's events more wait than in the first, some for good, or
    drafts of more than ten seconds are no reports in the end."""
    first, last = found["without_receipt_by_minute"][0], found["without_receipt_by_minute"][-1]
    lost = found["without_receipt_in_the_end"] > 0
    return bool(lost or last > first + rate or found["drafts_not_yet_reports_by_minute"][-1] > 10 * rate)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peak", description=__doc__.splitlines()[0])
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    asked = parser.parse_args()
    with Postgres(AS_IN_PRODUCTION) if asked.on == "postgresql" else nullcontext() as server:
        found = measured(asked.rate, asked.seconds, server)
    print(json.dumps({"on": asked.on, **found}, indent=2))
    sys.exit(1 if grows(found, asked.rate) else 0)


if __name__ == "__main__":
    main()
