"""What a gate says of its own condition, retained: devices by lane, outbox, clock and disk. No event, not signed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from record.base import Name, Record, Timestamp


class OutboxHealth(Record):
    """What the registry has not received yet."""

    waiting: Annotated[int, Field(ge=0)] = Field(description="events that the registry has not received")
    oldest: Timestamp | None = Field(default=None, description="when the oldest of them was made")
    aside: Annotated[int, Field(ge=0)] = Field(default=0, description="records that no event could hold")


class GateHealth(Record):
    """A gate's condition, told when something in it changes, at most every ten seconds."""

    at: Timestamp
    devices: dict[Name, dict[str, str]] = Field(
        description="by lane and device: missing, silent, noise, no_weight, streaming and the like"
    )
    outbox: OutboxHealth | None = Field(default=None, description="absent while the outbox cannot be read")
    clock: str = Field(description="synchronised, unsynchronised or unknown")
    disk_free_percent: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="room where the outbox lies; absent where it cannot be asked for"
    )
