"""The gate in numbers, for Prometheus: read at each scrape from what the gate knows anyway.

Names follow https://prometheus.io/docs/practices/naming/. Labels are what the site's file calls things, and words
of a fixed list: never a plate, a container's number or a person.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from drivers.device import DeviceState
from gateway.board import Board, GateView
from gateway.clock import ClockState, clock_reading
from gateway.outbox.outbox import Outbox, OutboxBroken
from gateway.site.site import Site
from gateway.tally import BOUNDS_S, Tally, Times
from gateway.trouble import Trouble
from gateway.validity import scales_until, tls_until
from ocr.worker import WorkerStatus

PREFIX = "iie_gateway"


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at: one gate. ``site`` gives the file that is followed now, ``clock`` the time in UTC."""

    board: Board
    outbox: Outbox
    tally: Tally
    site: Callable[[], Site]
    folder: Path
    data: Path
    version: str
    reading: Callable[[], WorkerStatus]
    clock: Callable[[], datetime]


class GateMetrics(Collector):
    """All metrics of one gate. `render` gives them in Prometheus' text format."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def render(self) -> bytes:
        """Every metric now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """As `prometheus_client` asks for them."""
        watched = self._watched
        view = watched.board.view
        yield _gauge(
            "build_info",
            "Version of the gate and of Python",
            [((watched.version, platform.python_version()), 1)],
            "version python",
        )
        yield from self._outbox()
        yield from _link(view)
        yield from self._devices(view)
        yield from self._trucks()
        yield from self._machine()
        yield from self._configuration(view)
        yield from self._certificates()

    def _outbox(self) -> Iterator[Metric]:
        """Where the database does not answer, nothing is said of it: `up` stays, and the troubles tell."""
        outbox = self._watched.outbox
        try:
            counts, oldest = outbox.counts(), outbox.waiting(1)
            aside = len(outbox.aside())
        except OutboxBroken:
            return
        states = [((state.value,), count) for state, count in counts.items()]
        yield _gauge("outbox_events", "Events in the outbox by state", states, "state")
        waiting = sum(count for state, count in counts.items() if state.waiting)
        yield _gauge("outbox_depth", "Events that the registry has not received", [((), waiting)])
        age = max(0.0, self._age(datetime.fromisoformat(oldest[0].created_at))) if oldest else 0.0
        yield _gauge("outbox_oldest_age_seconds", "Age of the oldest event that is not received", [((), age)])
        yield _gauge("outbox_aside_events", "Records that no event could hold", [((), aside)])

    def _devices(self, view: GateView) -> Iterator[Metric]:
        at_work = [
            ((lane.name, name), status)
            for lane in view.lanes.values()
            for name, status in lane.devices.items()
        ]
        up = [(place, int(status.state is DeviceState.STREAMING)) for place, status in at_work]
        yield _gauge("device_up", "1 while a device gives good readings, or is ready to", up, "lane device")
        states = [
            ((*place, state.value), int(status.state is state))
            for place, status in at_work
            for state in DeviceState
        ]
        yield _gauge("device_state", "1 for the state that a device is in", states, "lane device state")
        ages = [
            (place, max(0.0, self._age(status.last_good))) for place, status in at_work if status.last_good
        ]
        yield _gauge("device_last_frame_age_seconds", "Age of the last good reading", ages, "lane device")
        rates = [(place, status.frames_per_second) for place, status in at_work]
        yield _gauge("device_frames_per_second", "Frames a second", rates, "lane device")
        skipped = [
            ((*place, skip.value), count) for place, status in at_work for skip, count in status.skips.items()
        ]
        yield _counter(
            "device_frames_skipped", "Bytes that were no good reading", skipped, "lane device reason"
        )

    def _trucks(self) -> Iterator[Metric]:
        counted = self._watched.tally.now
        yield _counter("visits", "Trucks that have left", counted.visits.items(), "lane outcome announced")
        yield _counter("drafts", "Drafts of trucks that have left", counted.drafts.items(), "lane status")
        times = HistogramMetricFamily(
            f"{PREFIX}_reading_seconds", "From a picture to what was read in it", labels=["reader"]
        )
        for reader, each in counted.reading.items():
            times.add_metric([reader], _buckets(each), each.total_s)
        yield times
        status = self._watched.reading()
        results = [
            ((name,), getattr(status, name)) for name in ("read", "replaced", "lost", "slow", "failed")
        ]
        yield _counter("pictures", "Pictures of the reading process", results, "result")

    def _machine(self) -> Iterator[Metric]:
        clock = clock_reading()
        synchronised = int(clock.state is ClockState.SYNCHRONISED)
        yield _gauge("clock_synchronised", "1 while the clock follows another", [((), synchronised)])
        if clock.offset_s is not None and clock.max_error_s is not None:
            yield _gauge(
                "clock_offset_seconds", "How far the clock is known to be off", [((), clock.offset_s)]
            )
            yield _gauge(
                "clock_max_error_seconds", "How far it may be off at most", [((), clock.max_error_s)]
            )
        try:
            disk = shutil.disk_usage(self._watched.data)
        except OSError:
            return
        yield _gauge("disk_free_bytes", "Room where the outbox lies", [((), disk.free)])
        yield _gauge("disk_size_bytes", "Size of that disk", [((), disk.total)])

    def _configuration(self, view: GateView) -> Iterator[Metric]:
        troubles = [
            ((lane.name, trouble.value), int(trouble in lane.troubles))
            for lane in view.lanes.values()
            for trouble in Trouble
        ]
        yield _gauge("trouble", "1 for what is wrong at a lane while it goes on", troubles, "lane trouble")
        known = view.configuration
        if known is not None:
            followed = int(known.problem is None)
            yield _gauge("configuration_followed", "1 while the site's file is followed", [((), followed)])
            taken = known.taken_at.timestamp()
            yield _gauge("configuration_taken_timestamp_seconds", "When it was read", [((), taken)])
            yield _gauge(
                "configuration_waiting_lanes", "Lanes that finish a truck first", [((), len(known.waiting))]
            )
        uploads = view.uploads.counts.waiting if view.uploads else 0
        yield _gauge("evidence_waiting_files", "Files of evidence that wait", [((), uploads)])

    def _certificates(self) -> Iterator[Metric]:
        site = self._watched.site()
        tls = [((use,), until.timestamp()) for use, until in tls_until(site, self._watched.folder)]
        yield _gauge("certificate_expiry_timestamp_seconds", "End of a certificate of TLS", tls, "use")
        scales = [((lane, name), until.timestamp()) for lane, name, until in scales_until(site)]
        yield _gauge(
            "scale_certificate_expiry_timestamp_seconds",
            "End of a scale's verification",
            scales,
            "lane device",
        )

    def _age(self, at: datetime) -> float:
        return (self._watched.clock() - at).total_seconds()


Samples = Iterable[tuple[tuple[str, ...], float]]


def _link(view: GateView) -> Iterator[Metric]:
    link = view.link
    yield _gauge("link_up", "1 while the gate is connected to the broker", [((), int(link.connected))])
    answers: Samples = [(("received",), link.received), (("refused",), link.refused)]
    yield _counter("receipts", "Answers of the registry", answers, "outcome")
    yield _counter("bad_messages", "Messages that were not believed", [((), link.bad_messages)])


def _gauge(name: str, what: str, samples: Samples, labels: str = "") -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", what, labels=labels.split())
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(name: str, what: str, samples: Samples, labels: str = "") -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", f"{what}, since the start", labels=labels.split())
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _buckets(times: Times) -> list[tuple[str, float]]:
    """Cumulative counts, as Prometheus wants them."""
    found, total = [], 0
    for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), times.counts, strict=True):
        total += count
        found.append((bound, float(total)))
    return found
