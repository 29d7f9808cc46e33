"""Sums and other checks that indicators put behind their frames."""

from __future__ import annotations

from functools import reduce
from operator import xor as exclusive_or


def total(data: bytes) -> int:
    """Sum of all bytes."""
    return sum(data)


def xor(data: bytes) -> int:
    """Exclusive or of all bytes, 0 for none."""
    return reduce(exclusive_or, data, 0)


_ODD = frozenset(byte for byte in range(256) if byte.bit_count() % 2)


def even_handed(sent: bytes) -> bool:
    """Whether bit 7 of these bytes, where it is used at all, is one and the same parity throughout.

    Seven bits with even, odd, mark or space parity read as eight bits pass; a byte that breaks the rule was
    damaged on the line.
    """
    if sent.isascii():
        return True
    odd = sum(byte in _ODD for byte in sent)
    return odd == 0 or odd == len(sent) or all(byte & 0x80 for byte in sent)


def hexadecimal(digits: bytes) -> int | None:
    """Value of hexadecimal digits, None where one is no such digit (signs and blanks are none)."""
    if not digits or any(byte not in b"0123456789ABCDEFabcdef" for byte in digits):
        return None
    return int(digits, 16)


def crc8(data: bytes, polynomial: int) -> int:
    """Remainder of eight bits, most significant bit first, started at 0; the last byte is taken in as well.

    The remainder of a message with its check at the end is 0; that of a message with a zero is its check.
    """
    remainder = 0
    for byte in data:
        remainder = remainder << 8 | byte
        for _ in range(8):
            remainder <<= 1
            if remainder & 0x10000:
                remainder ^= 0x10000 | polynomial << 8
        remainder >>= 8
    return remainder
