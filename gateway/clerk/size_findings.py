"""Whether a container's size-type is proven well enough to take its tare off: a 40-foot box for one of 20 feet is
1.6 t of cargo.

Cameras that read different codes, an announcement that says another one, pictures' word against the declared
weight or with nothing beside it: errors where the site's tare of that size-type is in the arithmetic and another
code's tare differs, else remarks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from gateway.clerk.boxes import Box
from gateway.clerk.case import TYPE_FIELD, Case
from gateway.clerk.mass import Lack
from record.finding import Code, Finding, Severity


def size_findings(case: Case) -> Iterator[Finding]:
    """Findings of every container's size-type. What a person entered is the person's."""
    for place, box in enumerate(case.boxes.known):
        field = f"/items/{place}/size_type"
        if field == TYPE_FIELD and TYPE_FIELD in case.entries:
            continue
        yield from _of_box(case, box, field)


def _of_box(case: Case, box: Box, field: str) -> Iterator[Finding]:
    read = [each.code for each in box.types]
    announced = case.announced_type(box.number)
    if announced is not None and read and box.type_code != announced:
        params = {"container": box.number, "size_type": box.type_code or ", ".join(read)}
        severity = _severity(case, [*read, announced])
        code = Code.SIZE_TYPE_NOT_ANNOUNCED
        yield Finding(code=code, severity=severity, field=field, params={**params, "announced": announced})
    elif len(read) > 1:
        severity = Severity.WARNING if announced else _severity(case, read)
        params = {"container": box.number, "candidates": ", ".join(read)}
        yield Finding(code=Code.SIZE_TYPE_CONTRADICTION, severity=severity, field=field, params=params)
    elif read and announced is None:
        yield from _one_word(case, box, field)


def _one_word(case: Case, box: Box, field: str) -> Iterator[Finding]:
    """A size-type that pictures alone say: against the declared weight, or with nothing beside it to check it by.

    It has no check digit, so cameras that agree may be wrong alike, however many pictures they take.
    """
    read, declared = box.types[0], case.declared_kg
    if not _takes_a_box_off(case):
        return
    other = _explains(case, read.code, declared) if declared else None
    params = {"container": box.number, "size_type": read.code}
    if other is not None:
        params |= {"other": other}
        yield Finding(code=Code.SIZE_TYPE_DOUBTFUL, severity=Severity.ERROR, field=field, params=params)
    elif declared is None and len(set(case.site.tares.boxes.values())) > 1:
        yield Finding(code=Code.SIZE_TYPE_UNCONFIRMED, severity=Severity.ERROR, field=field, params=params)


def _explains(case: Case, code: str, declared: Decimal) -> str | None:
    """Another size-type whose tare would bring a weight within tolerance that is out of it."""
    measured, tares = case.net.rounded, case.site.tares.boxes
    if measured is None or code not in tares or _is_near(case, measured, declared):
        return None
    distance = {
        other: abs(measured + tares[code] - tare - declared)
        for other, tare in tares.items()
        if tare != tares[code] and _is_near(case, measured + tares[code] - tare, declared)
    }
    return min(distance, key=lambda other: (distance[other], other), default=None)


def _is_near(case: Case, measured: Decimal, declared: Decimal) -> bool:
    return abs(measured - declared) * 100 <= declared * case.site.rules.tolerance_percent


def _severity(case: Case, codes: Iterable[str]) -> Severity:
    """An error where these size-types weigh differently, and that weight is taken off."""
    tares = {case.site.tares.boxes.get(code) for code in codes}
    heavy = len(tares) > 1 and (_takes_a_box_off(case) or case.net.lack is Lack.BOX_TARE)
    return Severity.ERROR if heavy and case.is_measured else Severity.WARNING


def _takes_a_box_off(case: Case) -> bool:
    """Whether the draft's weight stands on the site's tare of a size-type."""
    return case.is_measured and any(part.what == "box" and part.origin == "site" for part in case.net.parts)
