"""What speaks against a measured weight: the scale's certificate, its zero, what it showed, how the truck stood.

Every weighing that a draft's weight comes from is looked at: a truck's only one, or the one of its way in and the
one of its way out. What speaks against it is an error, and a warning where the draft's weight is not measured:
a person has entered it, or it was declared for one of several documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from drivers.readings import Remark
from gateway.clerk.case import WEIGHT_FIELD, Case
from gateway.clerk.mass import Part, Way
from gateway.clerk.tares import Stored
from gateway.clerk.visit import Visit
from gateway.clerk.weighing import Settled
from gateway.site.site import Flow, LanePart, ScalePart
from record.base import plain
from record.finding import Code, Finding, Severity

EMPTY = ("vehicle", "tractor", "chassis")
"""Parts of a mass that are an empty truck's."""

MOST_WEIGHTS = 10
"""Plateaus that a finding names."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One weighing with its visit and lane.

    ``least_kg`` is what a whole truck weighs at the least, None where that is unknown; ``sign`` tells whether
    the weight adds to the load's mass (1) or takes from it (-1).
    """

    visit: Visit
    weighing: Settled
    lane: LanePart
    least_kg: Decimal | None
    sign: int = 1


def weight_findings(case: Case) -> Iterator[Finding]:
    """Everything that speaks against the weighings of a case."""
    weighed = tuple(_weighed(case))
    certified: list[ScalePart] = []
    for each in weighed:
        if each.lane.scale not in certified:
            certified.append(each.lane.scale)
            yield from _certificate(each)
        yield from _zero(case, each)
        yield from _plateaus(case, each)
        yield from _axles(case, each)
    if any(each.visit.masked for each in weighed) or (case.visit.masked and not weighed):
        yield _finding(case, Code.WEIGHT_MASKED, is_error=not weighed)
    yield from _unloaded(case)


def _weighed(case: Case) -> Iterator[Weighed]:
    """The weighings of a case: the visit's own, then the stay's other one."""
    own, other = case.visit.weighing, _other(case)
    if own is not None:
        kg = other.weighing.kg if other else None
        yield Weighed(case.visit, own, case.lane, _least(case, own.kg, kg))
    if other is not None:
        kg = own.kg if own else None
        yield Weighed(
            other.visit, other.weighing, other.lane, _least(case, other.weighing.kg, kg), other.sign
        )


def _other(case: Case) -> Weighed | None:
    """The weighing of the stay's other passage, if there was one."""
    if case.second is not None:
        return Weighed(case.second.visit, case.second.weighing, case.second.lane, None, -1)
    came = case.match.stay.visit if case.leaving and case.match else None
    if came is None or came.weighing is None:
        return None
    lane = next((each for each in case.site.lanes if each.name == came.lane), case.lane)
    return Weighed(came, came.weighing, lane, None, -1)


def _least(case: Case, kg: Decimal, other: Decimal | None) -> Decimal | None:
    """What the whole truck weighs at the least: what it weighed empty, or its tare; None for the lighter of two
    weighings without a tare of this very truck."""
    if other is not None and other < kg:
        return other - case.site.rules.empty_kg
    known = None if case.lane.flow is Flow.AIR else _tare(case, is_own=other is not None)
    return None if known is None else known - case.site.rules.empty_kg


def _tare(case: Case, is_own: bool) -> Decimal | None:
    """The empty truck's weight; ``is_own``: of this very truck alone, not of any."""
    if isinstance(case.stored_tare, Stored):
        return case.stored_tare.kg
    if case.announced.vehicle_tare_kg is not None:
        return case.announced.vehicle_tare_kg
    if is_own:
        return None
    parts = case.net.parts if case.net.way is Way.GROSS_MINUS_TARES else _usual(case)
    known = [-part.kg for part in parts if part.what in EMPTY]
    return sum(known, Decimal(0)) if known else None


def _usual(case: Case) -> tuple[Part, ...]:
    tares = case.site.tares
    if tares.tractor_kg is None or tares.chassis_kg is None:
        return ()
    return (Part("tractor", -tares.tractor_kg, "site"), Part("chassis", -tares.chassis_kg, "site"))


