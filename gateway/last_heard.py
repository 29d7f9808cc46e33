"""What each device said last, kept in a file of the data folder.

A port belongs to one process: while the gate is at work, the doctor cannot hear a device itself. Support reads
the file in the bundle.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from gateway.board import GateView
from gateway.bytes_shown import shape
from gateway.site.site import Site

log = logging.getLogger(__name__)

FILE = "last_heard.json"


def scanners_of(site: Site) -> set[tuple[str, str]]:
    """Lane and name of every scanner: what these say is shown by its shape only."""
    return {(lane.name, scanner.name) for lane in site.lanes for scanner in lane.scanners}


def last_heard(view: GateView, site: Site) -> list[dict[str, object]]:
    """One object for each device: lane, device, state, since, last good reading, skips, error, and the newest frame
    in hexadecimal digits; of a scanner its shape only, since papers that name people are scanned too."""
    scanners = scanners_of(site)
    return [
        {
            "lane": lane.name,
            "device": name,
            "state": status.state.value,
            "since": status.since.isoformat(),
            "last_good": status.last_good.isoformat() if status.last_good else None,
            "skips": {skip.value: count for skip, count in status.skips.items()},
            "error": status.error,
            "raw": (shape(status.last_raw) if (lane.name, name) in scanners else status.last_raw).hex(),
        }
        for lane in view.lanes.values()
        for name, status in sorted(lane.devices.items())
    ]


class LastHeard:
    """Writes the file each ``every`` calls of `look`, the first time at once, and only where something differs."""

    def __init__(
        self, view: Callable[[], GateView], site: Callable[[], Site], data: Path, every: int = 6
    ) -> None:
        self._view, self._site, self._file, self._every = view, site, data / FILE, every
        self._looks = 0
        self._written = ""

    def look(self) -> None:
        """One look. A disk that refuses is told by others already; the file is then as old as it says."""
        self._looks += 1
        if self._looks % self._every != 1 % self._every:
            return
        text = json.dumps(last_heard(self._view(), self._site()), indent=1, ensure_ascii=False)
        if text == self._written:
            return
        half = self._file.with_suffix(".half")
        try:
            half.write_text(text, encoding="utf-8")
            half.replace(self._file)
        except OSError as error:
            log.debug("%s: not written: %s", self._file, error.strerror)
        else:
            self._written = text
