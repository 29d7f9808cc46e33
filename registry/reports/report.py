"""One report as a whole: the gate's values, people's entries over them, and what keeps it from review.

gate's payload ─┐
people's entries┴─▶ issued payload ─▶ e-document ─▶ approved corrections over it ─▶ effective payload
findings ─────────▶ settled by an entry on their field, or acknowledged
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from record.draft import Draft, Payload, Source
from record.errors import BadRecord
from record.finding import Code, Finding, Severity
from record.messages import Phrase, named
from registry.people.who import Who
from registry.reports import entry as entries_of
from registry.reports import pointer
from registry.reports.entry import FINDING, Entry
from registry.reports.field import OF_ITEM, Kind, kind_of, shown
from registry.reports.pointer import Json, at, covers, laid
from registry.reports.rules import Rules
from registry.reports.state import State

LACKS: dict[str, Code] = {
    "document": Code.MISSING_DOCUMENT,
    "container": Code.MISSING_CONTAINER,
    "description": Code.MISSING_DESCRIPTION,
    "packages": Code.MISSING_PACKAGES,
    "packaging": Code.MISSING_PACKAGING,
    "weight_kg": Code.MISSING_WEIGHT,
    "exit_reason": Code.MISSING_EXIT_REASON,
}
"""The gate's findings that say no more than that a field is empty: filled, they are settled."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that keeps a report from review: at which field, and what it is."""

    field: str | None
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding of the gate with what has become of it. ``fillable``: it says that a field is empty, no more."""

    finding: Finding
    key: str
    settled_by: Entry | None = None
    moot: bool = False
    fillable: bool = False

    @property
    def settled(self) -> bool:
        """Whether it keeps nobody from anything any more."""
        return self.moot or self.settled_by is not None


@dataclass(frozen=True, slots=True)
class Field:
    """One field as people see it."""

    pointer: str
    name: str
    kind: Kind
    value: Any
    gate_value: Any
    required: bool
    entry: Entry | None
    source: Source | None
    unconfirmed: bool

    @property
    def lacks(self) -> bool:
        """Whether something has to be filled in."""
        return self.required and (self.value is None or self.value == [])

    @property
    def text(self) -> str:
        """The value as it is typed."""
        return shown(self.kind, self.value)

    @property
    def gate_text(self) -> str:
        """What the gate says of it now."""
        return shown(self.kind, self.gate_value)


@dataclass(frozen=True)
class Report:
    """A report with all that people decide by. ``base`` is the payload before people: the gate's, or a bare one.
    Nobody changes anything within a payload: where nothing lies over it, it is ``base`` itself.

    ``released`` says of an exit whether a release covers it; None where nobody asks.
    """

    position: int
    id: str
    version: int
    state: State
    depot: str
    gate: str | None
    lane: str | None
    draft: str | None
    event: str | None
    delivery_number: str
    simulated: bool
    voided: bool
    received_at: datetime
    changed_at: datetime
    base: Json
    gate_draft: Draft | None = None
    proposed_event: str | None = None
    proposed: Draft | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    corrected: Mapping[str, Any] = field(default_factory=dict)
    released: bool | None = None

    @cached_property
    def payload(self) -> Json:
        """The effective payload: people's values over the gate's, what customs has approved to correct over both."""
        return laid(self._issued, dict(self.corrected)) if self.corrected else self._issued

    @cached_property
    def _issued(self) -> Json:
        values = entries_of.values(self.entries)
        return laid(self.base, values) if values else self.base

    @property
    def kind(self) -> str:
        """IIE or ISE."""
        return str(self.base["report"])

    @property
    def items(self) -> list[Json]:
        """The items of the effective payload."""
        return list(self.payload["items"])

    def document(self) -> Payload:
        """The effective payload as the model that records are written by. Raises `BadRecord`."""
        return self._document

    @cached_property
    def _document(self) -> Payload:
        if self.gate_draft is not None and self.payload is self.base:
            return self.gate_draft.payload
        return Payload.from_wire(self.payload)

    def issued(self) -> Payload:
        """The payload as its document was issued, before anything of it was corrected. Raises `BadRecord`."""
        return Payload.from_wire(self._issued)

    def fields(self, rules: Rules) -> list[Field]:
        """Every field in the order of the form."""
        return [self._field(each, rules) for each in self.pointers()]

    def judged(self) -> list[Judged]:
        """The gate's findings, each with what has become of it."""
        return [self._judge(finding) for finding in self._findings()]

    def _findings(self) -> tuple[Finding, ...]:
        """The gate's findings, and that the registry knows no release of an exit where the gate has not said so."""
        findings = tuple(self.gate_draft.findings) if self.gate_draft else ()
        said = any(finding.code is Code.NO_RELEASE for finding in findings)
        if self.released is False and not said:
            findings += (Finding(code=Code.NO_RELEASE, severity=Severity.ERROR),)
        return findings

    def matters(self, rules: Rules) -> list[Matter]:
        """What keeps the report from review, in the order of the form; empty when nothing does."""
        return list(self._matters(rules))

    def _matters(self, rules: Rules) -> Iterator[Matter]:
        fields = self.fields(rules)
        for each in fields:
            if each.lacks:
                yield Matter(each.pointer, Phrase("console.matter.lacks", {"field": label(each.pointer)}))
            if each.unconfirmed and each.entry is not None:
                params = {"field": label(each.pointer), "name": each.entry.name}
                yield Matter(each.pointer, Phrase("console.matter.second", params))
        lacking = {each.pointer for each in fields if each.lacks}
        for judged in self.judged():
            finding = judged.finding
            if finding.severity is Severity.ERROR and not judged.settled and finding.field not in lacking:
                yield Matter(finding.field, phrase(finding))
        try:
            self.document()
        except BadRecord as error:
            yield Matter(None, Phrase("console.matter.invalid", {"what": str(error)[:300]}))

    def unconfirmed(self, rules: Rules) -> list[Entry]:
        """Entries that wait for a second person."""
        return [
            each
            for each in self.entries.values()
            if entries_of.unconfirmed(each, at(self.base, each.field), rules)
        ]

    def proposals(self) -> list[tuple[str, Any, Any]]:
        """What a later revision of the gate would change: pointer, value in use, value proposed."""
        if self.proposed is None:
            return []
        return changed(self.payload, self.proposed.payload.to_wire(), {*self.entries, *self.corrected})

    def pointers(self) -> Iterator[str]:
        """The JSON Pointers of all fields, in the order of the form."""
        yield "/document"
        if self.kind == "ISE":
            yield "/exit_reason"
        yield "/entered_at"
        for place in range(len(self.items)):
            yield from (f"/items/{place}/{name}" for name in OF_ITEM)

    def _field(self, where: str, rules: Rules) -> Field:
        entry, gate_value = self.entries.get(where), meant(at(self.base, where), where)
        kind = kind_of(where)
        assert kind is not None  # noqa: S101 - all pointers here are fields
        return Field(
            pointer=where,
            name=where.rpartition("/")[2],
            kind=kind,
            value=meant(at(self.payload, where), where),
            gate_value=gate_value,
            required=self._required(where, rules),
            entry=entry,
            source=self._source(where),
            unconfirmed=entry is not None and entries_of.unconfirmed(entry, gate_value, rules),
        )

    def _required(self, where: str, rules: Rules) -> bool:
        name = where.rpartition("/")[2]
        if name == "container" and at(self.payload, where.replace("/container", "/loose")):
            return False
        return name in rules.required

    def _source(self, where: str) -> Source | None:
        """Where the gate has the value from: the source of the field, or of the first thing in it."""
        provenance = self.gate_draft.provenance if self.gate_draft else {}
        return next((source for name, source in provenance.items() if covers(where, name)), None)

    def _judge(self, finding: Finding) -> Judged:
        key, where = finding_key(finding), finding.field or ""
        if self._says_only_empty(finding):
            value = at(self.payload, where)
            loose = finding.code is Code.MISSING_CONTAINER and self._is_loose(where)
            return Judged(finding, key, moot=value is not None or loose, fillable=True)
        if finding.code is Code.NO_RELEASE and self.released:
            return Judged(finding, key, moot=True)
        return Judged(finding, key, settled_by=self.entries.get(key) or self._spoken(finding))

    def _says_only_empty(self, finding: Finding) -> bool:
        name = (finding.field or "").rpartition("/")[2]
        return LACKS.get(name) is finding.code

    def _spoken(self, finding: Finding) -> Entry | None:
        """The entry by which a person has said the field that a finding is about."""
        where = finding.field
        if where is None or finding.code is Code.NEEDS_SECOND_PERSON:
            return None
        fields = (each for each in self.entries.values() if each.is_field)
        return next((each for each in fields if covers(each.field, where)), None)

    def _is_loose(self, where: str) -> bool:
        return bool(at(self.payload, where.replace("/container", "/loose")))


