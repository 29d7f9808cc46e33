"""What a truck must have shown to be worth a draft: one that left half known may have brought cargo."""

from __future__ import annotations

from gateway.clerk.boxes import Certainty, boxes
from gateway.clerk.case import documents, weighs_twice
from gateway.clerk.visit import Visit
from gateway.site.site import Direction, Flow, LanePart, Site


def is_ready(visit: Visit, lane: LanePart) -> bool:
    """Whether a first revision can be made: a settled weight, and a base document or, on its lane, a container."""
    known = lane.flow is Flow.CONTAINER and boxes(visit.sightings).certainty is Certainty.KNOWN
    return visit.weighing is not None and (known or bool(documents(visit)))


def is_worth_a_draft(visit: Visit, site: Site, lane: LanePart) -> bool:
    """Whether a truck that left half known may have brought cargo, so that a person has to look."""
    looks = lane.flow is Flow.CONTAINER
    seen = looks and boxes(visit.sightings).certainty is not Certainty.NOTHING
    return is_ready(visit, lane) or seen or bool(documents(visit)) or _is_loaded(visit, site, lane)


def _is_loaded(visit: Visit, site: Site, lane: LanePart) -> bool:
    """Whether the weight is more than an empty truck's; unknown tares give no answer, so it may be."""
    if visit.weighing is None:
        return False
    if weighs_twice(site, lane) and lane.direction is Direction.ENTRY:
        return bool(visit.scans)
    tares = site.tares
    if tares.tractor_kg is None or tares.chassis_kg is None:
        return True
    return visit.weighing.kg > tares.tractor_kg + tares.chassis_kg + site.rules.empty_kg
