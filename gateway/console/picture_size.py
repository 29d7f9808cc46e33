"""Width and height of an encoded picture from its first bytes, without a picture library.

JPEG   FF D8 · segments FF <marker> <length, 2 bytes> … · SOFn FF C0..CF: length, precision, height, width (T.81, B.2.2)
PNG    89 "PNG" … · IHDR: width, height, 4 bytes each (PNG 11.2.2)
BMP    "BM" … · at 18 width, at 22 height, 4 bytes each, little-endian, a height below zero is of a picture from the top
"""

from __future__ import annotations

import struct

Size = tuple[int, int]

PNG = b"\x89PNG\r\n\x1a\n"
NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})
"""Markers between FFC0 and FFCF that begin no frame: tables and an extension."""

ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers that have no segment."""


def picture_size(data: bytes) -> Size | None:
    """Width and height in pixels, None for what is no such picture. Never raises."""
    try:
        if data.startswith(PNG):
            width, height = struct.unpack_from(">II", data, 16)
        elif data.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", data, 18)
            height = abs(height)
        elif data.startswith(b"\xff\xd8"):
            width, height = _jpeg(data)
        else:
            return None
    except (struct.error, IndexError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _jpeg(data: bytes) -> Size:
    """Raises `struct.error` or `IndexError` where the data ends before its frame."""
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in ALONE:
            place += 2
        elif 0xC0 <= marker <= 0xCF and marker not in NO_FRAME:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        else:
            place += 2 + max(2, struct.unpack_from(">H", data, place + 2)[0])
    return 0, 0
