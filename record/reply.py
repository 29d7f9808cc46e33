"""What a gate answers to a command: signed by the gate, with the command's id as correlation data."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from record.base import Record, Timestamp


class CommandOutcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"


class Reply(Record):
    """One answer. A command that comes again gets the answer of the first time, and nothing is done again."""

    command: str = Field(description="id of the command")
    gate: str = Field(description="depot/gate")
    outcome: Annotated[CommandOutcome, Field(strict=False)]
    detail: str = Field(default="", description="why it was refused")
    result: dict[str, str | int] = Field(default_factory=dict, description="what was done, by the command")
    at: Timestamp
    proof: str = ""
