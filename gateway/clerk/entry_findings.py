"""What is worth a look in what persons entered: each function looks at one field.

An entry that contradicts arithmetic or a measured weight is an error until another person has confirmed it, and
stays a warning after that: nothing that a person insisted on becomes complete in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateway.clerk.act import Act, is_confirmed, machine_value
from gateway.clerk.case import CONTAINER_FIELD, TYPE_FIELD, Case
from record.base import plain
from record.codes import shipped
from record.draft import Item, Payload
from record.finding import Code, Finding, Severity
from record.identifiers import container, dae

DOCUMENT_FIELD, WEIGHT_FIELD, PACKAGING_FIELD = "/document", "/items/0/weight_kg", "/items/0/packaging"
COMPARED = (DOCUMENT_FIELD, CONTAINER_FIELD, TYPE_FIELD, WEIGHT_FIELD)
"""Fields that a machine finds out for itself; the others it only has from an announcement."""


def entry_findings(case: Case, machine: Payload, payload: Payload) -> Iterator[Finding]:
    """Findings of all entries of a draft; ``machine`` is what it would say without them."""
    entries = {field: act for field, act in case.entries.items() if act.value is not None}
    for field in COMPARED:
        if field in entries:
            yield from _compared(field, machine, payload)
    if DOCUMENT_FIELD in entries:
        yield from _document(payload)
    if CONTAINER_FIELD in entries:
        yield from _container(case, entries[CONTAINER_FIELD])
    if TYPE_FIELD in entries:
        yield from _size_type(payload)
        yield from _other_tare(case, entries[TYPE_FIELD], machine.items[0], payload.items[0])
    if PACKAGING_FIELD in entries:
        yield from _packaging(payload)
    if WEIGHT_FIELD in entries and payload.items[0].weight_kg is not None:
        yield from _weight(case, entries[WEIGHT_FIELD], payload.items[0].weight_kg)


def _compared(field: str, machine: Payload, payload: Payload) -> Iterator[Finding]:
    found, entered = machine_value(machine, field), machine_value(payload, field)
    if found is not None and found != entered:
        yield _warning(Code.ENTERED_OTHERWISE, field, entered=_words(entered), machine=_words(found))


def _document(payload: Payload) -> Iterator[Finding]:
    """Codes of a DAE that are in no list, as they are remarked of a scanned one."""
    if payload.document is None or payload.document.type != "DAE":
        return
    codes = shipped()
    found = dae.parse(
        payload.document.number,
        districts=codes.districts,
        regimes=codes.export_regimes,
        import_regimes=codes.import_regimes,
    )
    for remark in found.remarks:
        if remark.code.value in (Code.UNKNOWN_DISTRICT, Code.UNKNOWN_REGIME):
            yield _warning(Code(remark.code.value), f"{DOCUMENT_FIELD}/number", **dict(remark.parameters))


def _container(case: Case, act: Act) -> Iterator[Finding]:
    number = str(act.value)
    if not container.parse(number):
        expected = str(container.check_digit(number[:10]))
        params = {"container": number, "expected": expected}
        yield _until_confirmed(case, act, Code.CONTAINER_CHECK_DIGIT, **params)


def _size_type(payload: Payload) -> Iterator[Finding]:
    code = payload.items[0].size_type
    if code is not None and code[2:] not in shipped()["size_types"].known():
        yield _warning(Code.UNKNOWN_SIZE_TYPE, TYPE_FIELD, type=code)


def _other_tare(case: Case, act: Act, machine: Item, entered: Item) -> Iterator[Finding]:
    """Another size-type than the cameras read of the same box, whose tare makes another weight."""
    found, tares = machine.size_type, case.site.tares.boxes
    if found is None or entered.size_type in (None, found) or machine.container != entered.container:
        return
    if not case.is_measured or tares.get(found) == tares.get(str(entered.size_type)):
        return
    declared, net = case.declared_kg, case.net.rounded
    if declared and net and _percent(net, declared) <= case.site.rules.tolerance_percent:
        return
    params = {"entered": str(entered.size_type), "machine": found}
    yield _until_confirmed(case, act, Code.ENTERED_SIZE_TYPE_DIFFERS, **params)


def _packaging(payload: Payload) -> Iterator[Finding]:
    code = payload.items[0].packaging
    if code is not None and code not in shipped()["packaging"].known():
        yield _warning(Code.UNKNOWN_PACKAGING, PACKAGING_FIELD, packaging=code)


def _weight(case: Case, act: Act, kg: Decimal) -> Iterator[Finding]:
    measured = None if case.load.shared else case.net.rounded
    if measured is not None and _percent(kg, measured) > case.site.rules.tolerance_percent:
        params = {"entered": plain(kg), "measured": plain(measured)}
        yield _until_confirmed(case, act, Code.ENTERED_WEIGHT_DIFFERS, **params)
    declared = case.announced.weight_kg
    if declared is not None and _percent(kg, declared) > case.site.rules.tolerance_percent:
        params = {"entered": plain(kg), "declared": plain(declared)}
        yield _warning(Code.ENTERED_OUT_OF_TOLERANCE, WEIGHT_FIELD, **params)
    yield from _impossible(case, kg)


def _impossible(case: Case, kg: Decimal) -> Iterator[Finding]:
    """A cargo heavier than its box may be, or than the whole truck that brought it."""
    boxes, limit = case.boxes.known, case.site.rules.max_gross_kg
    tare = -sum((part.kg for part in case.net.parts if part.what == "box"), Decimal(0))
    if len(boxes) == 1 and kg + tare > limit:
        params = {"kg": plain(kg + tare), "type": boxes[0].type_code or "?", "limit": plain(limit)}
        yield _error(Code.IMPOSSIBLE_WEIGHT, WEIGHT_FIELD, **params)
    gross = case.visit.weighing.kg if case.visit.weighing else None
    if gross is not None and kg > gross:
        yield _error(Code.ENTERED_ABOVE_GROSS, WEIGHT_FIELD, entered=plain(kg), gross=plain(gross))


def _percent(kg: Decimal, other: Decimal) -> Decimal:
    return abs(kg - other) * 100 / other


def _words(value: Any) -> str:
    return " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def _until_confirmed(case: Case, act: Act, code: Code, **params: str) -> Finding:
    confirmed = is_confirmed(act, case.visit.acts)
    return (_warning if confirmed else _error)(code, act.field, **params)


def _error(code: Code, field: str, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, field=field, params=params)


def _warning(code: Code, field: str, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, field=field, params=params)
