"""A report as its page shows it: fields with where each value comes from, proofs with the pictures there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from record.codes import Codes
from record.draft import DocumentType, Evidence, ExitReason
from record.messages import Phrase
from record.upload import named
from registry.evidence.book import Entry as File
from registry.evidence.tables import Keeping
from registry.reports.field import OF_ITEM, Kind, kind_of, shown
from registry.reports.report import Field, Judged, Report, label
from registry.reports.rules import Rules
from registry.web import words

PROOFS = {"arithmetic", "sighting", "scan", "preadvice", "release", "act", "plate", "tare"}
"""Kinds of evidence that have a name of their own on the page; any other is a weighing."""

SPLIT = {Kind.DOCUMENT: ("type", "number")}
"""Fields that are typed into two boxes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of the form. ``text`` is what stands in its box, ``problem`` why that cannot stand."""

    field: Field
    text: str
    from_whom: Phrase
    proofs: tuple[str, ...] = ()
    problem: Phrase | None = None
    remarks: tuple[Phrase, ...] = ()
    judged: tuple[Judged, ...] = ()
    choices: tuple[tuple[str, Phrase | str], ...] = ()

    @property
    def id(self) -> str:
        """The id of its box on the page."""
        return "f" + self.field.pointer.replace("/", "-")

    @property
    def document(self) -> tuple[str, str]:
        """Type and number of a document as typed."""
        kind, _, number = self.text.partition(" ")
        return kind or "DAE", number


@dataclass(frozen=True, slots=True)
class Item:
    """The fields of one item, or those of the report itself where ``number`` is None."""

    number: int | None
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture that a draft names, whether it is here or not."""

    digest: str
    device: str
    at: datetime | None
    told: Phrase
    proofs: tuple[str, ...]
    state: Keeping


@dataclass(slots=True)
class Typed:
    """What a person typed and what was wrong with it: shown again, so that nothing is typed twice."""

    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Phrase] = field(default_factory=dict)
    remarks: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    reason: str = ""


def items(report: Report, rules: Rules, typed: Typed, more: bool = False) -> list[Item]:
    """The form, part by part; with an empty item more where one was asked for."""
    fields = report.fields(rules)
    judged = report.judged()
    parts: dict[int | None, list[Shown]] = {}
    for each in fields:
        parts.setdefault(number_of(each.pointer), []).append(_shown(report, each, rules, typed, judged))
    made = [Item(number, tuple(found)) for number, found in parts.items()]
    return [*made, _empty(len(report.items), rules, typed)] if more else made


def number_of(pointer: str) -> int | None:
    """The item that a field belongs to, counted from 1; None for a field of the report."""
    parts = pointer.split("/")
    return int(parts[2]) + 1 if len(parts) > 2 and parts[1] == "items" else None


def _empty(place: int, rules: Rules, typed: Typed) -> Item:
    made = []
    for name, kind in OF_ITEM.items():
        where = f"/items/{place}/{name}"
        blank = Field(where, name, kind, None, None, name in rules.required, None, None, unconfirmed=False)
        text = typed.texts.get(where, "no" if kind is Kind.LOOSE else "")
        made.append(
            Shown(
                blank,
                text,
                Phrase("console.from.nobody"),
                problem=typed.problems.get(where),
                choices=_choices(kind, rules.codes),
            )
        )
    return Item(place + 1, tuple(made))


def _shown(report: Report, each: Field, rules: Rules, typed: Typed, judged: Iterable[Judged]) -> Shown:
    whom, proofs = _origin(report, each)
    return Shown(
        field=each,
        text=typed.texts.get(each.pointer, each.text),
        from_whom=whom,
        proofs=proofs,
        problem=typed.problems.get(each.pointer),
        remarks=typed.remarks.get(each.pointer, ()),
        judged=tuple(found for found in judged if found.finding.field == each.pointer and not found.moot),
        choices=_choices(each.kind, rules.codes),
    )


def _choices(kind: Kind, codes: Codes) -> tuple[tuple[str, Phrase | str], ...]:
    match kind:
        case Kind.DOCUMENT:
            return tuple((each.value, each.value) for each in DocumentType)
        case Kind.CHOICE:
            return tuple((each.value, Phrase(f"console.exit.{each.value}")) for each in ExitReason)
        case Kind.LOOSE:
            return (("no", Phrase("console.loose.no")), ("yes", Phrase("console.loose.yes")))
        case _:
            return ()


