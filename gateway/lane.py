"""A lane at work: its devices speak, its visits listen, its drafts go into the outbox.

    scale, scanners, cameras ──readings──▶ inbox ──▶ clerk ──letters──▶ outbox
                                             ▲
    reading worker ────────sightings─────────┘

Devices and the reading worker have threads of their own; all that they bring goes through one inbox, and the
lane's one thread takes it out. So nothing behind the inbox needs a lock, and a slow picture delays no weight.

A change of the site's file comes through the inbox too. It waits until no truck is near, so that each is decided on
by the rules that it came under; a scale that does not work is exchanged at once, since its truck may wait for it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers.advice import PICTURES
from drivers.camera.condition import PictureState
from drivers.camera.ondemand import OnDemand
from drivers.device import Clock, DeviceStatus, SystemClock
from drivers.readings import Picture, Scan, Stamped, Weight
from drivers.signal.device import Signals
from gateway.board import Board
from gateway.clerk.act import Act, Deed
from gateway.clerk.aspect import is_masked
from gateway.clerk.clerk import Heard, Told
from gateway.clerk.visit import Tick
from gateway.clerk.visits import Closed, Learnt, Opened
from gateway.crew import Crew, Made, made
from gateway.evidence import EvidenceStore
from gateway.keeper import Keeper
from gateway.lookout import Lookout, Read, Worker
from gateway.mailbag import Mailbag
from gateway.outbox.outbox import Letter, Outbox
from gateway.preadvice.book import Announcements
from gateway.signs import Signs
from gateway.site.difference import devices as devices_of
from gateway.site.site import LanePart
from gateway.tally import Tally
from gateway.tape.tape import Scribe
from gateway.trouble import Trouble
from record.errors import BadRecord
from record.event import EventType

log = logging.getLogger(__name__)

BEAT_S = 0.25
STUCK_S = 20.0
"""A lane whose thread has not come round for so long hangs in something."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A person's deed on its way to the lane's thread."""

    act: Act
    answer: Future[None]


