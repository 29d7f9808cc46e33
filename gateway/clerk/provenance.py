"""Where each field of a draft is from: evidence by its id, or the person who said it beside the machine's value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.clerk.act import machine_value
from gateway.clerk.case import PREADVICE, SECOND, TARE, WEIGHING, Case, names
from gateway.clerk.proving import ARITHMETIC, RELEASE, chosen
from gateway.site.site import Flow
from record.draft import SITE, VISIT, Item, Payload, Person, Source


def provenance(case: Case, machine: Payload, payload: Payload) -> Iterator[tuple[str, Source]]:
    """Where each field of the payload is from, by its JSON Pointer: evidence, or the person who said it."""
    persons = case.entries
    for pointer in pointers(payload.to_wire()):
        entry = next((act for field, act in persons.items() if _covers(field, pointer)), None)
        source = Source(evidence=tuple(_origins(case, payload, pointer)))
        if entry is not None:
            number = case.visit.acts.index(entry) + 1
            source = Source(
                evidence=(f"act-{number}",),
                person=Person(
                    name=entry.person,
                    role=entry.role,
                    at=entry.at,
                    reason=entry.reason,
                    machine_value=machine_value(machine, pointer),
                ),
            )
        yield pointer, source


def _covers(field: str, pointer: str) -> bool:
    return pointer == field or pointer.startswith(field + "/")


def _origins(case: Case, payload: Payload, pointer: str) -> Iterator[str]:
    """Evidence of a field that the machine filled."""
    parts = pointer.strip("/").split("/")
    match parts:
        case ["report"] | ["depot", _] | ["items", _, "loose"]:
            yield SITE
        case ["entered_at"] | ["items", _, "sequence"]:
            yield VISIT
        case ["document", _]:
            yield from _document_scans(case)
        case ["exit_reason"]:
            yield RELEASE
        case ["items", place, "size_type"] if _is_announced_type(case, payload.items[int(place)]):
            yield PREADVICE
        case ["items", place, "container" | "size_type"]:
            yield from _pictures(case, payload.items[int(place)].container)
        case ["items", _, "weight_kg"]:
            yield from _weights(case, payload)
        case ["items", _, "packages"] if case.lane.flow is Flow.AIR:
            yield VISIT
        case _:
            yield PREADVICE


def _is_announced_type(case: Case, item: Item) -> bool:
    """Whether a size-type stands in the draft that no picture showed."""
    box = next((box for box in case.boxes.known if box.number == item.container), None)
    return box is not None and item.size_type not in {each.code for each in box.types}


def _document_scans(case: Case) -> Iterator[str]:
    for index, scan in enumerate(case.visit.scans, 1):
        if names(scan.identifier, case.document):
            yield f"scan-{index}"


def _pictures(case: Case, number: str | None) -> Iterator[str]:
    pictures = next((box.pictures for box in case.boxes.known if box.number == number), ())
    for index, seen in chosen(case.visit, case.boxes):
        if seen.picture in pictures:
            yield f"sighting-{index}"


def _weights(case: Case, payload: Payload) -> Iterator[str]:
    if len(payload.items) > 1:
        yield PREADVICE
        return
    yield ARITHMETIC
    if case.load.shared:
        yield PREADVICE
        return
    yield WEIGHING
    for origin in (SECOND, TARE):
        if any(part.origin == origin for part in case.net.parts):
            yield origin


def pointers(value: Any, pointer: str = "") -> list[str]:
    """JSON Pointers of all values of a payload that are neither objects nor lists."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in pointers(inner, f"{pointer}/{name}")]
    if isinstance(value, list):
        return [leaf for place, inner in enumerate(value) for leaf in pointers(inner, f"{pointer}/{place}")]
    return [pointer]