def _origin(report: Report, each: Field) -> tuple[Phrase, tuple[str, ...]]:
    """Who or what said a value, and the proofs of it."""
    if each.entry is not None:
        at = words.moment(each.entry.at)
        return Phrase("console.from.person", {"name": each.entry.name, "at": at}), ()
    if each.value in (None, []) or report.gate_draft is None:
        return Phrase("console.from.nobody"), ()
    source = each.source
    if source is not None and source.person is not None:
        params = {"name": source.person.name, "at": words.clock(source.person.at)}
        return Phrase("console.from.guard", params), source.evidence
    ids = source.evidence if source else ()
    return Phrase("console.from.of", {"what": [_named(report, each) for each in ids[:2]]}), ids


def _named(report: Report, proof: str) -> Phrase:
    """A proof's id as people know it: the scale, a camera, the announcement."""
    evidence = report.gate_draft.evidence if report.gate_draft else None
    device = _devices(evidence).get(proof) if evidence else None
    kind = proof.partition("-")[0]
    known = {*PROOFS, "site", "visit"}
    name = kind if kind in known else "weighing"
    return Phrase(f"console.proof.{name}_of" if device else f"console.proof.{name}", {"device": device or ""})


def _devices(evidence: Evidence) -> dict[str, str]:
    return {
        **{each.id: each.device for each in evidence.weighings},
        **{each.id: each.device for each in evidence.sightings},
        **{each.id: each.device for each in evidence.scans},
    }


def pictures(report: Report, files: Mapping[str, File]) -> list[Picture]:
    """Every picture that the draft names, once, those that read something first."""
    if report.gate_draft is None:
        return []
    evidence = report.gate_draft.evidence
    brought = named(evidence)
    made: dict[str, Picture] = {}
    for seen in sorted(evidence.sightings, key=lambda each: each.number is None):
        told = (
            Phrase("console.picture.read", {"number": seen.number})
            if seen.number
            else Phrase("console.picture.read_nothing")
        )
        for digest in (each for each in (seen.crop, seen.picture) if each in brought):
            made.setdefault(
                digest, Picture(digest, seen.device, seen.at, told, (seen.id,), _state(files, digest))
            )
    for plate in evidence.plates:
        if plate.picture in brought and plate.picture not in made:
            told = Phrase("console.picture.plate", {"plate": plate.plate})
            made[plate.picture] = Picture(
                plate.picture, plate.device or "", plate.at, told, (plate.id,), _state(files, plate.picture)
            )
    return list(made.values())


def digests(report: Report) -> list[str]:
    """The hashes of all files that the draft names and that gates bring."""
    return list(named(report.gate_draft.evidence)) if report.gate_draft else []


def _state(files: Mapping[str, File], digest: str) -> Keeping:
    return files[digest].state if digest in files else Keeping.AWAITED


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the history's table of changes."""

    label: Phrase
    before: str
    after: str


def changes(detail: Mapping[str, Any]) -> Iterator[Line]:
    """What a change did to fields, as people read it."""
    for each in detail.get("changes", ()):
        where = str(each.get("field", ""))
        kind = kind_of(where)
        if kind is None:
            yield Line(Phrase("console.history.finding"), "", "")
        else:
            yield Line(
                label(where), value_text(kind, each.get("before")), value_text(kind, each.get("after"))
            )
    if "number" in detail:
        yield Line(
            Phrase("console.history.number"), str(detail.get("number_before", "")), str(detail["number"])
        )
    if "field" in detail and kind_of(str(detail["field"])) is not None:
        kind = kind_of(str(detail["field"]))
        if kind is not None:
            yield Line(label(str(detail["field"])), "", value_text(kind, detail.get("value")))


def value_text(kind: Kind, value: Any) -> str:
    """A value of history as its field shows it; what a field cannot show stands as it is."""
    try:
        written = shown(kind, value)
        return written.replace("T", " ") if kind is Kind.MOMENT else written
    except (TypeError, KeyError, ValueError):
        return str(value)
