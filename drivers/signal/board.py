"""What an input and output board is: named inputs that can be looked at, named outputs that can be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Point:
    """One input or output: its name for the site, its number on the board.

    ``inverted``: a closed contact means off (a barrier's safety loop, a relay that rests switched on).
    ``coil``: on a Modbus board, an input that is read as a coil and not as a discrete input.
    """

    name: str
    number: int
    inverted: bool = False
    coil: bool = False


class Board(Protocol):
    """An open board. Everything raises `OperationFailed` when the board has gone away."""

    def inputs(self) -> Mapping[str, bool]:
        """The state of every input now, by name; inverted ones already turned."""

    def set(self, name: str, on: bool) -> None:
        """Switch the output of this name."""

    def wait(self, timeout: float) -> None:
        """Come back when an input may have changed, at the latest after ``timeout`` seconds."""

    def close(self) -> None:
        """Let go of the board. Never raises."""
