"""One correction (CII): what of an approved report customs is asked to change, or that it is to be cancelled.

    change          fields of the report, each with what stood there and what is to stand there
    swap            its base document for that of another report, whose correction is tied to it (the twin)
    cancellation    the whole report; where it was the wrong document, another report takes its place

It moves through the states of a report. It is only asked for while the report is approved, and never once its
document is regularised (SENAE-DGN-2014-0846-RE, art. 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from record.codes import CodeList
from record.messages import Phrase
from registry.people.role import Right
from registry.people.who import Who
from registry.reports.field import OF_ITEM, OF_REPORT, Kind, kind_of, shown
from registry.reports.report import label
from registry.reports.state import MOVES, State, What, move

OPEN = frozenset(
    {State.DRAFT, State.REVIEWED, State.EXPORTED, State.QUEUED, State.SENT, State.ERROR, State.REJECTED}
)
"""States in which a correction keeps others of the same report from being made."""

BY_A_PERSON = frozenset({State.DRAFT, State.REVIEWED, State.ERROR, State.REJECTED})
"""States in which a correction waits for somebody of the depot."""

DEEDS = (
    What.REVIEWED,
    What.QUEUED,
    What.EXPORTED,
    What.APPROVED,
    What.REJECTED,
    What.FAILED,
    What.UNQUEUED,
    What.REOPENED,
    What.WITHDRAWN,
)
"""What a person does to a correction, the way forward first."""

OF_TRANSMISSION = frozenset({What.QUEUED, What.FAILED, What.UNQUEUED})
"""Deeds that take a way to customs' system; `registry.web.customs` says when each is offered."""

TOGETHER = frozenset(
    {What.REVIEWED, What.EXPORTED, What.QUEUED, What.UNQUEUED, What.REOPENED, What.WITHDRAWN}
)
"""Deeds that are done to both corrections of a swap; customs answers each for itself."""

NOT_CORRECTED = frozenset({"loose", "document"})
"""Fields that no list of changes holds: one is not in the document, the other takes a swap or a cancellation."""


class Aim(StrEnum):
    """What a correction is for."""

    CHANGE = "change"
    SWAP = "swap"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it stands. ``changes`` are ``{field, before, after}`` with JSON Pointers into the payload."""

    position: int
    id: str
    version: int
    state: State
    kind: Aim
    depot: str
    report: int
    number: str
    changes: Sequence[Mapping[str, Any]]
    reason: str
    user: str
    name: str
    role: str
    made_at: datetime
    changed_at: datetime
    twin: str | None = None
    successor: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What each field is to be."""
        return {str(each["field"]): each["after"] for each in self.changes}

    def possible(self, who: Who) -> tuple[What, ...]:
        """What this person may do to it now: nobody reviews what they have written themselves."""
        found = [what for what in DEEDS if self.next(what, who.may(Right.OVERRIDE)) is not None]
        return tuple(what for what in found if what is not What.REVIEWED or who.id != self.user)

    def next(self, what: What, override: bool = False) -> State | None:
        """Where a deed leads; None where it cannot be done. What customs has approved stays approved.

        ``override``: a supervisor says that customs' answer came another way.
        """
        if what not in MOVES or what not in DEEDS or self.state is State.APPROVED:
            return None
        return move(what, self.state, override)

    def overrides(self, what: What) -> bool:
        """Whether a deed takes a supervisor in this state, and a reason."""
        return self.next(what) is None and self.next(what, override=True) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a correction as customs reads it: item, code of the field, before, after.

    ``code`` is None where nobody knows it.
    """

    item: int | None
    label: Phrase
    code: str | None
    before: str
    after: str


def correctable(pointer: str) -> bool:
    """Whether a field may stand in a list of changes."""
    return kind_of(pointer) is not None and pointer.rpartition("/")[2] not in NOT_CORRECTED


def lines(correction: Correction, codes: CodeList) -> list[Line]:
    """The lines of a correction in the order of the form: each seal is one of its own."""
    known = {entry.more["field"]: code for code, entry in codes.items() if "field" in entry.more}
    changes = sorted(correction.changes, key=lambda each: _rank(str(each["field"])))
    return [line for each in changes for line in _lines(each, known)]


def _lines(change: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[Line]:
    pointer = str(change["field"])
    name, item = pointer.rpartition("/")[2], item_of(pointer)
    before, after = change["before"], change["after"]
    if name != "seals":
        yield Line(item, label(pointer), known.get(name), _text(pointer, before), _text(pointer, after))
        return
    old, new = [*(before or [])], [*(after or [])]
    for place in range(max(len(old), len(new))):
        was, becomes = _at(old, place), _at(new, place)
        if was != becomes:
            seal = Phrase("console.copyview.seal", {"number": place + 1})
            yield Line(item, seal, known.get(f"seals/{place}"), was, becomes)


def item_of(pointer: str) -> int | None:
    """The item that a field is of, from 1; None for one of the report."""
    parts = pointer.split("/")
    return int(parts[2]) + 1 if parts[1] == "items" else None


def _rank(pointer: str) -> tuple[int, int]:
    order = [*OF_REPORT, *OF_ITEM]
    return item_of(pointer) or 0, order.index(pointer.rpartition("/")[2])


def _at(seals: Sequence[Any], place: int) -> str:
    return str(seals[place]) if place < len(seals) else ""


def _text(pointer: str, value: Any) -> str:
    """A value as customs reads it: a document by its number alone, a time in UTC."""
    kind = kind_of(pointer)
    if value is None or kind is None:
        return ""
    if kind is Kind.DOCUMENT:
        return str(value["number"])
    return str(value) if kind is Kind.MOMENT else shown(kind, value)
