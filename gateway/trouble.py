"""What is wrong at a lane while it goes on: shown on the board, and told as the gate's state *degraded*."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """One kind of trouble. Texts: ``trouble.fault`` and so on, each with what a person does about it."""

    FAULT = "fault"
    """A rule failed, by a fault of ours: the truck on the scale may be told wrong or not at all."""
    RECORD = "record"
    """Something could not become an event and was set aside."""
    OUTBOX = "outbox"
    """The outbox takes nothing; what has to be told waits in memory."""
    TAPE = "tape"
    """No tape is written: a kill now would lose the truck on the scale."""
    RECOVERY = "recovery"
    """The tape of a truck that was there at the last stop could not be gone on with."""
    MASKED = "masked"
    """The indicator shows net, tare or held weights alone, so that no truck can be weighed."""
    EVIDENCE = "evidence"
    """Pictures are not kept."""
