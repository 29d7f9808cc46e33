"""The bare loop that the gate's delivery is measured against: nothing but paho and Mosquitto.

    publisher ──event──▶ mosquitto ──▶ far end            far end: a process of its own that answers each event
        ▲                                 │               with a signed receipt and stores nothing; the same one
        └───────────── receipt ◀──────────┘               answers the gate's own link

At most 20 events are on their way. Nothing is stored, nothing is sent again, no receipt is verified.

    python -m benchmarks.bare        the bare loop alone
"""

from __future__ import annotations

import json
import multiprocessing
import queue
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.peer import Peer, no_delay
from gateway.load import letters
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import Broker
from gateway.site.site import Site
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("depot", "bare")
WINDOW = 20
PATIENCE_S = 60.0


def site(gate: Gate) -> Site:
    """What the events of a gate are made from."""
    depot = {"name": gate.depot, "profile": "temporal", "district": "028", "oce": "99999999"}
    lane = {"name": "l1", "scale": {"protocol": "mt_continuous", "port": "/dev/null"}}
    return Site.model_validate(
        {
            "depot": {**depot, "operator_type": "14"},
            "gate": gate.gate,
            "data": ".",
            "keys": {"signing": "gate.pem", "registry": "none"},
            "broker": {"host": "127.0.0.1"},
            "lanes": [lane],
        }
    )


Message = tuple[str, str, bytes]
"""Id, topic and bytes of one event."""


def messages(folder: Path, count: int) -> list[Message]:
    """Sealed events as the gate sends them."""
    with closing(Outbox(folder / "sample.db", GATE, SigningKey.generate())) as box:
        box.put(*islice(letters(site(GATE)), count))
        return [(each.id, each.topic, each.body) for each in reversed(box.find(limit=count))]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def far_end(broker: Broker, key_file: Path) -> Iterator[None]:
    """The answering process."""
    context = multiprocessing.get_context("spawn")
    ready, end = context.Event(), context.Event()
    arguments = (broker.credentials("registry"), broker.port, key_file, ready, end)
    process = context.Process(target=_answer, args=arguments, daemon=True)
    process.start()
    if not ready.wait(PATIENCE_S):
        raise TimeoutError("the far end did not start")
    yield
    end.set()
    process.join(5)
    process.kill()


class _Elsewhere:
    """What a `Peer` has to know of a broker that another process started."""

    host = "127.0.0.1"

    def __init__(self, login: tuple[str, str], port: int) -> None:
        self._login, self.port = login, port

    def credentials(self, _user: object) -> tuple[str, str]:
        return self._login


def _answer(login: tuple[str, str], port: int, key_file: Path, ready: Any, end: Any) -> None:
    with Peer(_Elsewhere(login, port), SigningKey.read_or_create(key_file), keep=False):  # type: ignore[arg-type]
        ready.set()
        end.wait()


class Loop:
    """The bare publisher. As a context it is connected."""

    def __init__(self, broker: Broker) -> None:
        self._received: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        ready = threading.Event()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bare", protocol=mqtt.MQTTv5)
        client.username_pw_set(*broker.credentials(GATE))
        client.on_socket_open = no_delay
        client.on_connect = lambda c, *_: c.subscribe(GATE.receipt, 1)
        client.on_subscribe = lambda *_: ready.set()
        client.on_message = lambda _c, _u, m: self._received.put(
            (json.loads(m.payload)["event"], time.perf_counter())
        )
        self._client, self._broker, self._ready = client, broker, ready

    def __enter__(self) -> Loop:
        self._client.connect(self._broker.host, self._broker.port, 30)
        self._client.loop_start()
        if not self._ready.wait(PATIENCE_S):
            raise TimeoutError("no SUBACK")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def rate(self, events: Sequence[Message]) -> float:
        """Receipted events a second, as fast as it goes."""
        began = time.perf_counter()
        flying = 0
        for _, topic, body in events:
            if flying == WINDOW:
                self._received.get(timeout=PATIENCE_S)
                flying -= 1
            self._client.publish(topic, body, qos=1)
            flying += 1
        for _ in range(flying):
            self._received.get(timeout=PATIENCE_S)
        return len(events) / (time.perf_counter() - began)

    def latencies(self, events: Sequence[Message], rate: float) -> list[float]:
        """Seconds from publish to receipt of each event, at so many a second."""
        sent: dict[str, float] = {}
        turn = time.perf_counter()
        for event, topic, body in events:
            time.sleep(max(0.0, turn - time.perf_counter()))
            turn += 1 / rate
            sent[event] = time.perf_counter()
            self._client.publish(topic, body, qos=1)
        got = dict(self._received.get(timeout=PATIENCE_S) for _ in events)
        return [got[event] - moment for event, moment in sent.items()]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bare-") as temporary:
        folder = Path(temporary)
        events = messages(folder, 2000)
        with (
            Broker(folder / "broker", [GATE]) as broker,
            far_end(broker, folder / "far.pem"),
            Loop(broker) as loop,
        ):
            print(f"receipted: {loop.rate(events):.0f}/s")
            found = loop.latencies(events[:500], 50)
        p50, p99 = (percentile(found, share) * 1000 for share in (0.5, 0.99))
        print(f"at 50/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    main()
