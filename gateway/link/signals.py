"""What a connection tells the thread that owns it. Named tuples: paho's thread makes two of each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Published(NamedTuple):
    """The broker's PUBACK, with its reason code."""

    mid: int
    reason: int
    text: str


class Arrived(NamedTuple):
    """A message of a subscription."""

    topic: str
    payload: bytes


class Lost(NamedTuple):
    """The connection has ended; ``refused`` where the broker ended it for a reason that stays."""

    text: str
    refused: bool = False
    reason: int = 0x80


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody outside has work for the thread that owns the connection."""


Signal = Published | Arrived | Lost | Woken
