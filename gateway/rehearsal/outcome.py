"""What came of a rehearsal: the script beside what the gate made and what the registry holds."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from gateway.rehearsal.trucks import Truck


@dataclass(frozen=True, slots=True)
class Sent:
    """The latest revision of one draft in the gate's outbox."""

    draft: str
    dae: str | None
    revision: int
    state: str
    last_fact: datetime
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a rehearsal is judged by."""

    script: list[dict[str, Any]]
    sent: list[Sent]
    held: list[dict[str, Any]]

    @property
    def received(self) -> int:
        """Drafts of this rehearsal that the registry has stored."""
        return len({each["draft"] for each in self.held})

    @property
    def receipts(self) -> int:
        """Drafts whose latest revision has the registry's receipt."""
        return sum(each.state == "received" for each in self.sent)

    @property
    def delays(self) -> list[float]:
        """Seconds from the last fact of each draft to its receipt."""
        return [
            (each.settled_at - each.last_fact).total_seconds()
            for each in self.sent
            if each.state == "received"
        ]

    @property
    def right(self) -> bool:
        """Whether every truck's draft was received once, with the scripted values and none besides."""
        return len(self.script) == len(self.sent) == len(self.held) == self.receipts and all(
            len([held for held in self.held if fits(truck, held)]) == 1 for truck in self.script
        )

    def summary(self) -> dict[str, Any]:
        """The figures as JSON values."""
        delays = sorted(self.delays)
        known = {"p50": round(median(delays), 3), "max": round(delays[-1], 3)} if delays else None
        return {
            "script": [{n: truck[n] for n in ("dae", "container", "weight_kg")} for truck in self.script],
            "drafts": len(self.sent),
            "received": self.received,
            "receipts": self.receipts,
            "seconds_from_last_fact_to_receipt": known or {"p50": None, "max": None},
        }


def fits(truck: dict[str, Any], held: dict[str, Any]) -> bool:
    """Whether a stored draft says what the script says of a truck."""
    return all(held[name] == value for name, value in truck.items())


def outcome(cast: Iterable[Truck], gateway_db: Path, registry_db: Path, since: str) -> Outcome:
    """Look into both databases; only drafts made at or after ``since`` (RFC 3339) count."""
    sent = _sent(gateway_db, since)
    ours = {each.draft for each in sent}
    held = [each for each in _held(registry_db) if each["draft"] in ours]
    return Outcome([truck.expected() for truck in cast], sent, held)


def wait_for_receipts(gateway_db: Path, since: str, trucks: int, patience_s: float) -> bool:
    """Wait until so many visits have closed and nothing waits for a receipt; False when patience ends."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with closing(_open(gateway_db)) as db:
            closed, waiting = db.execute(
                "SELECT sum(type = 'ec.iie.visit.closed'), sum(state IN ('new', 'sent', 'acknowledged'))"
                " FROM letters WHERE created_at >= ?",
                [since],
            ).fetchone()
        if (closed or 0) >= trucks and not waiting:
            return True
        time.sleep(0.2)
    return False


def _sent(gateway_db: Path, since: str) -> list[Sent]:
    with closing(_open(gateway_db)) as db:
        rows = db.execute(
            "SELECT subject, body, state, changed_at FROM letters"
            " WHERE type = 'ec.iie.draft' AND created_at >= ? ORDER BY row",
            [since],
        ).fetchall()
    latest = {draft: _latest(draft, *rest) for draft, *rest in rows}
    return list(latest.values())


def _latest(draft: str, body: bytes, state: str, changed_at: str) -> Sent:
    data = json.loads(body)["data"]
    evidence = data["evidence"]
    facts = [fact["at"] for kind in ("weighings", "scans", "sightings") for fact in evidence[kind]]
    document = data["payload"].get("document")
    return Sent(
        draft=draft,
        dae=document["number"] if document else None,
        revision=data["revision"],
        state=state,
        last_fact=max(datetime.fromisoformat(fact) for fact in facts),
        settled_at=datetime.fromisoformat(changed_at),
    )


def _held(registry_db: Path) -> list[dict[str, Any]]:
    """What `iie-registry list` says, as its users see it."""
    command = [sys.executable, "-m", "registry", "list", "--json", "--db", str(registry_db)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    held: list[dict[str, Any]] = json.loads(shown)
    return held


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
