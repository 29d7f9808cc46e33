"""The registry at work: the link's messages to the receiver, the answers back, the state told to all.

    link thread      connects, reconnects; paho's thread puts deliveries into a queue
    worker (main)    batches of at most 100 ─▶ receiver ─▶ receipts, acknowledgements
                     between batches: the retained state, gaps, parked events

A batch is what has arrived while the one before was being committed, so that nothing waits for company.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from record.errors import IieError
from record.proof import SigningKey
from record.topics import REGISTRY_STATE
from record.yamlfile import FileErrors
from registry.account import filters, login
from registry.connection import Delivery
from registry.database import migrate, open_engine, passing, writing
from registry.erasure import Erasure
from registry.evidence.shelf import Shelf
from registry.gaps import Gaps
from registry.herald import Herald
from registry.hooks.runner import Runner
from registry.leader import Leader
from registry.link import Link
from registry.notices.publisher import Publisher
from registry.notify import notify
from registry.presence import OFFLINE, Presence
from registry.receiving import Receiver
from registry.reports.office import Office
from registry.reports.teller import Teller
from registry.roster import Roster
from registry.rounds import Rounds
from registry.settings import Settings, load
from registry.store import Result
from registry.sweep import broken, forget_breaks, sweep
from registry.tally import Tally
from registry.watch.listening import Listener

if TYPE_CHECKING:
    from registry.transmission.courier import Courier
    from registry.web.server import WebServer

log = logging.getLogger(__name__)

BATCH = 100
IDLE_S = 0.25
STATE_EVERY_S = 2.0
"""Heads that change are told at most this often."""

GAPS_EVERY_S = 5.0
REPORTS_EVERY_S = 0.2
"""While events keep coming, drafts become reports so soon after the last ones: each time costs as much as eight of
them."""

REPORTS_SHARE = 4
"""While more events wait than one batch holds, three quarters of the time are theirs: a gate waits for its receipt,
and nobody for a report of half a second ago."""

SWEEP_EVERY_S = 1.0
"""Between two steps of the sweep, taken only while nothing arrives."""

PAUSE_S = (0.2, 10.0)
"""Waits while the database cannot be written: doubled each time, from the first to the second."""

KEYS_EVERY_S = 5.0
"""How soon a key counts that a command or another worker has accepted or revoked."""

PARKED_EVERY_S = 60.0
"""A key that one worker accepts while another parks an event of it: at the latest now it is taken in."""

WATCH_EVERY_S = 5.0
TELL_EVERY_S = 60.0
ERASE_EVERY_S = 3600.0


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


class LinkEnded(IieError):
    """The thread that talks to the broker is gone: a fault of the program. A new process may go on."""

    retry = True


class WebEnded(IieError):
    """The thread that serves pages is gone: a fault of the program. A new process may go on."""

    retry = True


class RoundsEnded(IieError):
    """A thread that brings something to others is gone: a fault of the program. A new process may go on."""

    retry = True


class Service:
    """One registry process. `run` it in the main thread; `stop` may be called from anywhere."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self._clock, self._settings = clock, settings
        self._key = SigningKey.read_or_create(settings.signing_key)
        self._engine = open_engine(settings.database)
        migrate(self._engine)
        self._receiver = Receiver(self._engine, self._key, Roster.of(settings.file), clock)
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._next_state = self._next_gaps = self._next_sweep = self._next_watch = self._next_reports = 0.0
        self._next_keys = self._next_parked = 0.0
        self._next_erasure = time.monotonic() + ERASE_EVERY_S
        self._next_counts = time.monotonic() + TELL_EVERY_S
        with writing(self._engine) as connection:
            forget_breaks(connection)
        self._leader, self._tells = Leader(self._engine), False
        account, self._alone = login(settings), not settings.file.broker.shared
        self._presence = Presence(self._engine, self._key, self._publish, clock)
        self._herald = Herald(account, f"{settings.file.broker.client_id}-state", self._presence.will)
        self._link = Link(
            account, filters(settings), self._presence.will if self._alone else lambda: None, self._on_ready
        )
        self._gaps = Gaps(self._engine, self._link, self._key, clock)
        self._erasure = Erasure(self._engine, Shelf(settings.evidence), settings.file.evidence.ages, clock)
        self._office = Office(self._engine, settings.file, self._key, clock, settings.folder)
        self._teller = Teller(self._engine, self._link, clock)
        self._listener = Listener(self._office, settings.file)
        self._rounds = {
            "teller": self._teller.rounds,
            "publisher": Publisher(self._engine, self._link, self._key, settings.file.depots, clock).rounds,
            "hooks": Runner.of(settings, self._engine, self._key, clock).rounds,
        }
        if (runner := courier(settings, self._office, self._teller.rounds.wake)) is not None:
            self._rounds["courier"] = runner.rounds
        self._tally = Tally()
        self._web = web_server(settings, self._engine, clock, self._key, self._tally, self._workers)

    @property
    def _workers(self) -> dict[str, Callable[[], bool]]:
        """The workers of this process beside the one that takes events in, each with whether it runs."""
        found: dict[str, Callable[[], bool]] = {"link": lambda: self._link.alive}
        return found | {name: partial(_alive, each) for name, each in self._rounds.items()}

    def stop(self) -> None:
        """End after the batch at hand; safe inside a signal handler."""
        self._stop.set()

    def reload(self) -> None:
        """Read gates, keys and ``accept_simulated`` anew before the next batch; safe inside a signal handler."""
        self._reload.set()

    def run(self) -> None:
        """Serve until `stop`. What is not answered by then comes again at the next start."""
        self._link.start()
        for each in self._rounds.values():
            each.start()
        if self._web is not None:
            self._web.start()
        try:
            while not self._stop.is_set():
                batch = self._batch()
                if batch:
                    self._handle(batch)
                self._tend(idle=not batch)
        finally:
            notify("STOPPING=1")
            if self._web is not None:
                self._web.stop()
            for each in reversed(self._rounds.values()):
                each.stop()
            self._link.stop(self._presence.will() if self._alone else None)
            self._herald.stop()
            self._leader.resign()
            self._engine.dispose()
            log.info("registry: stopped")

    def _batch(self) -> list[Delivery]:
        """What has arrived, at most `BATCH`; empty after a short while without anything."""
        deliveries = self._link.deliveries
        batch: list[Delivery] = []
        with suppress(queue.Empty):
            batch.append(deliveries.get(timeout=IDLE_S))
            while len(batch) < BATCH:
                batch.append(deliveries.get_nowait())
        return self._events_of(batch)

    def _events_of(self, batch: list[Delivery]) -> list[Delivery]:
        """The events among what has arrived. The rest is what another worker said of the registry, with its end."""
        said = [delivery for delivery in batch if delivery.arrival.topic == REGISTRY_STATE]
        if not said:
            return batch
        self._acknowledge(said)
        if any(OFFLINE in delivery.arrival.body for delivery in said):
            self._presence.renew()
        return [delivery for delivery in batch if delivery.arrival.topic != REGISTRY_STATE]

    def _handle(self, batch: Sequence[Delivery]) -> None:
        """Store a batch, however long the database is away; answer it; acknowledge it."""
        beside = [each.arrival for each in batch if Listener.is_for(each.arrival.topic)]
        events = [each for each in batch if not Listener.is_for(each.arrival.topic)]
        pause = PAUSE_S[0]
        while True:
            try:
                self._listener.hear(beside)
                results = self._receiver.receive([each.arrival for each in events]) if events else []
                break
            except SQLAlchemyError as error:
                if not passing(error):
                    self._one_by_one(batch, error)
                    return
                self._presence.degrade(str(getattr(error, "orig", error)), self._tells)
                if self._stop.wait(pause):
                    return
                pause = min(pause * 2, PAUSE_S[1])
            except Exception as error:  # noqa: BLE001 - one event must not stop the others
                self._one_by_one(batch, error)
                return
        self._presence.recover()
        self._answer(results)
        self._acknowledge(batch)
        moment = time.monotonic()
        for delivery, result in zip(events, results, strict=False):  # the rest was left alone
            self._tally.answered(result.outcome.value, moment - delivery.came)

    def _one_by_one(self, batch: Sequence[Delivery], error: Exception) -> None:
        """Find the one that breaks a batch. It gets no answer, so that its gate keeps it."""
        if len(batch) > 1:
            for delivery in batch:
                self._handle([delivery])
            return
        arrival = batch[0].arrival
        log.error("intake: %s: cannot be stored, digest %s", arrival.topic, arrival.digest, exc_info=error)
        self._acknowledge(batch)

    def _answer(self, results: Sequence[Result]) -> None:
        for result in results:
            if result.reply is not None:
                self._link.publish(result.reply.gate.receipt, result.reply.body)

    def _acknowledge(self, batch: Sequence[Delivery]) -> None:
        for delivery in batch:
            delivery.connection.acknowledge(delivery)

    def _tend(self, idle: bool) -> None:
        """What is done between batches. A database that is away is told of, and tried again later."""
        moment = time.monotonic()
        self._watch(moment)
        self._tell_counts(moment)
        try:
            self._look(moment)
            if self._reload.is_set():
                self._reload.clear()
                self._read_again()
            if self._receiver.may_take_in:
                self._answer(self._receiver.take_in())
            if idle or moment >= self._next_reports:
                self._take_up()
            if self._tells and moment >= self._next_gaps:
                self._next_gaps = moment + GAPS_EVERY_S
                self._gaps.ask()
            if self._tells and (moment >= self._next_state or self._presence.due):
                self._next_state = moment + STATE_EVERY_S
                self._presence.tell()
            if self._tells and idle and moment >= self._next_sweep:
                self._next_sweep = moment + SWEEP_EVERY_S
                self._sweep()
            if self._tells and idle and moment >= self._next_erasure:
                self._next_erasure = moment + ERASE_EVERY_S
                if self._erasure.step():
                    self._next_erasure = moment
        except SQLAlchemyError as error:
            self._presence.degrade(str(getattr(error, "orig", error)), self._tells)

    def _look(self, moment: float) -> None:
        """See whether this worker leads, and which keys others have accepted or revoked."""
        if self._leader.look():
            self._presence.renew()
        self._tells = self._leader.leads
        self._herald.follow(self._tells and not self._alone)
        if moment >= self._next_keys:
            self._next_keys = moment + KEYS_EVERY_S
            self._receiver.look_again()
        if self._tells and moment >= self._next_parked:
            self._next_parked = moment + PARKED_EVERY_S
            self._receiver.may_take_in = True

    def _watch(self, moment: float) -> None:
        """Tell systemd's watchdog that all is alive. Raises `LinkEnded` and the like when a thread is not."""
        if not self._link.alive:
            raise LinkEnded("the link's thread has ended")
        if self._web is not None and not self._web.alive:
            raise WebEnded("the web server's thread has ended")
        for name, each in self._rounds.items():
            if not each.alive:
                raise RoundsEnded(f"the thread of the {name} has ended")
        if moment >= self._next_watch and "WATCHDOG_USEC" in os.environ:
            self._next_watch = moment + WATCH_EVERY_S
            notify("WATCHDOG=1")

    def _read_again(self) -> None:
        """Take gates and keys from the file as it is now; a wrong file changes nothing."""
        try:
            settings = load(self._settings.path_of_file)
        except FileErrors as error:
            log.error("registry: the settings stay as they were: %s", error)
            return
        self._receiver.enrol(Roster.of(settings.file))
        log.info("registry: gates and keys are read anew; anything else takes a restart")

    def _tell_counts(self, moment: float) -> None:
        """Say once a minute what has come in, if anything has."""
        if moment < self._next_counts:
            return
        self._next_counts = moment + TELL_EVERY_S
        counts = self._receiver.counts
        if counts.total():
            words = ", ".join(f"{number} {outcome.value}" for outcome, number in sorted(counts.items()))
            log.info("intake: %s in the last minute", words)
            counts.clear()

    def _take_up(self) -> None:
        """Make reports of what has come, and say when the next are made at the latest."""
        began = time.monotonic()
        if self._office.take_up():
            self._teller.rounds.wake()
        ended = time.monotonic()
        busy = self._link.deliveries.qsize() >= BATCH
        pause = max(REPORTS_EVERY_S, (REPORTS_SHARE - 1) * (ended - began)) if busy else REPORTS_EVERY_S
        self._next_reports = ended + pause

    def _sweep(self) -> None:
        """Follow one chain a little further, and tell what is broken."""
        with writing(self._engine) as connection:
            more, problems = sweep(connection, self._clock())
            self._presence.broken = broken(connection)
        for problem in problems:
            log.error("sweep: %s", problem.text("en"))
        if more:
            self._next_sweep = 0.0

    def _publish(self, topic: str, body: bytes, *, retain: bool) -> bool:
        return self._link.publish(topic, body, retain=retain)

    def _on_ready(self) -> None:
        self._presence.renew()
        notify("READY=1")


def _alive(rounds: Rounds) -> bool:
    return rounds.alive


def web_server(
    settings: Settings,
    engine: Engine,
    clock: Callable[[], datetime],
    key: SigningKey,
    tally: Tally,
    alive: Mapping[str, Callable[[], bool]],
) -> WebServer | None:
    """The console, where the settings have one. Raises `BadSettings` where it cannot listen."""
    http = settings.file.http
    if http is None:
        return None
    from registry.web.app import app
    from registry.web.server import WebServer

    server = WebServer.of(app(settings, engine, clock, key, tally=tally, alive=alive), settings, http)
    log.info("web: %s://%s:%s", "https" if http.tls else "http", http.address, server.port)
    return server


def courier(settings: Settings, office: Office, told: Callable[[], None]) -> Courier | None:
    """Who brings documents to customs, where the settings say so. Raises `NoAdapter`."""
    rules = settings.file.transmission
    if rules is None:
        return None
    from registry.transmission.adapters import adapter
    from registry.transmission.courier import Courier

    log.info("customs: %s at %s%s", rules.adapter, rules.url, ", a simulator" if rules.simulator else "")
    made = adapter(rules, settings.folder)
    return Courier(office, rules, made, told, settings.file.language)
