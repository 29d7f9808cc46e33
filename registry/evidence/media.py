"""What a file is, by its bytes alone: JPEG, PNG, or a JSON object.

JPEG  FF D8 │ FF marker, length, … │ … FF DA (scan) … FF D9      ITU-T T.81, annex B
PNG   89 50 4E 47 0D 0A 1A 0A │ IHDR … IEND                      W3C PNG, 5.2
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from record.upload import FileKind

JPEG, PNG, JSON = "image/jpeg", "image/png", "application/json"

TAKEN: Mapping[FileKind, frozenset[str]] = {
    FileKind.PICTURE: frozenset({JPEG, PNG}),
    FileKind.CROP: frozenset({JPEG, PNG}),
    FileKind.PERSONAL: frozenset({JSON}),
}
"""What a file of each kind may be."""

SUFFIX: Mapping[str, str] = {JPEG: ".jpg", PNG: ".png", JSON: ".json"}

PNG_BEGIN = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def media_type(data: bytes) -> str | None:
    """The media type of a whole file, None for everything that is not taken."""
    if _is_jpeg(data):
        return JPEG
    if data.startswith(PNG_BEGIN) and data[12:16] == b"IHDR" and data.endswith(PNG_END):
        return PNG
    return JSON if _is_object(data) else None


def _is_jpeg(data: bytes) -> bool:
    """Whether marker follows marker from the first byte to a scan, and the file ends with its end."""
    if not data.startswith(b"\xff\xd8") or not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        return False
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            return True
        if marker == 0xFF:
            place += 1
        elif marker in STANDALONE:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return False


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data.decode()), dict)
    except (ValueError, RecursionError):
        return False
