"""How a program of the gate logs: one line a happening, libraries only when something is wrong.

A service's log goes to systemd's journal with fields; anything else is lines of text.
"""

from __future__ import annotations

import logging
from typing import Any

from record.journal import journal_of

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
IN_JOURNAL = "%(name)s: %(message)s"
"""The journal knows time and gravity itself."""

TALKATIVE = ("httpx", "httpcore", "uvicorn")
"""Libraries that tell of every request; ours say what matters of it."""

IDENTIFIER = "iie-gateway"


def begin(level: int = logging.INFO, **where: Any) -> None:
    """Log from now on; ``where`` is ``stream`` or ``filename``, as of `logging.basicConfig`."""
    stream = where.get("stream")
    journal = journal_of(stream, IDENTIFIER) if stream is not None else None
    if journal is not None:
        where = {"handlers": [journal]}
    logging.basicConfig(level=level, format=IN_JOURNAL if journal else FORMAT, force=True, **where)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
