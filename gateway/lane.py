"""A lane at work: its devices speak, its visits listen, its drafts go into the outbox.

    scale, scanners, cameras ──readings──▶ inbox ──▶ clerk ──letters──▶ outbox
                                             ▲
    reading worker ────────sightings─────────┘

Devices and the reading worker have threads of their own; all that they bring goes through one inbox, and the
lane's one thread takes it out. So nothing behind the inbox needs a lock, and a slow picture delays no weight.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers.advice import PICTURES
from drivers.camera.condition import PictureState
from drivers.camera.ondemand import OnDemand
from drivers.device import Clock, Device, DeviceStatus, Supervisor, SystemClock
from drivers.readings import Picture, Stamped, Weight
from gateway import devices
from gateway.board import Board
from gateway.clerk.act import Act
from gateway.clerk.aspect import is_masked
from gateway.clerk.clerk import Heard, Told
from gateway.clerk.proving import named_pictures
from gateway.clerk.visit import Closed, Learnt, Opened, Tick
from gateway.evidence import EvidenceStore
from gateway.lookout import Lookout, Read, Worker
from gateway.outbox.outbox import Letter, Outbox, OutboxBroken
from gateway.preadvice.book import Announcements
from gateway.signs import Signs
from gateway.site.camera import Sees
from gateway.site.site import LanePart
from gateway.tape.tape import Scribe
from gateway.trouble import Trouble
from record.errors import BadRecord

log = logging.getLogger(__name__)

BEAT_S = 0.25
STUCK_S = 20.0
"""A lane whose thread has not come round for so long hangs in something."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A person's deed on its way to the lane's thread."""

    act: Act
    answer: Future[None]


