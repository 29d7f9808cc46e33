"""What a lane was doing when the gate stopped, brought back: whatever is wrong with its tape, the gate starts.

tape of this gate        its truck is decided on by the site that it arrived under, the next by today's
tape of another gate     by today's site, and that is told
tape that fails          laid aside as ….unread and told: a person has to look at that truck
tape of a lane that is   its truck has gone: its visit is ended and told
not in the site now
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.clerk.clerk import Heard
from gateway.clerk.visit import Tick
from gateway.clerk.weighing import Resumed
from gateway.outbox.aside import Aside
from gateway.outbox.outbox import Outbox
from gateway.site.site import LanePart, Site
from gateway.tape import resume
from gateway.tape.tape import MakeClerk, Scribe, TapeWriter
from gateway.trouble import Trouble

log = logging.getLogger(__name__)

UNREAD = ".unread"
GONE_S = 365 * 86400.0
"""Longer than any visit is waited for."""

Begin = Callable[[resume.LaneClock], tuple[Scribe, TapeWriter]]
Tell = Callable[[Trouble, str | None], None]


@dataclass(frozen=True, slots=True)
class Recovery:
    """Brings the lanes of one gate back. ``make`` gives the maker of a lane's clerk by the rules of a site."""

    site: Site
    outbox: Outbox
    make: Callable[[Site, LanePart], MakeClerk]

    def bring_back(self, tapes: Path, begin: Begin, tell: Tell) -> tuple[Scribe, resume.LaneClock]:
        """A lane's scribe, with the truck that was there, and its clock; ``begin`` makes a scribe and its writer."""
        self._told(resume.catch_up(tapes, self.outbox), tell)
        cut_off = resume.find(tapes)
        if cut_off is None:
            clock = resume.LaneClock()
            return begin(clock)[0], clock
        clock = cut_off.clock()
        scribe, writer = begin(clock)
        try:
            writer.resume(cut_off.path)
            make = self._make(cut_off)
            self._told(resume.relive(cut_off, scribe, self.outbox, clock, make), tell)
        except (
            Exception
        ) as error:  # a fault of ours in one truck's past must not keep every lane from starting
            log.exception("the tape %s cannot be gone on with", cut_off.path)
            writer.close()
            cut_off.path.replace(cut_off.path.with_name(cut_off.path.name + UNREAD))
            tell(Trouble.RECOVERY, f"{cut_off.path.name}: {type(error).__name__}: {error}"[:200])
            clock = resume.LaneClock()
            return begin(clock)[0], clock
        return scribe, clock

    def end_removed(self, tapes: Path, begin_of: Callable[[Site, LanePart], Begin]) -> None:
        """End the visits of a lane that the site has no more, by the rules that they began under."""
        cut_off = resume.find(tapes)
        lived = self._lived(cut_off) if cut_off else None
        if lived is None:
            return
        log.warning("lane %s is not in the site's file any more: its last truck's visit is ended", tapes.name)
        scribe, clock = self.bring_back(tapes, begin_of(*lived), lambda kind, found: None)
        now = clock.monotonic()
        gone = Resumed(clock.now(), now, GONE_S)
        ends: tuple[Heard, ...] = (gone, Tick(now + GONE_S), Tick(now + 2 * GONE_S))
        for heard in ends:
            for told in scribe.hear(heard):
                self._told(self.outbox.keep(*told.letters), lambda kind, found: None)

    def _make(self, cut_off: resume.Unended) -> MakeClerk | None:
        lived = self._lived(cut_off)
        return self.make(*lived) if lived else None

    def _lived(self, cut_off: resume.Unended) -> tuple[Site, LanePart] | None:
        """The site and lane that the tape began under; None where that was another gate's."""
        header = cut_off.recording.header
        then, now = header.site, self.site
        if (then.depot.name, then.gate) != (now.depot.name, now.gate):
            log.warning(
                "the tape %s is of %s/%s, today's rules of %s/%s hold for it",
                cut_off.path,
                then.depot.name,
                then.gate,
                now.depot.name,
                now.gate,
            )
            return None
        part = next((lane for lane in then.lanes if lane.name == header.lane), None)
        return (then, part) if part else None

    def _told(self, aside: list[Aside], tell: Tell) -> None:
        for each in aside:
            log.error("a %s of a tape is set aside: %s", each.type, each.reason)
            tell(Trouble.RECORD, f"{each.type} {each.subject}: {each.reason}")
