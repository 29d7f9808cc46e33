"""What the registry asks of one gate: a signed command on the gate's own topic, good until it expires.

MQTT 5 carries the topic of the answer and the command's id (as correlation data) beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from record.base import Name, Record, Timestamp


class CommandName(StrEnum):
    """Everything that a registry can ask."""

    RESEND = "resend"
    RELOAD = "reload"
    VOID = "void"
    REREAD = "reread"


class Command(Record):
    """One command. A gate obeys it once, if it is its own, signed by the registry's key and not expired."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$", description="UUIDv7; also the correlation data")]
    name: Annotated[CommandName, Field(strict=False)]
    params: dict[str, str | int] = Field(default_factory=dict)
    gate: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}/[a-z0-9-]{1,32}$", description="depot/gate")]
    at: Timestamp
    expires: Timestamp
    proof: str = ""


class Resend(Record):
    """The parameters of *resend*: the events of one source from one sequence to another, both included."""

    source: str
    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]


class OfLane(Record):
    """The parameters of *void* and *reread*: the truck on a lane, and who asks for it and why.

    With ``visit`` it is done for that truck only, not for the next one that stands there by then.
    """

    lane: Name
    person: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    visit: str | None = None