class Lane:
    """One weighbridge with everything on it. `start` it once, `stop` it once."""

    def __init__(
        self,
        part: LanePart,
        scribe: Scribe,
        *,
        outbox: Outbox,
        worker: Worker,
        store: EvidenceStore,
        announcements: Announcements,
        board: Board,
        clock: Clock | None = None,
        folder: Path = Path(),
        config_dir: Path | None = None,
        simulated: bool = False,
    ) -> None:
        """``folder`` is where relative paths of the site's file begin, ``config_dir`` is searched first.

        ``simulated`` cameras may show the same picture for ever.
        """
        self._part, self._outbox, self._scribe = part, outbox, scribe
        self._store, self._board = store, board
        self._clock = clock or SystemClock()
        self._inbox: queue.SimpleQueue[Stamped | Read | _Asked] = queue.SimpleQueue()
        self._lookout = Lookout(
            part.name,
            part.cameras,
            worker,
            announcements,
            keep=self._keep,
            put=self._inbox.put,
            tell=self._picture_state,
            clock=self._clock,
            simulated=simulated,
        )
        self._switches: list[OnDemand] = []
        self._disk_failed = self._outbox_failed = False
        self._faultless: set[str] = set()
        self._unstored: deque[tuple[Letter, ...]] = deque()
        self._stop = threading.Event()
        self._turned = time.monotonic()
        self._boards = [devices.signals(board, part.lights) for board in part.signals]
        self._signs = Signs(part.name, self._boards, part.barrier)
        self._signs.known(scribe.clerk.present)
        self._supervisors = self._attend(folder, config_dir)
        self._thread = threading.Thread(target=self._run, name=f"lane-{part.name}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the lane's thread goes round, and all its devices' threads run."""
        turns = self._thread.is_alive() and time.monotonic() - self._turned < STUCK_S
        return turns and all(each.alive for each in self._supervisors)

    def moment(self) -> tuple[datetime, float]:
        """The lane's time now: in UTC, and on the clock that never jumps."""
        return self._clock.now(), self._clock.monotonic()

    def act(self, act: Act) -> Future[None]:
        """Ask for a person's deed. The future raises `BadRecord` where it cannot be done."""
        answer: Future[None] = Future()
        self._inbox.put(_Asked(act, answer))
        return answer

    def start(self) -> None:
        """Open the devices and begin to listen."""
        self._thread.start()
        for supervisor in self._supervisors:
            supervisor.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Close the devices, take in what they still brought, and end."""
        for supervisor in self._supervisors:
            supervisor.stop(timeout)
        self._stop.set()
        self._thread.join(timeout)

    def _attend(self, folder: Path, config_dir: Path | None) -> list[Supervisor]:
        """One supervisor for each device; a camera that pushes pictures, and a scale, may not fall silent."""
        part = self._part
        found = [self._supervisor(devices.scale(part.scale, config_dir), part.scale.stale_after_s)]
        for camera in part.cameras:
            device = devices.camera(camera, folder)
            found.append(self._supervisor(device, devices.camera_stale_after(camera)))
            if isinstance(device, OnDemand) and Sees.BARCODES in camera.looked_for:
                device.hold()
            elif isinstance(device, OnDemand):
                self._switches.append(device)
        found += [self._supervisor(devices.scanner(each, config_dir), None) for each in part.scanners]
        found += [self._supervisor(board, None, self._signalled) for board in self._boards]
        return found

    def _supervisor(
        self,
        device: Device,
        stale_after: float | None,
        deliver: Callable[[Stamped], None] | None = None,
    ) -> Supervisor:
        deliver = deliver or self._inbox.put
        return Supervisor(device, deliver, self._status, stale_after=stale_after, clock=self._clock)

    def _signalled(self, stamped: Stamped) -> None:
        """An input, in its board's thread: a button is answered before anything else is done with it."""
        self._signs.heard(stamped)
        self._inbox.put(stamped)

    def _status(self, status: DeviceStatus) -> None:
        self._board.device(self._part.name, status)

    def _run(self) -> None:
        while not (self._stop.is_set() and self._inbox.empty()):
            self._turned = time.monotonic()
            try:
                try:
                    self._once()
                finally:
                    self._show()
            except (
                Exception
            ) as error:  # the thread's outermost frame: tell it, and go on with the next reading
                log.exception("lane %s: unexpected error", self._part.name)
                self._faultless.clear()
                self._trouble(Trouble.FAULT, f"{type(error).__name__}: {error}"[:200])

    def _show(self) -> None:
        """Lights, barrier and board by what is known now, also where it could not be written down."""
        clerk = self._scribe.clerk
        failed = Trouble.FAULT in self._board.view.lanes[self._part.name].troubles
        doubted = failed and clerk.present is not None and clerk.present.id not in self._faultless
        made, now, masked = clerk.made, self._clock.monotonic(), clerk.masked_since
        shown = self._signs.follow(clerk.present, made, now, doubted=doubted, masked_since=masked)
        self._trouble(Trouble.MASKED, "net, tare, hold" if is_masked(masked, now) else None)
        self._board.lane(self._part.name, aspect=shown, made=tuple(made))

    def _once(self) -> None:
        """One thing out of the inbox, or a tick where nothing came."""
        try:
            item = self._inbox.get(timeout=BEAT_S)
        except queue.Empty:
            self._hear(Tick(self._clock.monotonic()))
            self._store_letters()
            return
        if isinstance(item, Read):
            for heard in self._lookout.heard(item, self._scribe.clerk.present):
                self._hear(heard)
        elif isinstance(item, _Asked):
            self._act(item)
        else:
            self._reading(item)

    def _reading(self, stamped: Stamped) -> None:
        match stamped.reading:
            case Weight() as weight:
                self._board.lane(self._part.name, kg=weight.kg, stability=weight.stability)
                self._hear(stamped)
            case Picture() as picture:
                self._picture(stamped, picture)
            case _:
                self._hear(stamped)

    def _act(self, asked: _Asked) -> None:
        """A person's deed; the answer goes back to the one who asked."""
        try:
            self._hear(asked.act)
        except BadRecord as error:
            asked.answer.set_exception(error)
        else:
            asked.answer.set_result(None)

    def _picture(self, stamped: Stamped, picture: Picture) -> None:
        """Let a picture be read, and tell what is awaited."""
        clerk = self._scribe.clerk
        for taken in self._lookout.picture(stamped, picture, clerk.present, near=clerk.busy):
            self._hear(taken)

    def _picture_state(self, camera: str, state: PictureState) -> None:
        """A camera's pictures have become bad, or fine again: once each."""
        self._board.pictures(self._part.name, camera, state)
        if state is PictureState.FINE:
            log.info("lane %s: the pictures of camera %s are fine again", self._part.name, camera)
        else:
            advice = PICTURES[state].en
            log.warning(
                "lane %s: the pictures of camera %s are %s: %s", self._part.name, camera, state, advice
            )

    def _keep(self, data: bytes, suffix: str = ".jpg") -> str | None:
        """Store a file of evidence; where the disk takes none, the facts go on without it, told once."""
        try:
            digest = self._store.keep(data, suffix)
        except OSError as error:
            if not self._disk_failed:
                log.error("lane %s: evidence cannot be stored: %s", self._part.name, error)
                self._trouble(Trouble.EVIDENCE, str(error))
            self._disk_failed = True
            return None
        if self._disk_failed:
            log.info("lane %s: evidence is stored again", self._part.name)
            self._trouble(Trouble.EVIDENCE, None)
        self._disk_failed = False
        return digest

    def _trouble(self, kind: Trouble, found: str | None) -> None:
        self._board.trouble(self._part.name, kind, found)

    def _hear(self, heard: Heard) -> None:
        for told in self._scribe.hear(heard):
            self._log(told)
            self._recover(told)
            if told.personal is not None:
                self._keep(told.personal, ".json")
            if told.letters:
                self._unstored.append(told.letters)
        self._board.lane(self._part.name, visit=self._scribe.clerk.present)
        self._switch_cameras(self._scribe.clerk.busy)
        self._store_letters()

    def _switch_cameras(self, near: bool) -> None:
        """Hold the streams while a truck is near."""
        for switch in self._switches:
            if near != switch.held:
                (switch.hold if near else switch.release)()

    def _log(self, told: Told) -> None:
        if not isinstance(told.consequence, Learnt):
            word = "begins" if isinstance(told.consequence, Opened) else "ends"
            log.info("lane %s: visit %s %s", self._part.name, told.consequence.visit.id, word)

    def _recover(self, told: Told) -> None:
        """A truck that came and went without a fault ends the trouble of the one before."""
        match told.consequence:
            case Opened(visit):
                self._faultless.add(visit.id)
            case Closed(visit) if visit.id in self._faultless:
                self._faultless.discard(visit.id)
                self._trouble(Trouble.FAULT, None)

    def _store_letters(self) -> None:
        """Put what has to be told into the outbox, in order. What it cannot take now is tried again later."""
        while self._unstored:
            try:
                refused = self._outbox.keep(*self._unstored[0])
            except OutboxBroken as error:
                if not self._outbox_failed:
                    log.error("lane %s: what has to be told waits: %s", self._part.name, error)
                    self._trouble(Trouble.OUTBOX, str(error))
                self._outbox_failed = True
                return
            for each in refused:
                log.error("lane %s: a %s is set aside: %s", self._part.name, each.type, each.reason)
                self._trouble(Trouble.RECORD, f"{each.type} {each.subject}: {each.reason}")
            if self._outbox_failed:
                log.info("lane %s: the outbox stores again", self._part.name)
                self._trouble(Trouble.OUTBOX, None)
            self._outbox_failed = False
            self._mark(self._unstored.popleft())

    def _mark(self, letters: tuple[Letter, ...]) -> None:
        """Mark the pictures that the letters name; where the disk takes no marks they age sooner."""
        for digest in (digest for letter in letters for digest in named_pictures(letter)):
            with suppress(OSError):
                self._store.prove(digest)