def _certificate(weighed: Weighed) -> Iterator[Finding]:
    certificate, weighing = weighed.lane.scale.certificate, weighed.weighing
    if certificate is None:
        yield _warning(Code.CERTIFICATE_ABSENT, None, device=weighing.device)
    elif certificate.valid_until < weighing.at.date():
        until = certificate.valid_until.isoformat()
        yield _warning(Code.CERTIFICATE_EXPIRED, None, number=certificate.number, valid_until=until)


def _zero(case: Case, weighed: Weighed) -> Iterator[Finding]:
    """What the free scale showed before, and what the indicator says of its own zero."""
    device, zero, scale = weighed.weighing.device, weighed.visit.zero_kg, weighed.lane.scale
    if Remark.NOT_ZEROED in weighed.weighing.weight.remarks:
        yield _warning(Code.NOT_ZEROED, None, device=device)
    if zero is None:
        yield _warning(Code.ZERO_UNKNOWN, None, device=device)
    elif abs(zero) > min(scale.zero_kg, scale.leave_kg):
        yield _finding(case, Code.NOT_AT_ZERO, kg=plain(zero))


def _plateaus(case: Case, weighed: Weighed) -> Iterator[Finding]:
    """Weights that stood still besides the one that counts, where a whole truck could have made them."""
    scale, counted = weighed.lane.scale, weighed.weighing.kg
    steady = scale.steady_kg if scale.steady_kg is not None else 2 * scale.settle_kg
    others = [
        each.kg
        for each in weighed.visit.plateaus
        if abs(each.kg - counted) > steady and not _is_part(each.kg, weighed)
    ]
    if not others:
        return
    explained = all(_is_refuted(case, weighed, kg) for kg in others)
    shown = ", ".join(plain(kg) for kg in dict.fromkeys(others[:MOST_WEIGHTS]))
    params = {"device": weighed.weighing.device, "weights": shown, "counted": plain(counted)}
    yield _finding(case, Code.WEIGHT_CHANGED, is_error=not explained, **params)


def _axles(case: Case, weighed: Weighed) -> Iterator[Finding]:
    """More axle groups than a truck has: two trucks may have been summed, unless the declared weight says not."""
    groups, most = len(weighed.weighing.axles), weighed.lane.scale.axle_groups
    if groups > most:
        params = {"groups": str(groups), "most": str(most)}
        yield _finding(case, Code.TRUCKS_SUMMED, is_error=not _is_declared(case), **params)


def _is_declared(case: Case) -> bool:
    """Whether the load weighs what was declared of it."""
    declared, net = case.declared_kg, case.net.rounded
    if declared is None or net is None:
        return False
    return abs(net - declared) * 100 <= declared * case.site.rules.tolerance_percent


def _is_part(kg: Decimal, weighed: Weighed) -> bool:
    """Whether a plateau is less than the whole truck weighs: one of its axles alone was on the platform."""
    return weighed.least_kg is not None and kg < weighed.least_kg


def _is_refuted(case: Case, weighed: Weighed, kg: Decimal) -> bool:
    """Whether the declared weight speaks for the weight that counts, and against this one in its place."""
    declared, net = case.announced.weight_kg, case.net.rounded
    if declared is None or net is None:
        return False
    other = net + weighed.sign * (kg - weighed.weighing.kg)
    limit = declared * case.site.rules.tolerance_percent / 100
    return abs(net - declared) <= limit < abs(other - declared)


def _unloaded(case: Case) -> Iterator[Finding]:
    """Two weighings that are nearly the same: what lies between them is no load."""
    other = _other(case)
    if other is None or case.visit.weighing is None:
        return
    difference = abs(case.visit.weighing.kg - other.weighing.kg)
    if difference < case.site.rules.unloaded_kg:
        yield _finding(case, Code.NOT_UNLOADED, difference=plain(difference))


def _finding(case: Case, code: Code, is_error: bool = True, **params: str) -> Finding:
    severity = Severity.ERROR if is_error and case.is_measured else Severity.WARNING
    return Finding(code=code, severity=severity, field=WEIGHT_FIELD, params=params)


def _warning(code: Code, field: str | None, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, field=field, params=params)
