"""The trays of the inbox: what has to be done next with a report."""

from __future__ import annotations

from enum import StrEnum

from registry.reports.state import State


class Tray(StrEnum):
    """Where a report lies. *proposed* is beside the others: a gate would have it otherwise than it has left."""

    COMPLETE = "complete"
    REVIEW = "review"
    EXPORT = "export"
    WAITING = "waiting"
    REFUSED = "refused"
    PROPOSED = "proposed"


OF_STATE = {
    State.REVIEWED: Tray.EXPORT,
    State.EXPORTED: Tray.WAITING,
    State.QUEUED: Tray.WAITING,
    State.SENT: Tray.WAITING,
    State.REJECTED: Tray.REFUSED,
    State.ERROR: Tray.REFUSED,
}


def tray_of(state: State, open_matters: int) -> Tray | None:
    """The tray of a report by its state; None where nothing has to be done any more."""
    if state is State.DRAFT:
        return Tray.COMPLETE if open_matters else Tray.REVIEW
    return OF_STATE.get(state)
