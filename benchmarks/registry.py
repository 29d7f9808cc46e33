"""One registry worker beside a bare subscriber: events a second from the first publish until the last is stored.

    publisher ──event, QoS 1──▶ mosquitto ──▶ registry    checks, stores, numbers, answers with signed receipts
                                          ──▶ bare        commits 100 events or 50 ms into one table with one
                                                          unique index, and says how many it has

Both store on SQLite (WAL, ``synchronous=FULL``), both on PostgreSQL as it is installed. The publisher's events are
sealed beforehand; at most 200 are on their way to the broker. Runs alternate, medians count.

    python -m benchmarks.registry [--runs 3] [--events 5000]      exit code 0 only where both ratios reach 0.6
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from typing import Any

import paho.mqtt.client as mqtt
import psycopg
import yaml
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import make_url

from benchmarks import bare, rig
from benchmarks.bare import Message
from benchmarks.gate_client import connected
from benchmarks.peer import no_delay
from benchmarks.postgres import AS_IN_PRODUCTION, Postgres
from gateway.load import letters
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import REGISTRY
from record.proof import SigningKey
from record.topics import EVENT_FILTERS

BATCH = 100
BATCH_S = 0.05
ON_THE_WAY = 200
PATIENCE_S = 60.0
AIM = 0.6

Store = Callable[[Sequence[tuple[str, bytes]]], None]


class Publisher:
    """The gate's side. ``told`` gives how many events somebody has stored, by a message that came."""

    def __init__(self, stage: rig.Rig, topic: str, told: Callable[[int, bytes], int]) -> None:
        self.stored, self._told, self._enough = 0, told, threading.Event()
        self._wanted = sys.maxsize
        self._client = connected(stage, topic, self._on_message, ON_THE_WAY)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.stored = self._told(self.stored, message.payload)
        if self.stored >= self._wanted:
            self._enough.set()

    def rate(self, events: Sequence[Message]) -> float:
        """Events a second until all are stored."""
        self._wanted = len(events)
        began = time.perf_counter()
        for _, topic, body in events:
            self._client.publish(topic, body, qos=1)
        if not self._enough.wait(PATIENCE_S):
            raise TimeoutError(f"{self.stored} of {len(events)} were stored")
        took = time.perf_counter() - began
        self._client.disconnect()
        self._client.loop_stop()
        return len(events) / took


def events_of(stage: rig.Rig, count: int) -> list[Message]:
    """A new installation's chain: its opening, and so many drafts less one."""
    with (
        tempfile.TemporaryDirectory(prefix="chain-") as folder,
        closing(
            Outbox(Path(folder) / "chain.db", rig.GATE, SigningKey.read(stage.folder / "gate.pem"))
        ) as box,
    ):
        box.put(*islice(letters(bare.site(rig.GATE)), count - 1))
        return [(each.id, each.topic, each.body) for each in reversed(box.find(limit=count))]


def registry_run(count: int, database: str | None) -> float:
    """Through one registry process; None is its own SQLite file."""
    with tempfile.TemporaryDirectory(prefix="registry-") as folder, rig.Rig(Path(folder)) as stage:
        if database is not None:
            settings = yaml.safe_load(stage.registry_file.read_text())
            stage.registry_file.write_text(yaml.safe_dump({**settings, "database": database}))
        events = events_of(stage, count)
        stage.registry.start()
        _until_subscribed(stage.folder / "registry.log")
        publisher = Publisher(stage, rig.GATE.receipt, lambda stored, _: stored + 1)
        return publisher.rate(events)


def _until_subscribed(log: Path) -> None:
    """A broker keeps nothing for a registry that it has never seen."""
    deadline = time.monotonic() + PATIENCE_S
    while "subscribed" not in log.read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the registry did not subscribe: {log}")
        time.sleep(0.05)


def bare_run(count: int, database: str | None) -> float:
    """Into the bare subscriber's table."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="bare-") as folder, rig.Rig(Path(folder)) as stage:
        events = events_of(stage, count)
        ready = context.Event()
        place = database or str(stage.folder / "bare.db")
        login = stage.broker.credentials(REGISTRY)
        arguments = (login, stage.broker.port, place, database is not None, ready)
        process = context.Process(target=subscribe, args=arguments, daemon=True)
        process.start()
        try:
            if not ready.wait(PATIENCE_S):
                raise TimeoutError("the bare subscriber did not start")
            publisher = Publisher(stage, rig.GATE.receipt, lambda _, payload: int(payload))
            return publisher.rate(events)
        finally:
            process.kill()
            process.join()


def subscribe(login: tuple[str, str], port: int, place: str, postgres: bool, ready: Any) -> None:
    """The bare subscriber, until it is killed."""
    heard: SimpleQueue[bytes] = SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare", protocol=mqtt.MQTTv5)
    client.username_pw_set(*login)
    client.on_socket_open = no_delay
    client.on_connect = lambda c, *_: c.subscribe([(each, 1) for each in EVENT_FILTERS])
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _u, message: heard.put(message.payload)
    store = _postgres(place) if postgres else _sqlite(place)
    client.connect("127.0.0.1", port, 30)
    client.loop_start()
    count = 0
    while True:
        batch = _batch(heard)
        store([(json.loads(body)["id"], body) for body in batch])
        count += len(batch)
        client.publish(rig.GATE.receipt, str(count), qos=1)


def _batch(heard: SimpleQueue[bytes]) -> list[bytes]:
    batch = [heard.get()]
    until = time.monotonic() + BATCH_S
    while len(batch) < BATCH:
        try:
            batch.append(heard.get(timeout=max(0.0, until - time.monotonic())))
        except Empty:
            break
    return batch


def _sqlite(place: str) -> Store:
    line = sqlite3.connect(place, isolation_level=None)
    line.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    line.execute("CREATE TABLE events (id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)")

    def store(rows: Sequence[tuple[str, bytes]]) -> None:
        line.execute("BEGIN IMMEDIATE")
        line.executemany("INSERT INTO events VALUES (?, ?)", rows)
        line.execute("COMMIT")

    return store


def _postgres(url: str) -> Store:
    parts = make_url(url)
    line = psycopg.connect(host=str(parts.query["host"]), user=parts.username, dbname=parts.database)
    line.execute("CREATE TABLE bare_events (id text NOT NULL UNIQUE, body bytea NOT NULL)")
    line.commit()

    def store(rows: Sequence[tuple[str, bytes]]) -> None:
        with line.cursor() as cursor:
            cursor.executemany("INSERT INTO bare_events VALUES (%s, %s)", rows)
        line.commit()

    return store


def figures(runs: int, count: int) -> dict[str, Any]:
    """Rates and ratios on both databases."""
    found: dict[str, Any] = {"runs": runs, "events": count}
    for name in ("sqlite", "postgresql"):
        with nullcontext() if name == "sqlite" else Postgres(AS_IN_PRODUCTION) as server:
            ours, theirs = [], []
            for _ in range(runs):
                theirs.append(bare_run(count, server.fresh() if server else None))
                ours.append(registry_run(count, server.fresh() if server else None))
        found[f"{name}_per_s"], found[f"{name}_bare_per_s"] = round(median(ours)), round(median(theirs))
        found[f"{name}_ratio"] = round(median(ours) / median(theirs), 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.registry", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--events", type=int, default=5000)
    asked = parser.parse_args()
    found = figures(asked.runs, asked.events)
    print(json.dumps(found, indent=2))
    sys.exit(0 if min(found["sqlite_ratio"], found["postgresql_ratio"]) >= AIM else 1)


if __name__ == "__main__":
    main()
