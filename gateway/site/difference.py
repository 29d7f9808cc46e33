"""What differs between two readings of a site's file, as data: what a reload has to do, and what it cannot do.

kept for a restart    who the gate is, where its data lies, its keys, broker, registry and page
a lane's devices      each by its own settings: one that is the same is not touched
a lane's rules        everything else of the lane, and the site's rules and tares
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.site.site import LanePart, ScalePart, Site

AT_START = ("gate", "language", "data", "keys", "broker", "registry", "page", "retention", "simulated")
"""Parts of the file that are read when the gate starts, and never again."""

RULES = frozenset(
    {"arrive_kg", "leave_kg", "settle_s", "settle_kg", "require_zeroed", "zero_kg", "steady_kg", "axles"}
    | {"resume_s", "axle_gap_s", "certificate"}
)
"""What a scale's part says of weighing: another figure closes no line."""

assert set(ScalePart.model_fields) > RULES  # noqa: S101 - a key that is renamed there is found at once

Settings = tuple[Any, ...]
"""All that a device is made of; two that are equal make the same device."""


@dataclass(frozen=True, slots=True)
class LaneDifference:
    """One lane of both files: its devices by name, and whether trucks are decided on by other rules."""

    name: str
    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rules: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the lane stays as it is."""
        return not (self.changed or self.new or self.gone or self.rules)


@dataclass(frozen=True, slots=True)
class Difference:
    """Both files compared. ``restart`` names, dotted, what waits for a restart of the gate."""

    lanes: tuple[LaneDifference, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[LaneDifference, ...]:
        """The lanes of both files that do not stay as they are."""
        return tuple(lane for lane in self.lanes if not lane.is_none)


def difference(old: Site, new: Site) -> Difference:
    """What has to be done to a gate at work under ``old`` so that it works under ``new``."""
    before, after = ({lane.name: lane for lane in site.lanes} for site in (old, new))
    shared = _shared(old) != _shared(possible(old, new))
    return Difference(
        lanes=tuple(_lane(before[name], after[name], shared) for name in after if name in before),
        new=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        restart=tuple(_restart(old, new)),
    )


def possible(old: Site, new: Site) -> Site:
    """``new``, with what cannot change while a gate runs as it is in ``old``."""
    kept: dict[str, Any] = {name: getattr(old, name) for name in AT_START}
    kept["depot"] = new.depot.model_copy(update={"name": old.depot.name})
    return new.model_copy(update=kept)


def devices(part: LanePart) -> dict[str, Settings]:
    """Every device of a lane by name, with all that it is made of."""
    found: dict[str, Settings] = {part.scale.name: ("scale", part.scale.model_dump(exclude=set(RULES)))}
    found |= {camera.name: ("camera", camera) for camera in part.cameras}
    found |= {scanner.name: ("scanner", scanner) for scanner in part.scanners}
    found |= {board.name: ("signals", board, part.lights, part.barrier) for board in part.signals}
    return found


def _lane(old: LanePart, new: LanePart, shared: bool) -> LaneDifference:
    before, after = devices(old), devices(new)
    both = [name for name in after if name in before]
    return LaneDifference(
        name=new.name,
        changed=tuple(name for name in both if before[name] != after[name]),
        new=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        unchanged=tuple(name for name in both if before[name] == after[name]),
        rules=shared or _rules(old) != _rules(new),
    )


def _rules(part: LanePart) -> dict[str, Any]:
    """What a lane's part says beside its devices."""
    own = part.model_dump(exclude={"scale", "cameras", "scanners", "signals", "lights", "barrier"})
    return own | {"scale": part.scale.model_dump(include=set(RULES))}


def _shared(site: Site) -> tuple[Any, ...]:
    """What every lane's decisions depend on."""
    return site.depot, site.rules, site.tares


def _restart(old: Site, new: Site) -> Iterator[str]:
    if old.depot.name != new.depot.name:
        yield "depot.name"
    for name in AT_START:
        if getattr(old, name) != getattr(new, name):
            yield name
