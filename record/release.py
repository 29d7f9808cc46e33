"""What customs lets leave (RADS), as the registry tells its gates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from record.base import Record, Timestamp
from record.draft import ExitReason
from record.preadvice import Keys


class Release(Record):
    """One release: which cargo may leave, why, and until when."""

    id: str
    version: Annotated[int, Field(ge=1)] = 1
    valid_until: Timestamp | None = None
    reason: Annotated[ExitReason, Field(strict=False)] = ExitReason.LOAD
    keys: Keys
    proof: str = Field(default="", description="the registry's, where it came over MQTT")
