"""Trucks that pass a gate which may die under them: `iie-gateway run` with a scale and a scanner on real lines.

    truck     drives on ──▶ stands ──▶ paper is scanned until the draft names it ──▶ drives off ──▶ visit closed
    gate                     kill -9, start again

However often the gate dies, each truck has to become one visit and one draft, in revisions without a gap.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from drivers.readings import Stability
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.rehearsal.drive import drive
from record.event import EventType

GROSS_KG = Decimal(30_000)
SCAN_EVERY_S = 0.5
LOOK_EVERY_S = 0.1

Told = Callable[[EventType], list[dict[str, Any]]]
"""The ``data`` of a gate's events of one type, in their order."""


def lane(folder: Path) -> dict[str, Any]:
    """The lane of the site's file, with its devices in ``folder``."""
    return {
        "name": "l1",
        "scale": {"protocol": "mt_continuous", "port": str(folder / "scale")},
        "scanners": [{"name": "lector", "port": str(folder / "scanner")}],
    }


class Passing:
    """The trucks of one lane, in a thread of their own. As a context the devices are there.

    ``told`` is what the gate has stored.
    """

    def __init__(self, folder: Path, told: Told) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._scale = ScaleSimulator(folder / "scale", "mt_continuous", seven_bit=True)
        self._scanner = ScannerSimulator(folder / "scanner")
        self._told = told
        self._last, self._broken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._pass, name="trucks", daemon=True)
        self.standing = threading.Event()
        self.passed: list[str] = []

    def __enter__(self) -> Self:
        self._scale.start()
        self._scanner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._last.set()
        self._broken.set()
        self._scanner.close()
        self._scale.close()
        if self._thread.is_alive():
            self._thread.join(10)

    def start(self) -> None:
        """Let the first truck come."""
        self._thread.start()

    def end(self) -> None:
        """Let no further truck come."""
        self._last.set()

    @property
    def over(self) -> bool:
        """Whether the last truck has left, and its visit is closed."""
        return not self._thread.is_alive()

    def _pass(self) -> None:
        while not self._last.is_set():
            paper = f"0282026400{len(self.passed) + 1:07d}"
            if self._one(paper):
                self.passed.append(paper)

    def _one(self, paper: str) -> bool:
        """One truck; False where the rehearsal ended under it."""
        passage = list(drive(GROSS_KG, 0.0))
        still = [weight.stability for _, weight in passage].index(Stability.STABLE)
        self._scale.play(passage[: still + 1])
        self.standing.set()
        while paper not in papers(self._told):
            self._scanner.send(paper)
            if self._broken.wait(SCAN_EVERY_S):
                return False
        self.standing.clear()
        left = passage[still + 1 :]
        self._scale.play((second - left[0][0], weight) for second, weight in left)
        while len(self._told(EventType.VISIT_CLOSED)) <= len(self.passed):
            if self._broken.wait(LOOK_EVERY_S):
                return False
        return True


def papers(told: Told) -> dict[str, list[tuple[str, str, int]]]:
    """Draft, visit and revision of each event of a draft, by the number of its base document."""
    found = defaultdict(list)
    for data in told(EventType.DRAFT):
        document = data["payload"].get("document")
        if document:
            found[document["number"]].append((data["draft"], data["visit"], data["revision"]))
    return dict(found)


def judged(passed: list[str], told: Told) -> list[str]:
    """What is wrong with the trucks that passed, as the registry holds them: nothing, if all went well."""
    wrong, known = [], papers(told)
    for paper in passed:
        revisions = known.get(paper, [])
        drafts, visits = {each[0] for each in revisions}, {each[1] for each in revisions}
        if (len(drafts), len(visits)) != (1, 1):
            wrong.append(f"the truck with {paper} is {len(drafts)} drafts of {len(visits)} visits")
    closed = [data["visit"] for data in told(EventType.VISIT_CLOSED)]
    if len(closed) != len(set(closed)) or len(closed) != len(passed):
        wrong.append(
            f"{len(passed)} trucks passed, {len(closed)} visits closed, {len(set(closed))} of them once"
        )
    by_draft = defaultdict(list)
    for data in told(EventType.DRAFT):
        by_draft[data["draft"]].append(data["revision"])
    for draft, numbers in by_draft.items():
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"draft {draft} has the revisions {numbers}")
    return wrong
