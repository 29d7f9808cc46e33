"""Going on after a kill: the last tape of a lane brings its clerk back to where it was.

What the clerk had decided and the outbox does not hold is put there now: a tape's line is on the disk before its
letters leave the lane, so a kill between the two loses nothing, and what the outbox already has is not put twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.clerk.knowledge import Replayed
from gateway.clerk.visit import Taken
from gateway.clerk.weighing import Resumed
from gateway.outbox.aside import Aside
from gateway.outbox.outbox import Letter, Outbox
from gateway.tape.tape import MakeClerk, Recording, Scribe, read_tape, unended
from record.errors import BadRecord
from record.event import EventType

log = logging.getLogger(__name__)

CATCH_UP_S = 14 * 86400.0
"""Age of a tape at which its letters may have left the outbox after their receipt; older ones are left alone."""


def boot_id() -> str:
    """Which start of the machine this is: its monotonic clock begins anew with each (random(4))."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class LaneClock:
    """The machine's clocks, the monotonic one moved on so that a tape's time goes on over a reboot."""

    offset: float = 0.0

    def now(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds of the lane's clock, which never jumps."""
        return time.monotonic() + self.offset


@dataclass(frozen=True, slots=True)
class Unended:
    """A tape that a kill has cut off."""

    path: Path
    recording: Recording

    @property
    def last(self) -> float:
        """The lane's time at its last line."""
        times = [line.heard.monotonic for line in self.recording.lines if not isinstance(line.heard, Taken)]
        return max(times, default=self.recording.header.monotonic)

    def clock(self) -> LaneClock:
        """A clock that goes on where the tape stops."""
        header = self.recording.header
        if header.boot == boot_id():
            return LaneClock()
        gone = (datetime.now(UTC) - datetime.fromisoformat(header.at)).total_seconds()
        return LaneClock(header.monotonic + max(gone, 0.0) - time.monotonic())


def find(folder: Path) -> Unended | None:
    """The lane's tape that was not ended, None where there is none or it cannot be read."""
    path = unended(folder)
    if path is None:
        return None
    try:
        return Unended(path, read_tape(path))
    except (BadRecord, OSError) as error:
        log.error("the last tape cannot be gone on with: %s", error)
        return None


def catch_up(folder: Path, outbox: Outbox) -> list[Aside]:
    """Store what ended tapes decided and the outbox does not hold; what no event can hold is set aside.

    A kill may come between a tape's end and the outbox, or while the outbox takes nothing. The newest tapes are
    looked at, back to the first from which nothing is missing.
    """
    late: list[list[Letter]] = []
    oldest = time.time() - CATCH_UP_S
    for path in sorted(folder.glob("*.jsonl"), reverse=True):
        try:
            if path.stat().st_mtime < oldest:
                break
            recording = read_tape(path)
        except (BadRecord, OSError) as error:
            log.error("a tape cannot be read: %s", error)
            continue
        missing = _missing(recording, outbox) if recording.ended else []
        if recording.ended and not missing and any(line.letters for line in recording.lines):
            break
        late.append(missing)
    letters = [letter for tape in reversed(late) for letter in tape]
    if not letters:
        return []
    log.warning("%s records of ended tapes were not in the outbox; they are now", len(letters))
    return outbox.keep(*letters)


def relive(
    tape: Unended, scribe: Scribe, outbox: Outbox, clock: LaneClock, make: MakeClerk | None = None
) -> list[Aside]:
    """Bring the scribe's clerk back, store what was decided and not stored, and tell it that time has passed.

    ``make`` gives the clerk that the tape began with, where that may differ from the scribe's own. Returns what
    no event can hold.
    """
    scribe.relive(tape.recording.lines, Replayed(), make)
    aside = outbox.keep(*_missing(tape.recording, outbox))
    gap = max(0.0, clock.monotonic() - tape.last)
    for told in scribe.hear(Resumed(clock.now(), clock.monotonic(), gap)):
        aside += outbox.keep(*told.letters)
    log.info("went on with the tape %s after %.0f s", tape.path.name, gap)
    return aside


def _missing(recording: Recording, outbox: Outbox) -> list[Letter]:
    """The letters of a tape that the outbox does not hold, in their order."""
    letters = [letter for line in recording.lines for letter in line.letters]
    return [letter for letter in letters if not _is_stored(letter, outbox.holds)]


def _is_stored(letter: Letter, holds: Callable[[str, str | None, int | None], bool]) -> bool:
    revision = letter.data.get("revision") if letter.type is EventType.DRAFT else None
    return holds(letter.type.value, letter.subject, revision if isinstance(revision, int) else None)