@dataclass(frozen=True, slots=True)
class Change:
    """What a lane becomes when no truck is near: another part of the file with the scribe and devices for it.

    ``done`` is told when it has; it is cancelled where another change comes before that. Without a ``part`` the lane
    only says that no truck is near, so that it can be stopped.
    """

    part: LanePart | None
    scribe: Scribe | None
    devices: Mapping[str, Made]
    done: Future[None]


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
        tally: Tally | None = None,
    ) -> None:
        """``folder`` is where relative paths of the site's file begin, ``config_dir`` is searched first.

        ``simulated`` cameras may show the same picture for ever.
        """
        self._part, self._scribe = part, scribe
        self._board = board
        self._tally = tally or Tally()
        self._keeper = Keeper(part.name, store, self._trouble)
        self._clock = clock or SystemClock()
        self._inbox: queue.SimpleQueue[Stamped | Read | _Asked | Change] = queue.SimpleQueue()
        self._lookout = Lookout(
            part.name,
            part.cameras,
            worker,
            announcements,
            keep=self._keeper.keep,
            put=self._inbox.put,
            tell=self._picture_state,
            clock=self._clock,
            simulated=simulated,
            took=self._tally.read,
        )
        self._faultless: set[str] = set()
        self._mail = Mailbag(part.name, outbox, self._trouble, self._stored)
        self._where = {"lane": part.name}
        self._coming: Change | None = None
        self._stop = threading.Event()
        self._turned = time.monotonic()
        self._crew = Crew(part.name, self._inbox.put, self._signalled, self._status, self._clock)
        self._crew.take(made(part, folder, config_dir, devices_of(part)))
        self._signs = Signs(part.name, self._boards, part.barrier)
        self._signs.known(scribe.clerk.present)
        self._thread = threading.Thread(target=self._run, name=f"lane-{part.name}", daemon=True)

    @property
    def _boards(self) -> tuple[Signals, ...]:
        return self._crew.boards

    @property
    def _switches(self) -> tuple[OnDemand, ...]:
        return self._crew.switches

    @property
    def alive(self) -> bool:
        """Whether the lane's thread goes round, and all its devices' threads run."""
        turns = self._thread.is_alive() and time.monotonic() - self._turned < STUCK_S
        return turns and self._crew.alive

    @property
    def part(self) -> LanePart:
        """The lane as the site's file describes it, by which it is at work now."""
        return self._part

    def moment(self) -> tuple[datetime, float]:
        """The lane's time now: in UTC, and on the clock that never jumps."""
        return self._clock.now(), self._clock.monotonic()

    def act(self, act: Act) -> Future[None]:
        """Ask for a person's deed. The future raises `BadRecord` where it cannot be done."""
        answer: Future[None] = Future()
        self._inbox.put(_Asked(act, answer))
        return answer

    def scanned(self, text: str) -> None:
        """Hear a code that the page has printed for the truck, as if a scanner had read it."""
        self._inbox.put(Stamped("page", *self.moment(), Scan(text, raw=text.encode())))

    def change(self, change: Change) -> None:
        """Become something else when no truck is near. A change that still waits is cancelled."""
        self._inbox.put(change)

    def start(self) -> None:
        """Open the devices and begin to listen."""
        self._thread.start()
        self._crew.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Close the devices, take in what they still brought, and end; a tape that is open stays unended."""
        self._crew.stop(timeout)
        self._stop.set()
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._scribe.close()

    def _signalled(self, stamped: Stamped) -> None:
        """An input, in its board's thread: a button is answered before anything else is done with it."""
        self._signs.heard(stamped)
        self._inbox.put(stamped)

    def _status(self, status: DeviceStatus) -> None:
        if status.name in self._crew.names:
            self._board.device(self._part.name, status)

    def _run(self) -> None:
        while not (self._stop.is_set() and self._inbox.empty()):
            self._turned = time.monotonic()
            try:
                try:
                    self._once()
                    self._turn_over()
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
        else:
            self._take(item)

    def _take(self, item: Stamped | Read | _Asked | Change) -> None:
        if isinstance(item, Change):
            if self._coming is not None:
                self._coming.done.cancel()
            self._coming = item
        elif isinstance(item, Read):
            for heard in self._lookout.heard(item, self._scribe.clerk.present):
                self._hear(heard)
        elif isinstance(item, _Asked):
            self._act(item)
        else:
            self._reading(item)

    def _turn_over(self) -> None:
        """Become what has been waited for, where no truck is near and all that the last one told is stored."""
        coming = self._coming
        if coming is None:
            return
        if not (self._scribe.at_rest and self._mail.is_empty):
            self._exchange_dead_scale(coming)
        elif not {Trouble.TAPE, Trouble.OUTBOX} & set(self._board.view.lanes[self._part.name].troubles):
            self._become(coming)

    def _exchange_dead_scale(self, coming: Change) -> None:
        """A truck is near. Where the scale does not work that visit could not end, so nobody waits for it."""
        if self._crew.is_at_work(self._part.scale.name):
            return
        if coming.part is None:
            self._done(coming)
        elif coming.part.scale.name == self._part.scale.name in self._crew.differing(coming.part):
            name = coming.part.scale.name
            log.info(
                "lane %s: %s is exchanged while a truck is near", self._part.name, name, extra=self._where
            )
            self._crew.dismiss((name,))
            self._crew.engage({name: coming.devices[name]})

    def _become(self, coming: Change) -> None:
        """Exchange the devices that are others now, let the old rules hear what those still said, then the scribe."""
        if coming.part is None or coming.scribe is None:
            self._done(coming)
            return
        wanted, differing = devices_of(coming.part), self._crew.differing(coming.part)
        self._crew.dismiss(differing | (self._crew.names - set(wanted)))
        for _ in range(self._inbox.qsize()):
            self._take(self._inbox.get_nowait())
        boards = self._crew.boards
        self._crew.engage({name: coming.devices[name] for name in differing})
        self._board.devices(self._part.name, self._crew.names)
        if boards != self._crew.boards or coming.part.barrier != self._part.barrier:
            self._signs = Signs(coming.part.name, self._boards, coming.part.barrier)
            self._signs.known(self._scribe.clerk.present)
        self._lookout.change(coming.part.cameras)
        if self._coming is coming and self._scribe.at_rest:
            self._scribe.close()
            self._part, self._scribe = coming.part, coming.scribe
            self._done(coming)

    def _done(self, coming: Change) -> None:
        self._coming = None
        coming.done.set_result(None)

    def _reading(self, stamped: Stamped) -> None:
        self._board.bench.heard(self._part.name, stamped)
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
            present = self._scribe.clerk.present
            if asked.act.deed is Deed.REREAD and present is not None:
                self._lookout.again(present)
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
            log.info(
                "lane %s: the pictures of camera %s are fine again",
                self._part.name,
                camera,
                extra=self._where | {"device": camera},
            )
        else:
            advice = PICTURES[state].en
            log.warning(
                "lane %s: the pictures of camera %s are %s: %s", self._part.name, camera, state, advice
            )

    def _stored(self, letters: tuple[Letter, ...]) -> None:
        """The outbox has them: what they prove is kept, and they count."""
        self._keeper.mark(letters)
        self._tally.told(self._part.name, letters)

    def _trouble(self, kind: Trouble, found: str | None) -> None:
        self._board.trouble(self._part.name, kind, found)

    def _hear(self, heard: Heard) -> None:
        for told in self._scribe.hear(heard):
            self._log(told)
            self._recover(told)
            self._count(told)
            if told.personal is not None:
                self._keeper.keep(told.personal, ".json")
            self._mail.put(told.letters)
        self._board.lane(self._part.name, visit=self._scribe.clerk.present)
        watched = self._board.bench.is_watched(self._part.name, self._clock.monotonic())
        self._switch_cameras(self._scribe.clerk.busy or watched)
        self._mail.post()

    def _switch_cameras(self, near: bool) -> None:
        """Hold the streams while a truck is near, or somebody aims them."""
        for switch in self._switches:
            if near != switch.held:
                (switch.hold if near else switch.release)()

    def _log(self, told: Told) -> None:
        if not isinstance(told.consequence, Learnt):
            word = "begins" if isinstance(told.consequence, Opened) else "ends"
            log.info("lane %s: visit %s %s", self._part.name, told.consequence.visit.id, word)

    def _count(self, told: Told) -> None:
        """Count the visits with drafts, and those whose cargo was announced."""
        for letter in told.letters:
            if letter.type is EventType.VISIT_CLOSED and letter.data["drafts"]:
                self._board.drafted(self._part.name, bool(letter.data["announced"]))

    def _recover(self, told: Told) -> None:
        """A truck that came and went without a fault ends the trouble of the one before."""
        match told.consequence:
            case Opened(visit):
                self._faultless.add(visit.id)
            case Closed(visit) if visit.id in self._faultless:
                self._faultless.discard(visit.id)
                self._trouble(Trouble.FAULT, None)
