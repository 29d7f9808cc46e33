"""What a connection tells the thread that owns it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's PUBACK, with its reason code."""

    mid: int
    reason: int
    text: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of a subscription."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection has ended; ``refused`` where the broker ended it for a reason that stays."""

    text: str
    refused: bool = False
    reason: int = 0x80


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody outside has work for the thread that owns the connection."""


Signal = Published | Arrived | Lost | Woken
