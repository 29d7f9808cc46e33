"""A capture of a scale of which nothing is known, cut into frames: by marks, by line ends, or by what comes again."""

from __future__ import annotations

import re

from drivers.scale.protocol import SEVEN_BITS

SHORTEST, LONGEST = 4, 64
"""Bytes of a frame that is known only by coming again."""

_WEIGHT = re.compile(rb"[\d .,+-]")
_AFTER_A_NUMBER = re.compile(rb"(?<=\d)[ +-]")
_MARK = re.compile(rb"[^A-Za-z\d .,+-]")


def captured(data: bytes) -> list[bytes]:
    """The frames of a capture: by STX where it has one, else by line ends, else by what comes again and again.

    Cut ones at both ends are left out.
    """
    data = data.translate(SEVEN_BITS)
    if b"\x02" in data:
        return re.findall(rb"\x02[^\x02\x03\r\n]*(?:\x03|\r\n?|\n)", data)
    length = _period(data)
    if length is not None:
        return [data[at : at + length] for at in range(_begin(data, length), len(data) - length + 1, length)]
    return [line for line in re.split(rb"(?<=\n)|(?<=\r)(?!\n)", data) if line.strip()]


def shape(frame: bytes) -> bytes:
    """A frame without what differs from line to line: every number is one sign, every word another."""
    return re.sub(rb"0+", b"0", re.sub(rb"[A-Za-z]+", b"A", _WEIGHT.sub(b"0", frame)))


def _period(data: bytes) -> int | None:
    """After how many bytes everything but the number comes again; None where lines end or nothing does."""
    if re.search(rb"[\r\n\x03]", data):
        return None
    outline = _WEIGHT.sub(b"0", re.sub(rb"[A-Za-z]", b"A", data))
    lengths = range(SHORTEST, min(len(data) // 3, LONGEST) + 1)
    return next((length for length in lengths if outline[length:] == outline[:-length]), None)


def _begin(data: bytes, length: int) -> int:
    """Where the first whole frame begins: with a mark where there is one, else behind the end of a number."""
    found = _MARK.search(data, 0, length) or _AFTER_A_NUMBER.search(data, 0, 2 * length)
    return 0 if found is None else found.start() % length
