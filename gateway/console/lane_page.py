"""What the page shows of a lane: pure, from what the board holds; every text is in the reader's language.

LaneView ──▶ LanePage: weight, listo / espere / revisar, rows (known, missing, a person's), findings, pictures
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from drivers.camera.condition import PictureState
from drivers.device import DeviceState
from drivers.readings import Stability
from gateway.board import LaneView
from gateway.clerk.act import ENTERABLE, OF_ONE_DOCUMENT, entries
from gateway.clerk.draft import Content
from gateway.clerk.visit import Visit
from record.base import plain
from record.draft import ReportKind
from record.finding import Severity
from record.messages import text

ALWAYS = (
    "/document",
    "/items/0/container",
    "/items/0/size_type",
    "/items/0/packages",
    "/items/0/packaging",
    "/items/0/description",
    "/items/0/seals",
    "/items/0/weight_kg",
)
"""The rows of a truck, in the order in which a guard looks for them."""

CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its pointer, what it is called, its value, and whose that is. ``enterable``: by a person here."""

    field: str
    label: str
    value: str
    state: str
    enterable: bool


@dataclass(frozen=True, slots=True)
class LanePage:
    """One lane as a person sees it. ``basis`` says what a correction was begun from."""

    name: str
    aspect: str
    kilograms: str
    stability: str
    moving: bool
    visit: str | None
    arrived_at: datetime | None
    rows: tuple[Row, ...]
    findings: tuple[tuple[str, str], ...]
    documents: tuple[str, ...]
    plates: tuple[str, ...]
    picture: str | None
    crop: str | None
    devices: tuple[tuple[str, str, bool], ...]
    troubles: tuple[str, ...]
    basis: str


def lane_page(view: LaneView, lang: str) -> LanePage:
    """The page of a lane."""
    visit = view.visit
    first = view.made[0] if view.made else None
    seen = _newest(visit)
    return LanePage(
        name=view.name,
        aspect=view.aspect.value,
        kilograms=grouped(view.kg, lang),
        stability=text(f"page.stability.{(view.stability or Stability.UNKNOWN).value}", lang),
        moving=view.stability is Stability.MOVING,
        visit=visit.id if visit else None,
        arrived_at=visit.arrived_at if visit else None,
        rows=tuple(_rows(visit, first, len(view.made), lang)) if visit else (),
        findings=tuple(_findings(view.made, lang)),
        documents=tuple(_document(made) for made in view.made if made.document is not None),
        plates=tuple(
            dict.fromkeys(plate for each in (visit.plates if visit else ()) for plate in each.plates[:1])
        ),
        picture=seen[0],
        crop=seen[1],
        devices=tuple(_devices(view, lang)),
        troubles=tuple(text(f"trouble.{trouble.value}", lang) for trouble in view.troubles),
        basis=basis(visit),
    )


def basis(visit: Visit | None) -> str:
    """What a correction is begun from: another truck, or another's deed meanwhile, makes it another one."""
    return f"{visit.id}:{len(visit.acts)}" if visit else ""


def candidates(visit: Visit | None) -> tuple[str, ...]:
    """The container numbers that the cameras thought possible, the most likely first."""
    cheapest: dict[str, float] = {}
    for seen in visit.sightings if visit else ():
        for candidate in seen.sighting.candidates:
            cost = float(candidate.cost)
            cheapest[candidate.number] = min(cost, cheapest.get(candidate.number, cost))
    return tuple(sorted(cheapest, key=cheapest.__getitem__)[:CANDIDATES])


def grouped(kg: Decimal | None, lang: str) -> str:
    """Kilograms with their thousands apart, as figures on a scale are read; a dash where there is no weight."""
    if kg is None:
        return "–"
    return f"{kg:,f}".replace(",", "\u202f")


def shown(value: Any) -> str:
    """A payload's value as a line of text."""
    if value is None or value == [] or value == ():
        return ""
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return plain(value) if isinstance(value, Decimal) else str(value)


def at(payload: dict[str, Any], field: str) -> Any:
    """What stands at a JSON Pointer of a payload's wire form, None where nothing does."""
    place: Any = payload
    for part in field.strip("/").split("/"):
        if isinstance(place, list):
            place = place[int(part)] if int(part) < len(place) else None
        elif isinstance(place, dict):
            place = place.get(part)
    return place


def _rows(visit: Visit, made: Content | None, documents: int, lang: str) -> Iterator[Row]:
    payload = made.payload.to_wire() if made else {}
    persons = entries(visit.acts)
    lacking = (
        {finding.field for finding in made.findings if finding.severity is Severity.ERROR} if made else set()
    )
    exit_fields = ("/exit_reason",) if made and made.payload.report is ReportKind.EXIT else ()
    for field in (*ALWAYS, *exit_fields):
        value = shown(at(payload, field))
        if value and field.endswith("/weight_kg"):
            value = f"{grouped(Decimal(value), lang)} kg"
        if field in persons:
            state = "person"
        elif field in lacking:
            state = "doubtful" if value else "missing"
        else:
            state = "known" if value else "blank"
        enterable = field in ENTERABLE and not (documents > 1 and field in OF_ONE_DOCUMENT)
        yield Row(field, text(f"page.field.{field.rpartition('/')[2]}", lang), value, state, enterable)


def _findings(made: Iterable[Content], lang: str) -> Iterator[tuple[str, str]]:
    """The remarks of all drafts, errors first, each once."""
    order = list(Severity)[::-1]
    found = {
        (finding.severity.value, text(f"finding.{finding.code}", lang, **finding.params)): None
        for content in made
        for finding in sorted(content.findings, key=lambda finding: order.index(finding.severity))
    }
    yield from sorted(found, key=lambda each: order.index(Severity(each[0])))


def _document(made: Content) -> str:
    return f"{made.document.type.value} {made.document.number}" if made.document else ""


def _newest(visit: Visit | None) -> tuple[str | None, str | None]:
    """The newest picture of a visit, and the newest line that was read in one."""
    sightings = visit.sightings if visit else ()
    picture = sightings[-1].picture if sightings else None
    return picture, next((seen.crop for seen in reversed(sightings) if seen.crop), None)


def _devices(view: LaneView, lang: str) -> Iterator[tuple[str, str, bool]]:
    for name, status in sorted(view.devices.items()):
        pictures = view.pictures.get(name, PictureState.FINE)
        well = status.state is DeviceState.STREAMING and pictures is PictureState.FINE
        words = text(f"state.{status.state.value}", lang)
        if pictures is not PictureState.FINE:
            words = text(f"page.pictures.{pictures.value}", lang)
        yield name, words, well