def finding_key(finding: Finding) -> str:
    """The name of the entry that acknowledges a finding: of these very values, not of others later."""
    said = json.dumps([finding.field, dict(sorted(finding.params.items()))], sort_keys=True)
    return f"{FINDING}{finding.code.value}:{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def may_acknowledge(finding: Finding, who: Who) -> bool:
    """Whether a person may settle a finding: what asks for a second person is not for the first."""
    if finding.code is not Code.NEEDS_SECOND_PERSON:
        return True
    return finding.params.get("person", "").casefold() != who.name.casefold()


UNSAID = "?"
"""What stands where a finding lacks a parameter of its text."""


def phrase(finding: Finding) -> Phrase:
    """A finding as people read it. What its gate has left out is shown as such, what it adds is not."""
    code = f"finding.{finding.code.value}"
    return Phrase(code, {name: finding.params.get(name, UNSAID) for name in named(code)})


def label(where: str) -> Phrase:
    """A field's name as people read it; an item's with its number."""
    parts = pointer.parts(where)
    name = Phrase(f"console.field.{parts[-1]}")
    if len(parts) == 3 and parts[0] == "items":
        return Phrase("console.field.of_item", {"field": name, "item": int(parts[1]) + 1})
    return name


def changed(old: Json, new: Json, entries: Iterable[str] = ()) -> list[tuple[str, Any, Any]]:
    """The fields in which two payloads differ, but for those that people have said."""
    kept = set(entries)
    found = []
    for where in _all_fields(old, new):
        before, after = meant(at(old, where), where), meant(at(new, where), where)
        if before != after and where not in kept:
            found.append((where, before, after))
    return found


def _all_fields(*payloads: Json) -> Iterator[str]:
    yield from ("/document", "/exit_reason", "/entered_at")
    for place in range(max(len(payload["items"]) for payload in payloads)):
        yield from (f"/items/{place}/{name}" for name in OF_ITEM)


def meant(value: Any, where: str) -> Any:
    """A value as it is compared: no seals are an empty list, cargo is not loose unless it is said."""
    name = where.rpartition("/")[2]
    if name == "seals":
        return list(value or [])
    return bool(value) if name == "loose" else value
