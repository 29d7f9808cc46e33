"""Pictures that a command is given as files: their bytes, and why they cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

from record.messages import text


def content(file: Path) -> bytes:
    """The file's content; nothing, with a word on stderr, when it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return b""


def unreadable(data: bytes, lang: str) -> str:
    """Why nothing can be read in a picture: what it is instead, with its size where that is the reason."""
    from ocr.picture import MOST_PIXELS, SMALLEST, Flaw, announced_size, flaw

    wide, high = announced_size(data) or (0, 0)
    why = flaw(data) or Flaw.UNKNOWN
    reason = text(
        f"reading.flaw.{why.value}", lang, wide=wide, high=high, least=SMALLEST, most=MOST_PIXELS // 1_000_000
    )
    return f"{text('reading.unreadable', lang)}: {reason}"
