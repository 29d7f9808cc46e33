"""What the registry says of itself, retained: its state, and the head that it holds of every source."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from record.base import Record, Sha256, Timestamp


class ServiceState(StrEnum):
    """State of a service, gate or registry."""

    STARTING = "starting"
    ONLINE = "online"
    DEGRADED = "degraded"
    STOPPING = "stopping"
    OFFLINE = "offline"


class Head(Record):
    """The last event of a source without a gap before it."""

    sequence: int
    hash: Sha256


class RegistryState(Record):
    """The registry's retained state; the Last Will says *offline* without heads."""

    state: Annotated[ServiceState, Field(strict=False)]
    at: Timestamp
    key: str = Field(default="", description="id of the key that signs receipts")
    heads: dict[str, Head] = Field(default_factory=dict)
    proof: str = ""


class GateState(Record):
    """A gate's retained state; the Last Will says *offline*."""

    state: Annotated[ServiceState, Field(strict=False)]
    at: Timestamp
    installation: str | None = None
    head: Head | None = None
    detail: str | None = None
