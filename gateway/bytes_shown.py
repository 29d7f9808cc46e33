"""Bytes as a technician reads them: hexadecimal, and characters with the control characters by their names."""

from __future__ import annotations

NAMES = (
    *(
        "NUL",
        "SOH",
        "STX",
        "ETX",
        "EOT",
        "ENQ",
        "ACK",
        "BEL",
        "BS",
        "TAB",
        "LF",
        "VT",
        "FF",
        "CR",
        "SO",
        "SI",
    ),
    *(
        "DLE",
        "DC1",
        "DC2",
        "DC3",
        "DC4",
        "NAK",
        "SYN",
        "ETB",
        "CAN",
        "EM",
        "SUB",
        "ESC",
        "FS",
        "GS",
        "RS",
        "US",
    ),
)
"""The control characters of ASCII."""


def ascii_of(data: bytes) -> str:
    """Characters; control characters as ``<STX>``, what is above ASCII as ``<82>``."""
    return "".join(_character(byte) for byte in data)


def _character(byte: int) -> str:
    if byte < len(NAMES):
        return f"<{NAMES[byte]}>"
    return chr(byte) if byte < 0x7F else f"<{byte:02x}>"


def hex_of(data: bytes) -> str:
    """Two digits a byte with a blank between."""
    return data.hex(" ")


def dumped(data: bytes, width: int = 16) -> list[str]:
    """Lines of ``width`` bytes: hexadecimal at the left, characters at the right."""
    pieces = [data[start : start + width] for start in range(0, len(data), width)]
    return [f"{hex_of(piece):<{width * 3}} {ascii_of(piece)}" for piece in pieces]


def shape(frame: bytes) -> bytes:
    """A scanner's frame with its marks and lengths, every digit as 0, every letter and byte beyond ASCII as A."""
    return bytes(_shaped(byte) for byte in frame)


def _shaped(byte: int) -> int:
    if 0x30 <= byte <= 0x39:
        return 0x30
    return 0x41 if byte > 0x7F or chr(byte).isalpha() else byte
