"""Reading the site's file again while the gate works: checked first, then only what differs is changed.

    asked ─▶ the file is checked ─▶ compared ─▶ lanes change, each when no truck is near ─▶ told on the board
               │ wrong: nothing changes, and that is told with the place
               └ the disk or the outbox takes nothing: nothing changes, and that is told

One thread does it, one reload after the other. A lane with a truck finishes it first; what is asked for meanwhile
takes the place of what waits.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from drivers.errors import DeviceError
from gateway.board import Board
from gateway.configuration import Configuration
from gateway.crew import Made
from gateway.lanes import Lanes
from gateway.outbox.outbox import now
from gateway.preadvice.book import Announcements
from gateway.site.checks import CHECKS
from gateway.site.difference import Difference, difference, possible
from gateway.site.site import LanePart, Site
from gateway.trouble import Trouble
from record.announcing.yaml_file import read_preadvice
from record.errors import IieError
from record.yamlfile import FileErrors, Problem, check

log = logging.getLogger(__name__)

SOON_S = 1.0
"""How long a reload waits for lanes without a truck before it says which ones wait."""


class ReloadRefused(IieError):
    """Nothing was changed; the message says why."""

    advice = "reload.refused"


class BadFile(ReloadRefused):
    """The site's file, or one that it names, is wrong; nothing was changed."""

    advice = "reload.bad_file"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.line_text("en") for problem in problems[:3]))


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What was done: the difference that was found, and the lanes that finish their truck first."""

    difference: Difference
    waiting: tuple[str, ...] = ()

    def counts(self) -> dict[str, str | int]:
        """The same for the one who asked from afar."""
        found = self.difference
        return {
            "lanes_changed": len(found.changed),
            "lanes_new": len(found.new),
            "lanes_gone": len(found.gone),
            "devices_restarted": sum(len(lane.changed) + len(lane.new) for lane in found.changed),
            "devices_untouched": sum(len(lane.unchanged) for lane in found.lanes),
            "waiting": ", ".join(self.waiting),
            "restart_needed": ", ".join(found.restart),
        }


@dataclass(frozen=True, slots=True)
class _Settled:
    """A lane has become what it waited to become, or may be taken away."""

    lane: str
    done: Future[None]


class Reloader:
    """Follows one file. `start` it once, `stop` it once; `ask` may be called from any thread."""

    def __init__(
        self,
        file: Path,
        site: Site,
        lanes: Lanes,
        board: Board,
        announcements: Announcements,
        announced: Announcements,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """``site`` is what the lanes are at work under, ``announced`` what the file that it names has announced."""
        self._file, self._site, self._lanes, self._board = file, site, lanes, board
        self._announcements, self._announced, self._clock = announcements, announced, clock
        self._inbox: queue.SimpleQueue[Future[Reloaded] | _Settled | None] = queue.SimpleQueue()
        self._waiting: dict[str, Future[None]] = {}
        self._thread = threading.Thread(target=self._run, name="reload", daemon=True)
        moment = clock()
        self._told = Configuration(str(file), moment, moment)

    @property
    def site(self) -> Site:
        """What is followed now."""
        return self._site

    def start(self) -> None:
        """Begin to listen."""
        self._board.configuration(self._told)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End after what is at hand."""
        self._inbox.put(None)
        self._thread.join(timeout)

    def ask(self) -> Future[Reloaded]:
        """Read the file again. The future raises `ReloadRefused` where nothing was changed."""
        answer: Future[Reloaded] = Future()
        self._inbox.put(answer)
        return answer

    def _run(self) -> None:
        while (item := self._inbox.get()) is not None:
            if isinstance(item, _Settled):
                self._settle(item)
                continue
            try:
                item.set_result(self._reload())
            except ReloadRefused as error:
                item.set_exception(error)
            except Exception as error:  # a thread begins here
                log.exception("the site's file could not be followed: a fault of ours")
                self._tell(refused=f"{type(error).__name__}: {error}"[:200])
                item.set_exception(ReloadRefused(f"a fault of ours: {error!r}"[:200]))

    def _reload(self) -> Reloaded:
        site, announced = self._read()
        self._refuse_in_trouble()
        found, target = difference(self._site, site), possible(self._site, site)
        parts = {part.name: part for part in target.lanes}
        wanted = [parts[name] for name in (*(lane.name for lane in found.changed), *found.new)]
        devices = {part.name: self._made(part) for part in wanted}
        known = dict.fromkeys((*parts, *self._lanes))
        self._board.lanes(known)
        added = self._add([part for part in wanted if part.name not in self._lanes], target)
        self._site = target
        self._take_in(announced)
        for part in wanted:
            if part.name not in added:
                self._await(part.name, self._lanes.change(target, part, devices[part.name]))
        for name in found.gone:
            self._await(name, self._lanes.ask_to_leave(name))
        self._settle_soon()
        waiting = tuple(sorted(self._waiting))
        self._say(found, waiting)
        return Reloaded(found, waiting)

    def _read(self) -> tuple[Site, Announcements]:
        """The file as it is now, and the announcements that it names. Raises `BadFile`."""
        site, problems = check(self._file, Site, CHECKS)
        announced = Announcements()
        if site is not None and site.preadvice.file is not None:
            try:
                announced = Announcements(read_preadvice(self._file.parent / site.preadvice.file))
            except FileErrors as errors:
                site, problems = None, [*problems, *errors.problems]
        if site is None:
            self._tell(tried_at=self._clock(), problems=tuple(problems), refused=None)
            for problem in self._told.errors:
                log.error("the site's file is not followed: %s", problem.line_text("en"))
            raise BadFile(self._told.errors)
        self._told = replace(self._told, problems=tuple(problems), tried_at=self._clock())
        return site, announced

    def _refuse_in_trouble(self) -> None:
        """A lane whose disk or outbox takes nothing holds the only copy of what it has to tell: leave it alone."""
        for name, lane in self._board.view.lanes.items():
            for trouble in (Trouble.OUTBOX, Trouble.TAPE):
                if trouble in lane.troubles:
                    self._refuse(f"lane {name}: {trouble.value}: {lane.troubles[trouble]}")

    def _refuse(self, why: str) -> NoReturn:
        log.error("the site's file is not followed: %s", why)
        self._tell(refused=f"{self._file}: {why}")
        raise ReloadRefused(why)

    def _made(self, part: LanePart) -> dict[str, Made]:
        try:
            return self._lanes.made(part)
        except (
            ValueError,
            LookupError,
            DeviceError,
        ) as error:  # a model that is wrong, or gone from the catalogue
            self._refuse(f"lane {part.name}: {error}")

    def _add(self, parts: Sequence[LanePart], target: Site) -> tuple[str, ...]:
        """Begin with new lanes, all or none."""
        added: tuple[str, ...] = ()
        for part in parts:
            try:
                self._lanes.add(target, part)
            except IieError as error:
                for name in added:
                    self._lanes.remove(name)
                self._board.lanes(tuple(self._lanes))
                self._refuse(f"lane {part.name}: {error}")
            added = (*added, part.name)
        return added

    def _take_in(self, announced: Announcements) -> None:
        """The file's announcements in place of those that it had; what others told since is left alone."""
        for known in self._announced.all():
            if announced.get(known.id) is None and self._announcements.get(known.id) == known:
                self._announcements.withdraw(known.id)
        self._announcements.update(announced)
        self._announced = announced

    def _await(self, name: str, done: Future[None]) -> None:
        self._waiting[name] = done
        done.add_done_callback(lambda ended: self._inbox.put(_Settled(name, ended)))

    def _settle_soon(self) -> None:
        """Give lanes without a truck the moment that they need."""
        wait_for(tuple(self._waiting.values()), SOON_S)
        for name, done in tuple(self._waiting.items()):
            if done.done():
                self._settle(_Settled(name, done))

    def _settle(self, settled: _Settled) -> None:
        name = settled.lane
        if self._waiting.get(name) is not settled.done:
            return
        del self._waiting[name]
        parts = {part.name for part in self._site.lanes}
        if name not in parts:
            self._lanes.remove(name)
            self._board.lanes(tuple(self._lanes))
            log.info("lane %s: is taken away", name, extra={"lane": name})
        else:
            log.info("lane %s: follows the new file", name, extra={"lane": name})
        self._tell(waiting=tuple(sorted(self._waiting)))

    def _say(self, found: Difference, waiting: tuple[str, ...]) -> None:
        for lane in found.changed:
            words = ", ".join((*lane.changed, *lane.new)) or "no device"
            log.info("lane %s: %s begins anew", lane.name, words, extra={"lane": lane.name})
        for key in found.restart:
            log.warning("%s has changed in the site's file; that takes a restart of the gate", key)
        if waiting:
            log.info("%s: waits for its truck to leave", ", ".join(waiting))
        log.info("the site's file is followed as it is now")
        self._tell(taken_at=self._told.tried_at, refused=None, waiting=waiting, restart=found.restart)

    def _tell(self, **changes: object) -> None:
        self._told = replace(self._told, **changes)  # type: ignore[arg-type]
        self._board.configuration(self._told)
