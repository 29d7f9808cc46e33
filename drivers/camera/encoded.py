"""Encoded pictures as bytes: what they are and whether they are whole, without decoding a pixel.

    JPEG  FF D8 FF ........................ FF D9 [padding]
    PNG   89 50 4E 47 0D 0A 1A 0A ......... 00 00 00 00 49 45 4E 44 AE 42 60 82

Some cameras pad a JPEG with zeros or a short trailer after its end marker; 64 bytes beside zeros are allowed.
"""

from __future__ import annotations

from drivers.readings import Picture, Skip, Skipped

JPEG = "image/jpeg"
PNG = "image/png"
LARGEST = 16 * 1024 * 1024
"""Bytes of the largest encoded picture that is taken: a 20-megapixel JPEG has about 8 MB."""

_JPEG_START = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_TRAILER = 64
_SHOWN = 64


def media_type(data: bytes) -> str | None:
    """`image/jpeg` or `image/png` by the first bytes, None for anything else."""
    if data.startswith(_JPEG_START):
        return JPEG
    if data.startswith(_PNG_START):
        return PNG
    return None


def is_whole(data: bytes) -> bool:
    """Whether the picture's end marker is there. Says nothing of damage in the middle."""
    end = {JPEG: _JPEG_END, PNG: _PNG_END}.get(media_type(data) or "")
    if end is None:
        return False
    content = data.rstrip(b"\0")
    return content.find(end, max(0, len(content) - _TRAILER - len(end))) >= 0


def picture(data: bytes) -> Picture | Skipped:
    """The bytes as a picture, or the reason why they are none. Never raises.

    No picture at all (an HTML page, say) is `NOT_MINE`, a cut one `TOO_SHORT`, one above `LARGEST`
    `IMPOSSIBLE`.
    """
    kind = media_type(data)
    if kind is None:
        return Skipped(Skip.NOT_MINE, data[:_SHOWN])
    if len(data) > LARGEST:
        return Skipped(Skip.IMPOSSIBLE, data[:_SHOWN])
    if not is_whole(data):
        return Skipped(Skip.TOO_SHORT, data[:_SHOWN])
    return Picture(data, kind)
