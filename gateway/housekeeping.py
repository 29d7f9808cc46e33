"""Housekeeping: what is too old is removed from the data folder, and what went is told."""

from __future__ import annotations

import logging
from pathlib import Path

from gateway.retention import sweep
from gateway.site.site import Retention

log = logging.getLogger(__name__)

SWEEP_FIRST_S, SWEEP_EVERY_S = 60.0, 3600.0
"""When the gate is at work for a minute, then once an hour."""


def keep_house(data: Path, rules: Retention) -> None:
    """One sweep."""
    swept = sweep(data, rules)
    if swept.pictures or swept.personal or swept.tapes:
        log.info(
            "housekeeping: removed %s pictures, %s personal files, %s tapes",
            swept.pictures,
            swept.personal,
            swept.tapes,
        )
