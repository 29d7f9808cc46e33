"""The room of an event: what a draft leaves to the tape, so that it always fits into 64 KiB and stays true.

    payload, findings, provenance, weighings       always there
    evidence that the provenance names             always there
    a person's last word on each field             always there, long texts cut with …
    unknown scans ▸ pictures ▸ plates ▸ scans ▸ older deeds      left out in this order, the oldest first

What is left out is told: how many facts of each kind, and the SHA-256 of their lines on the visit's tape, in
order. So nobody takes a part for the whole, and whoever has the tape can prove the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from drivers.readings import Stamped
from gateway.clerk.act import Deed
from gateway.clerk.codec import Heard, dump_heard
from gateway.clerk.personal import is_masked, is_personal
from gateway.clerk.visit import Scanned, Visit
from record.draft import Act, Draft, Evidence, LeftOut, PlateProof, ScanProof, SightingProof, Source
from record.event import MAX_BYTES
from record.finding import Finding
from record.identifiers.identifier import Kind
from record.proof import canonical, sha256

ENVELOPE = 2048
"""Bytes of an event around its data, generously: identity, topic, proof, and what is told of the left-out."""

ROOM = MAX_BYTES - ENVELOPE
MOST_NAMED = 4
"""Entries of evidence that a field's provenance names where there is no room for all of them."""
SHORT, SHORT_PARAM = 60, 200
"""Characters that are kept of a person's texts and of a finding's values where there is no room for all."""

Entry = Act | PlateProof | ScanProof | SightingProof
E = TypeVar("E", bound=Entry)


def fitted(draft: Draft, visit: Visit, papers: Collection[str] = ()) -> Draft:
    """The draft as an event can hold it; ``visit`` has all facts that it is made of, ``papers`` are the patterns
    of the site's own papers."""
    for shorten in (lambda whole: whole, *STEPS):
        draft = shorten(draft)
        if _size(draft) <= ROOM:
            break
    told = tuple(left_out(draft.evidence, visit, papers))
    return draft.model_copy(update={"evidence": draft.evidence.model_copy(update={"left_out": told})})


def left_out(evidence: Evidence, visit: Visit, papers: Collection[str] = ()) -> Iterator[LeftOut]:
    """What the evidence does not carry, or not whole, of the facts of its visit."""
    acts = {act.id: act for act in evidence.acts}
    scans = {scan.id: scan for scan in evidence.scans}
    pictures = {sighting.id for sighting in evidence.sightings}
    plates = {proof.plate for proof in evidence.plates}
    missing: dict[str, list[Heard]] = {
        "scans": [
            _heard(scan)
            for index, scan in enumerate(visit.scans, 1)
            if not is_personal(scan, papers) and not is_masked(scan)
            if not _says(scans.get(f"scan-{index}"), text=scan.scan.text)
        ],
        "sightings": [seen for index, seen in visit.looks if f"sighting-{index}" not in pictures],
        "plates": [seen for seen in visit.plates if not plates.issuperset(seen.plates)],
        "acts": [
            act
            for index, act in enumerate(visit.acts, 1)
            if not _says(acts.get(f"act-{index}"), person=act.person, role=act.role, reason=act.reason)
        ],
    }
    for what, facts in missing.items():
        if facts:
            yield LeftOut(what=what, count=len(facts), sha256=hash_of(facts))
    if visit.repeats is not None:
        yield LeftOut(what="repeats", count=visit.repeats.count, sha256=visit.repeats.sha256)


def hash_of(facts: Iterable[Heard]) -> str:
    """SHA-256 of facts as a tape writes them: one JSON object a line, its names sorted."""
    lines = (json.dumps(dump_heard(fact), sort_keys=True, ensure_ascii=False) for fact in facts)
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass"))


def _heard(scanned: Scanned) -> Stamped:
    return Stamped(scanned.device, scanned.at, scanned.monotonic, scanned.scan)


def _says(proof: Entry | None, **texts: str) -> bool:
    return proof is not None and all(getattr(proof, name) == text for name, text in texts.items())


