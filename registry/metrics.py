"""The registry in numbers, for Prometheus: what this process has answered, and what the database holds.

Names follow https://prometheus.io/docs/practices/naming/. Labels are words of a fixed list and the depots and gates of
the settings: never a plate, a container's number or a person. What takes a count over many rows is counted at most
twice a minute.
"""

from __future__ import annotations

import platform
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from registry import outgoing
from registry.database import reading
from registry.evidence.tables import Keeping, evidence
from registry.reports.state import State
from registry.reports.tables import report_outbox, reports
from registry.store import Outcome
from registry.tables import heads, parked, verified
from registry.tally import BOUNDS_S, Tally

PREFIX = "iie_registry"
COUNT_EVERY_S = 30.0
COUNT_SHARE = 50
"""Counts that take long, after years, are made so seldom that they take a fiftieth of the time."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at. ``alive`` says by name whether each of this process's workers runs."""

    engine: Engine
    tally: Tally
    evidence: Path
    version: str
    clock: Callable[[], datetime]
    alive: Mapping[str, Callable[[], bool]] = field(default_factory=dict)


class RegistryMetrics(Collector):
    """All metrics of one registry process. `render` gives them in Prometheus' text format."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._lock = threading.Lock()
        self._counted: list[Metric] = []
        self._due = 0.0

    def render(self) -> bytes:
        """Every metric now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """As `prometheus_client` asks for them."""
        watched = self._watched
        version = (watched.version, platform.python_version())
        yield _gauge("build_info", "Version of the registry and of Python", [(version, 1)], "version python")
        yield from self._answers()
        alive = [((name,), int(lives())) for name, lives in watched.alive.items()]
        yield _gauge("worker_up", "1 while a worker of this process runs", alive, "worker")
        try:
            with reading(watched.engine) as connection:
                found = [*self._held(connection), *self._rows(connection)]
        except SQLAlchemyError:
            yield _gauge("database_up", "1 while the database can be read", [((), 0)])
        else:
            yield _gauge("database_up", "1 while the database can be read", [((), 1)])
            yield from found
        yield from self._disk()

    def _answers(self) -> Iterator[Metric]:
        counted = self._watched.tally.now
        outcomes = [((each.value,), counted.outcomes.get(each.value, 0)) for each in Outcome]
        family = CounterMetricFamily(
            f"{PREFIX}_events", "Arrivals by what became of them, since the start", labels=["outcome"]
        )
        for labels, count in outcomes:
            family.add_metric(labels, count)
        yield family
        times = HistogramMetricFamily(f"{PREFIX}_receipt_seconds", "From an event's arrival to its answer")
        buckets, total = [], 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), counted.times, strict=True):
            total += count
            buckets.append((bound, float(total)))
        times.add_metric([], buckets, counted.total_s)
        yield times

    def _held(self, connection: Connection) -> Iterator[Metric]:
        """What a few rows tell, read at each scrape."""
        waiting = connection.execute(select(func.count()).select_from(parked)).scalar_one()
        yield _gauge("parked_events", "Events that wait for their gate's key", [((), waiting)])
        rows = connection.execute(
            select(heads.c.depot, heads.c.gate, heads.c.gap_since, heads.c.received_at)
        ).all()
        gates = {(row.depot, row.gate): 0 for row in rows}
        last = dict.fromkeys(gates, 0.0)
        for row in rows:
            gates[row.depot, row.gate] += row.gap_since is not None
            last[row.depot, row.gate] = max(last[row.depot, row.gate], row.received_at.timestamp())
        yield _gauge("gaps", "Chains that lack an event", gates.items(), "depot gate")
        yield _gauge(
            "last_event_timestamp_seconds", "When a gate's last event came", last.items(), "depot gate"
        )
        wrong = connection.execute(
            select(func.count()).select_from(verified).where(verified.c.problem.is_not(None))
        ).scalar_one()
        yield _gauge("broken_chains", "Chains whose hashes or signatures do not hold", [((), wrong)])
        told = connection.execute(select(func.count()).select_from(report_outbox)).scalar_one()
        yield _gauge("report_outbox_depth", "Changes of reports that are still to be told", [((), told)])

    def _rows(self, connection: Connection) -> list[Metric]:
        """What counts over many rows tell."""
        with self._lock:
            if time.monotonic() >= self._due:
                began = time.monotonic()
                self._counted = list(_counted(connection, self._watched.clock()))
                took = time.monotonic() - began
                self._due = began + max(COUNT_EVERY_S, COUNT_SHARE * took)
            return self._counted

    def _disk(self) -> Iterator[Metric]:
        folder = self._watched.evidence
        place = folder if folder.is_dir() else folder.parent
        try:
            free = shutil.disk_usage(place).free
        except OSError:
            return
        yield _gauge("disk_free_bytes", "Room where files of evidence lie", [((), free)])


Samples = Iterable[tuple[tuple[str, ...], float]]


def _counted(connection: Connection, now: datetime) -> Iterator[Metric]:
    states = {each.value: 0 for each in State}
    query = select(reports.c.state, func.count()).group_by(reports.c.state)
    states |= {str(state): int(count) for state, count in connection.execute(query)}
    yield _gauge("reports", "Reports by state", (((name,), n) for name, n in states.items()), "state")
    files = {each.value: (0, 0) for each in Keeping}
    sizes = select(evidence.c.state, func.count(), func.coalesce(func.sum(evidence.c.size), 0))
    for state, count, size in connection.execute(sizes.group_by(evidence.c.state)):
        files[str(state)] = (int(count), int(size))
    counts, held = ([((name,), both[place]) for name, both in files.items()] for place in (0, 1))
    yield _gauge("evidence_files", "Files of evidence by state", counts, "state")
    yield _gauge("evidence_bytes", "Their size", held, "state")
    yield from _outgoing(connection, now)
    yield _gauge("database_size_bytes", "Size of the database", [((), _size(connection))])


def _outgoing(connection: Connection, now: datetime) -> Iterator[Metric]:
    left = list(outgoing.documents(connection, now))
    labels = "kind state"
    counts = (((each.kind, each.state), each.count) for each in left)
    yield _gauge("customs_documents", "Documents that customs has not answered, by state", counts, labels)
    ages = (((each.kind, each.state), each.oldest_s) for each in left)
    yield _gauge("customs_oldest_seconds", "How long the oldest of them is in its state", ages, labels)
    heard = (((name,), count) for name, count in outgoing.answers(connection).items())
    yield _gauge("customs_answers", "Answers of customs by what came of them", heard, "outcome")
    told = list(outgoing.deliveries(connection, now))
    states = (((each.state,), each.count) for each in told)
    yield _gauge("webhook_deliveries", "Changes for webhooks by what became of them", states, "state")
    oldest = max(each.oldest_s for each in told)
    yield _gauge(
        "webhook_oldest_seconds", "How long the oldest change waits for its receiver", [((), oldest)]
    )


def _size(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())


def _gauge(name: str, what: str, samples: Samples, labels: str = "") -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", what, labels=labels.split())
    for values, value in samples:
        family.add_metric(values, value)
    return family
