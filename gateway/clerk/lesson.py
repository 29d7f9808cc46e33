"""The lesson of a stay: the tare that its second weighing teaches, where everything speaks for it."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.clerk.case import WEIGHT_FIELD, Case
from gateway.clerk.draft import Content
from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.mass import Way
from gateway.clerk.plates import rig
from gateway.clerk.stay import containers
from record.draft import Status
from record.finding import Code

DOUBTS = frozenset(
    {
        Code.NOT_AT_ZERO,
        Code.ZERO_UNKNOWN,
        Code.NOT_ZEROED,
        Code.WEIGHT_CHANGED,
        Code.WEIGHT_MASKED,
        Code.TRUCKS_SUMMED,
        Code.NOT_UNLOADED,
        Code.WEIGHT_OUT_OF_TOLERANCE,
        Code.ANOTHER_PLATE,
        Code.RESUMED,
    }
)
"""Findings that speak against a tare, however little they weigh in the draft."""


def lesson(case: Case, made: Iterable[Content]) -> LearntTare | None:
    """What a truck weighed empty; ``made`` are the last words of all drafts of the stay. None where it is in doubt.

    The load has to be one document's, measured, complete, and as heavy as declared; the truck has to leave under
    the plates that it came with, and without a container.
    """
    second, contents = case.second, tuple(made)
    if second is None or len(contents) != 1 or WEIGHT_FIELD in case.entries:
        return None
    if second.visit.resumed or containers(second.visit) or not _is_as_declared(case):
        return None
    found = {finding.code for finding in contents[0].findings}
    if contents[0].status is not Status.COMPLETE or found & DOUBTS:
        return None
    came, left = rig(case.visit), rig(second.visit)
    if not left or came != left:
        return None
    weighing = second.weighing
    return LearntTare(
        left, weighing.kg, weighing.at.date(), second.visit.id, second.match.stay.id, weighing.device
    )


def _is_as_declared(case: Case) -> bool:
    """Whether the load weighs what was declared of it: a box that the empty truck takes along would show."""
    declared, net = case.declared_kg, case.net.rounded
    if declared is None or net is None or case.net.way is not Way.TWO_WEIGHINGS:
        return False
    return abs(net - declared) * 100 <= declared * case.site.rules.tolerance_percent
