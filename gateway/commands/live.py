"""What the devices of a site say when they are opened, as lines for a technician and objects for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.commands.monitor import reading_line, status_line
from gateway.site.site import Site
from gateway.trial import Trial, Tried


@dataclass(frozen=True, slots=True)
class Shown:
    """One device after its trial."""

    tried: Tried

    @property
    def well(self) -> bool:
        """As `Tried.well`."""
        return self.tried.well

    def line_text(self, language: str) -> str:
        """How it fares, what it said last, and what to check next."""
        tried = self.tried
        if tried.status is None:
            return f"{tried.lane} {tried.name}"
        said = f"  {reading_line(tried.last, language)}" if tried.last is not None and tried.well else ""
        return f"{tried.lane} {tried.name}: {status_line(tried.status, language)}{said}"

    def as_json(self) -> dict[str, object]:
        """The same for programs; ``raw`` is the newest frame, or stretch of noise, in hexadecimal digits."""
        tried, status = self.tried, self.tried.status
        return {
            "lane": tried.lane,
            "device": tried.name,
            "state": status.state.value if status else None,
            "error": status.error if status else None,
            "raw": status.last_raw.hex() if status else "",
            "last": reading_line(tried.last) if tried.last is not None else None,
        }


def listened(site: Site, folder: Path, seconds: float) -> list[Shown]:
    """Every device of a site after at most so many seconds."""
    return [Shown(tried) for tried in Trial(site, folder).run(seconds)]
