"""What was declared against what the scale says of the whole load.

    one document, one box or loose     its announced weight
    several documents                  the sum of all, where each has one
    several boxes                      the sum of their shares, where each has one

Where a box's tare is not known the load may weigh anything between the lightest and the heaviest box that the site
knows: only what lies outside of that is a difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.clerk.case import WEIGHT_FIELD, Case
from gateway.clerk.mass import Lack
from gateway.site.site import Flow, PayloadWeight
from record.base import plain
from record.finding import Code, Finding, Severity


def tolerance_findings(case: Case) -> Iterator[Finding]:
    """A weight out of tolerance. Pieces for air pallets are many under one document: one says nothing of it."""
    declared, measured = case.declared_kg, None if case.lane.flow is Flow.AIR else _measured(case)
    if declared is None or measured is None:
        return
    percent = abs(measured - declared) * 100 / declared
    if percent <= case.site.rules.tolerance_percent:
        return
    counted = "/items/0/packages" in case.entries
    alike = case.site.rules.payload_weight is PayloadWeight.CARGO
    heavy = percent > case.site.rules.block_percent and alike and not counted
    params = {
        "declared": plain(declared),
        "measured": plain(measured),
        "percent": plain(percent.quantize(Decimal("0.1"))),
    }
    severity = Severity.ERROR if heavy else Severity.WARNING
    yield Finding(code=Code.WEIGHT_OUT_OF_TOLERANCE, severity=severity, field=WEIGHT_FIELD, params=params)


def _measured(case: Case) -> Decimal | None:
    """The load's net; where boxes of unknown tare are on it, the net nearest to the declared weight that may be."""
    if case.net.lack is not Lack.BOX_TARE or len(case.boxes.known) < 2:
        return case.net.rounded
    together, tares, boxes = case.net.with_box, case.site.tares.boxes.values(), len(case.boxes.known)
    if together is None or not tares or case.declared_kg is None:
        return None
    least, most = together - boxes * max(tares), together - boxes * min(tares)
    return max(least, min(most, case.declared_kg))
