"""Synthetic drafts through the real outbox and the real link, at a given rate, each journalled once stored.

    pace ──▶ put ──▶ journal ──▶ pace …          link ──▶ broker ──▶ registry
              └── outbox ──────────────────────────┘

An id stands in the journal only after `put` has returned, so every journalled event must reach the registry,
whatever dies. Each draft is of a visit of its own, so that an event that came twice would show as two drafts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count, cycle
from pathlib import Path
from typing import IO

import uuid_utils

from gateway.outbox.outbox import Letter, Outbox, OutboxBroken
from gateway.site.site import Site
from record.draft import (
    BaseDocument,
    Depot,
    DocumentType,
    Draft,
    Evidence,
    Item,
    Payload,
    ReportKind,
    Source,
    Status,
)
from record.event import EventType
from record.identifiers.container import check_digit
from record.topics import Gate, Stream

RETRY_S = 0.2
POLL_S = 0.05


@dataclass(slots=True)
class Done:
    """What a load has done."""

    stored: int = 0
    broken: int = 0
    seconds: float = 0.0


def letters(site: Site) -> Iterator[Letter]:
    """Drafts without end, over the site's lanes in turn; every one says that it is simulated."""
    gate = Gate(site.depot.name, site.gate)
    lanes = cycle(site.lanes)
    for number in count(1):
        lane = next(lanes)
        draft = synthetic(site, lane.name, number)
        topic = gate.lane(lane.name, Stream.INGRESS)
        yield Letter(EventType.DRAFT, topic, draft.to_wire(), subject=draft.draft, simulated=True)


def synthetic(site: Site, lane: str, number: int) -> Draft:
    """A complete draft as a gate makes them, of a truck that never was."""
    visit = str(uuid_utils.uuid7())
    prefix = f"TSTU{number % 1_000_000:06d}"
    item = Item(
        sequence=1,
        container=prefix + str(check_digit(prefix)),
        size_type="22G1",
        seals=("EC000001",),
        description="CARGA DE PRUEBA",
        packages=1080,
        packaging="035",
        weight_kg=Decimal(20_000 + number % 5_000),
    )
    depot = Depot(
        profile=site.depot.profile,
        district=site.depot.district,
        oce=site.depot.oce,
        operator_type=site.depot.operator_type,
        channel=site.depot.channel,
    )
    document = BaseDocument(type=DocumentType.DAE, number=f"0282026400{number % 10_000_000:07d}")
    return Draft(
        draft=str(uuid_utils.uuid7()),
        revision=1,
        visit=visit,
        stay=visit,
        lane=lane,
        status=Status.COMPLETE,
        payload=Payload(
            report=ReportKind.ENTRY,
            depot=depot,
            entered_at=datetime.now(UTC),
            document=document,
            items=(item,),
        ),
        evidence=Evidence(clock="unknown", machine="load", version="0"),
        provenance={"/items/0/weight_kg": Source(evidence=("load",))},
    )


def put_load(
    outbox: Outbox,
    source: Iterator[Letter],
    rate: float,
    seconds: float,
    journal: IO[str],
    stop: threading.Event,
) -> Done:
    """Store ``rate`` letters a second for ``seconds``, or until ``stop``; each id goes to the journal after.

    A full disk or a busy database is waited for: the same letter is tried again. Where storing takes longer
    than its turn, the next follows at once; what was missed is not made up for.
    """
    done, began = Done(), time.monotonic()
    turn = began
    while not stop.is_set() and time.monotonic() - began < seconds:
        if _store(outbox, next(source), journal, stop, done):
            done.stored += 1
        turn = max(turn + 1 / rate, time.monotonic())
        stop.wait(max(0.0, turn - time.monotonic()))
    done.seconds = time.monotonic() - began
    return done


def _store(outbox: Outbox, letter: Letter, journal: IO[str], stop: threading.Event, done: Done) -> bool:
    while not stop.is_set():
        try:
            (stored,) = outbox.put(letter)
        except OutboxBroken:
            done.broken += 1
            stop.wait(RETRY_S)
            continue
        journal.write(stored.id + "\n")
        journal.flush()
        return True
    return False


def wait_until_received(outbox: Outbox, seconds: float, stop: Callable[[], bool] = lambda: False) -> int:
    """Wait until the registry has everything, ``seconds`` at most; how many events still wait."""
    deadline = time.monotonic() + seconds
    while (left := waiting(outbox)) and time.monotonic() < deadline and not stop():
        time.sleep(POLL_S)
    return left


def waiting(outbox: Outbox) -> int:
    """How many events the registry has not answered yet."""
    return sum(number for state, number in outbox.counts().items() if state.waiting)


def journalled(path: Path) -> list[str]:
    """The ids of a journal; a last line that was cut short by a kill is none."""
    text = path.read_text(encoding="ascii") if path.exists() else ""
    return text[: text.rfind("\n") + 1].split()