def _few_named(draft: Draft) -> Draft:
    """Each field names a few entries of its evidence."""
    few = {
        pointer: source.model_copy(update={"evidence": source.evidence[:MOST_NAMED]})
        for pointer, source in draft.provenance.items()
    }
    return draft.model_copy(update={"provenance": few})


def _without_unknown_scans(draft: Draft) -> Draft:
    return _leave_out(draft, "scans", lambda scan: scan.kind == Kind.UNKNOWN)


def _without_pictures(draft: Draft) -> Draft:
    return _leave_out(draft, "sightings", lambda sighting: True)


def _without_plates(draft: Draft) -> Draft:
    return _leave_out(draft, "plates", lambda plate: True)


def _without_scans(draft: Draft) -> Draft:
    return _leave_out(draft, "scans", lambda scan: True)


def _without_old_acts(draft: Draft) -> Draft:
    """The last of each deed on each field stays, and of confirmations the last by another than who entered."""
    entered: dict[str, str] = {}
    last: dict[str, Act] = {}
    for act in draft.evidence.acts:
        deed, _, field = act.act.partition(" ")
        own = entered.get(field) == act.person
        if deed == Deed.ENTER:
            entered[field] = act.person
        if deed != Deed.CONFIRM or not own or act.act not in last:
            last[act.act] = act
    stay = {act.id for act in last.values()}
    return _leave_out(draft, "acts", lambda act: act.id not in stay)


def _short_texts(draft: Draft) -> Draft:
    """Long texts of persons, and long values of findings, cut."""
    evidence = draft.evidence.model_copy(
        update={
            "acts": tuple(
                act.model_copy(update=_cut(act, "person", "role", "reason")) for act in draft.evidence.acts
            ),
            "scans": tuple(
                scan.model_copy(
                    update=_cut(scan, "text", "normal") | {"parts": _cut_values(scan.parts, SHORT)}
                )
                for scan in draft.evidence.scans
            ),
        }
    )
    update: dict[str, Any] = {
        "evidence": evidence,
        "provenance": {pointer: _short_source(source) for pointer, source in draft.provenance.items()},
        "findings": tuple(map(_short_finding, draft.findings)),
    }
    return draft.model_copy(update=update)


STEPS: tuple[Callable[[Draft], Draft], ...] = (
    _few_named,
    _without_unknown_scans,
    _without_pictures,
    _without_plates,
    _without_scans,
    _without_old_acts,
    _short_texts,
)
"""What makes a draft smaller, the least important first."""


def _leave_out(draft: Draft, name: str, may_go: Callable[[Any], bool]) -> Draft:
    """Leave out entries of one kind that no field names, the oldest first, as many as have to go."""
    excess = _size(draft) - ROOM
    named = {entry for source in draft.provenance.values() for entry in source.evidence}
    kept: list[Entry] = []
    for entry in getattr(draft.evidence, name):
        if excess > 0 and entry.id not in named and may_go(entry):
            excess -= len(canonical(entry.to_wire())) + 1
        else:
            kept.append(entry)
    evidence = draft.evidence.model_copy(update={name: tuple(kept)})
    return draft.model_copy(update={"evidence": evidence})


def _short_source(source: Source) -> Source:
    if source.person is None:
        return source
    person = source.person.model_copy(update=_cut(source.person, "name", "role", "reason"))
    return source.model_copy(update={"person": person})


def _short_finding(finding: Finding) -> Finding:
    return finding.model_copy(update={"params": _cut_values(finding.params, SHORT_PARAM)})


def _cut(record: Any, *names: str) -> dict[str, str]:
    return _cut_values({name: getattr(record, name) for name in names}, SHORT)


def _cut_values(texts: dict[str, str], longest: int) -> dict[str, str]:
    return {name: text if len(text) <= longest else text[: longest - 1] + "…" for name, text in texts.items()}


def _size(draft: Draft) -> int:
    return len(canonical(draft.to_wire()))
