"""What a receiver hears of a line that is set differently: the bits of the sender, sampled at its own speed.

    line   ‾‾\\__/‾‾0‾‾1‾‾2‾‾3‾‾4‾‾5‾‾6‾‾7‾‾[P]‾‾stop‾‾
            start  data bits, least significant first

A receiver waits for the falling edge, then looks once in the middle of every bit of its own length. Bytes
whose stop bit is low come through as they are, as Linux hands them on when nobody asks it to check.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Wire:
    """How one side has set its line: bits per second, data bits, parity (N, E, O, M, S), stop bits."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: float = 1


def heard(data: bytes, sender: Wire, receiver: Wire) -> bytes:
    """The bytes that ``receiver`` makes of ``data`` sent back to back by ``sender``."""
    if sender == receiver:
        mask = (1 << sender.bits) - 1
        return bytes(byte & mask for byte in data)
    levels = _levels(data, sender)
    return bytes(_sampled(levels, sender.baud / receiver.baud, receiver))


def _levels(data: bytes, wire: Wire) -> list[int]:
    """The line's level in each bit of the sender's length (half a stop bit counts as a whole one)."""
    levels: list[int] = []
    for byte in data:
        bits = [byte >> place & 1 for place in range(wire.bits)]
        levels += [0, *bits, *_parity(bits, wire.parity), *[1] * (2 if wire.stop > 1 else 1)]
    return levels


def _parity(bits: list[int], parity: str) -> list[int]:
    odd = sum(bits) & 1
    return {"N": [], "E": [odd], "O": [1 - odd], "M": [1], "S": [0]}[parity]


def _sampled(levels: list[int], step: float, receiver: Wire) -> list[int]:
    """``step`` is the receiver's bit length in bits of the sender."""
    end = len(levels)
    frame = 1 + receiver.bits + (receiver.parity != "N")

    def level(at: float) -> int:
        place = floor(at)
        return levels[place] if place < end else 1

    found: list[int] = []
    at = 0
    while True:
        while at < end and levels[at] == 1:
            at += 1
        if at >= end:
            return found
        if level(at + step / 2) == 1:
            at += 1
            continue
        found.append(sum(level(at + step * (1.5 + place)) << place for place in range(receiver.bits)))
        stop = at + step * (frame + 0.5)
        after = floor(stop)
        while after < end and level(after) == 0:
            after += 1
        at = max(after, at + 1)
