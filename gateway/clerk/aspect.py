"""What a lane shows the driver and the guard: *listo*, *espere* or *revisar*.

    ready    no truck is there, or its draft is complete: go on
    wait     a truck is there and something is still coming: stand still
    review   nothing more comes by itself and the draft is not complete: a person has to look;
             or the indicator shows a net, tare or held weight, under which no truck can be weighed

Pure: the visit, what its drafts say, and the time. The lights follow from it, and the barrier where the site
says so; what a person does at the barrier follows from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from gateway.clerk.act import is_void
from gateway.clerk.draft import Content
from gateway.clerk.visit import Visit
from record.finding import Code, Severity

CALM_S = 3.0
"""Seconds without news before a draft is believed: a truck whose front axle has settled still rolls on."""

PATIENCE_S = 60.0
"""Seconds after which a truck that never stood still is somebody's matter."""


MASKED_S = 10.0
"""Seconds without a gross weight after which a person has to look at the indicator."""


class Aspect(StrEnum):
    """What a lane shows. Texts: ``aspect.ready``, ``aspect.wait``, ``aspect.review``."""

    READY = "ready"
    WAIT = "wait"
    REVIEW = "review"


def aspect(
    visit: Visit | None, made: Sequence[Content], now: float, masked_since: float | None = None
) -> Aspect:
    """What to show at ``now`` (seconds of the lane's clock) of the truck that is there; ``made`` are its drafts.

    ``masked_since`` is when the indicator last began to show no gross weight, None while it shows one.
    """
    if is_masked(masked_since, now):
        return Aspect.REVIEW
    if visit is None:
        return Aspect.READY
    if visit.weighing is None:
        return Aspect.WAIT if now - visit.arrived_monotonic < PATIENCE_S else Aspect.REVIEW
    if now - max(_news(visit)) < CALM_S:
        return Aspect.WAIT
    if is_void(visit.acts) or not made:
        return Aspect.REVIEW
    return Aspect.READY if all(map(is_enough, made)) else Aspect.REVIEW


def is_masked(since: float | None, now: float) -> bool:
    """Whether the indicator has shown no gross weight for so long that a person has to look at it."""
    return since is not None and now - since >= MASKED_S


def is_enough(made: Content) -> bool:
    """Whether a draft is complete, or will be with the second weighing alone, for which the truck has to go in."""
    errors = {finding.code for finding in made.findings if finding.severity is Severity.ERROR}
    return errors <= {Code.SECOND_WEIGHING_PENDING}


def _news(visit: Visit) -> Iterator[float]:
    """When something came that a person waits for. Pictures come all the time and are none."""
    yield visit.arrived_monotonic
    yield from (plateau.monotonic for plateau in visit.plateaus[-1:])
    yield from (scan.monotonic for scan in visit.scans)
    yield from (act.monotonic for act in visit.acts)
