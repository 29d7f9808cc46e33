"""How a program of the gate logs: one line a happening, libraries only when something is wrong."""

from __future__ import annotations

import logging
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
TALKATIVE = ("httpx", "httpcore", "uvicorn")
"""Libraries that tell of every request; ours say what matters of it."""


def begin(level: int = logging.INFO, **where: Any) -> None:
    """Log from now on; ``where`` is ``stream`` or ``filename``, as of `logging.basicConfig`."""
    logging.basicConfig(level=level, format=FORMAT, force=True, **where)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
