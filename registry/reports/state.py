"""The states of a report, and what leads from one to another.

    draft ─review─▶ reviewed ─export─▶ exported ──────────────┐
      ▲ ▲              │ ▲  └─queue──▶ queued ─send─▶ sent ────┤
      │ └───reopen─────┘ └────unqueue────┘ └──fail──▶ error ◀──┤fail
      │                                    ◀──queue──── │      ├─approve─▶ approved
      └────────────────reopen───────────────────────────┴──────┴─reject──▶ rejected ─reopen─▶ draft, new number

*queued*, *sent*, *approved*, *rejected*, *error* are what customs' systems call N, S, A, R, E. A draft that is
given up, by its gate or by a person, is *withdrawn* for good. An approved report changes by corrections (CII) only:
what customs has approved of them is *corrected* in it, or it is *cancelled*.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a report is."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    EXPORTED = "exported"
    QUEUED = "queued"
    SENT = "sent"
    APPROVED = "approved"
    REJECTED = "rejected"
    ERROR = "error"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def letter(self) -> str:
        """The letter that operators' systems have for it; empty for a state of ours alone."""
        return {"queued": "N", "sent": "S", "approved": "A", "rejected": "R", "error": "E"}.get(
            self.value, ""
        )

    @property
    def has_left(self) -> bool:
        """Whether customs may have the report: nothing is applied to it by itself any more."""
        return self in LEFT


LEFT = frozenset(
    {
        State.EXPORTED,
        State.QUEUED,
        State.SENT,
        State.APPROVED,
        State.REJECTED,
        State.ERROR,
        State.CANCELLED,
    }
)
OPEN = frozenset({State.DRAFT, State.REVIEWED})
"""States in which a report is still the depot's own."""


class What(StrEnum):
    """What a change did. Those of a gate or of the machine come by themselves."""

    RECEIVED = "received"
    CREATED = "created"
    REVISED = "revised"
    PROPOSED = "proposed"
    VOIDED = "voided"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    REVIEWED = "reviewed"
    REOPENED = "reopened"
    EXPORTED = "exported"
    QUEUED = "queued"
    UNQUEUED = "unqueued"
    SENT = "sent"
    APPROVED = "approved"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


NOT_A_DEED = frozenset(
    {
        What.RECEIVED,
        What.CREATED,
        What.REVISED,
        What.PROPOSED,
        What.VOIDED,
        What.COMPLETED,
        What.CONFIRMED,
        What.CORRECTED,
        What.CANCELLED,
    }
)
"""Changes that are no move of a report by a person."""

MOVES: dict[What, tuple[frozenset[State], State]] = {
    What.REVIEWED: (frozenset({State.DRAFT}), State.REVIEWED),
    What.REOPENED: (
        frozenset({State.REVIEWED, State.EXPORTED, State.REJECTED, State.ERROR}),
        State.DRAFT,
    ),
    What.EXPORTED: (frozenset({State.REVIEWED}), State.EXPORTED),
    What.QUEUED: (frozenset({State.REVIEWED, State.ERROR}), State.QUEUED),
    What.UNQUEUED: (frozenset({State.QUEUED}), State.REVIEWED),
    What.SENT: (frozenset({State.QUEUED}), State.SENT),
    What.APPROVED: (frozenset({State.EXPORTED, State.SENT}), State.APPROVED),
    What.REJECTED: (frozenset({State.EXPORTED, State.SENT}), State.REJECTED),
    What.FAILED: (frozenset({State.QUEUED, State.SENT}), State.ERROR),
    What.WITHDRAWN: (frozenset({State.DRAFT}), State.WITHDRAWN),
}
"""From where to where each deed leads. What is not here leaves the state as it is."""

OVERRIDES: dict[What, frozenset[State]] = {
    What.APPROVED: frozenset({State.ERROR, State.REJECTED, State.QUEUED}),
    What.REJECTED: frozenset({State.ERROR, State.APPROVED, State.QUEUED}),
}
"""What else a supervisor may say, with a reason: customs' answer came another way."""

NEEDS_REASON = frozenset(
    {What.REOPENED, What.REJECTED, What.FAILED, What.WITHDRAWN, What.DISMISSED, What.UNQUEUED}
)
"""Deeds that tell why."""


def move(what: What, state: State, override: bool = False) -> State | None:
    """The state after a deed; None where it cannot be done in this state."""
    if what not in MOVES:
        return state
    sources, target = MOVES[what]
    if state in sources or (override and state in OVERRIDES.get(what, frozenset())):
        return target
    return None


def possible(state: State, override: bool = False) -> tuple[What, ...]:
    """The deeds that lead on from a state, in the order of the states."""
    return tuple(what for what in MOVES if move(what, state, override) is not None)
