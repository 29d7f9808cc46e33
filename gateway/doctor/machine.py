"""The machine itself: disk, clock, reading models, what is kept and what waits in the outbox."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.clock import ClockState, clock_state
from gateway.doctor.symptom import Symptom, doubtful, ill, well
from gateway.outbox.file import DATABASE
from gateway.outbox.outbox import Outbox, State
from gateway.site.site import Site
from record.errors import IieError
from record.proof import SigningKey
from record.topics import Gate

SHORT_MB, VERY_SHORT_MB = 2000, 200
LONG_WAIT = timedelta(hours=1)


def disk(data: Path) -> Iterator[Symptom]:
    """Room and rights where the gate keeps its data."""
    there = next(each for each in (data, *data.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield ill("data", "no_right", path=str(there), user=_user())
        return
    free = shutil.disk_usage(there).free // 1_000_000
    if free < VERY_SHORT_MB:
        yield ill("data", "disk_full", path=str(there), mb=free)
    elif free < SHORT_MB:
        yield doubtful("data", "disk_short", path=str(there), mb=free)
    else:
        yield well("data", "disk_well", path=str(there), mb=free)


def clock(state: Callable[[], ClockState] = clock_state) -> Iterator[Symptom]:
    """Whether the times of drafts can be trusted."""
    found = state()
    if found is ClockState.SYNCHRONISED:
        yield well("clock", "clock_well")
    else:
        yield doubtful("clock", "clock_free" if found is ClockState.UNSYNCHRONISED else "clock_unknown")


def models(cache: Path | None = None) -> Iterator[Symptom]:
    """Whether pictures can be read."""
    from ocr.models import ModelsDamaged, ModelsMissing
    from ocr.models import find as find_models

    try:
        find_models(cache)
    except (ModelsMissing, ModelsDamaged) as error:
        yield ill("models", "models_missing", why=str(error))
    else:
        yield well("models", "models_well")


def outbox(site: Site, folder: Path, now: datetime | None = None) -> Iterator[Symptom]:
    """What waits for the registry, since when, and what will never arrive."""
    path, gate = folder / site.data / DATABASE, Gate(site.depot.name, site.gate)
    if not path.exists():
        yield well("outbox", "outbox_new")
        return
    try:
        with closing(Outbox(path, gate, SigningKey.read(folder / site.keys.signing), owner=False)) as box:
            damage, counts = box.file.damage(), box.counts()
            oldest = next(iter(box.waiting(1)), None)
    except IieError as error:
        yield ill("outbox", "outbox_unusable", why=str(error))
        return
    if damage:
        yield ill("outbox", "outbox_damaged", why="; ".join(damage[:3]))
    waiting = sum(count for state, count in counts.items() if state.waiting)
    since = datetime.fromisoformat(oldest.created_at) if oldest else None
    if since is not None and (now or datetime.now(UTC)) - since > LONG_WAIT:
        yield doubtful("outbox", "outbox_waits", count=waiting, since=f"{since:%Y-%m-%d %H:%M} UTC")
    else:
        yield well("outbox", "outbox_well", count=waiting, received=counts[State.RECEIVED])
    if counts[State.REFUSED] or counts[State.DEAD]:
        yield doubtful("outbox", "outbox_refused", refused=counts[State.REFUSED], dead=counts[State.DEAD])


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.geteuid())
