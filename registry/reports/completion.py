"""Completion: what a person typed into a report's form, judged and turned into entries. Pure.

A field that says what it said before is no entry. One that says what the gate says gives the field back to the
gate. Whoever changes a value that the gate has says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from record.messages import Phrase
from registry.people.who import Who
from registry.reports.entry import FINDING, Entry
from registry.reports.field import BadValue, kind_of, shown, typed
from registry.reports.pointer import at
from registry.reports.report import Report, may_acknowledge, meant
from registry.reports.rules import Rules

LONGEST_REASON = 500


class BadFields(Exception):
    """Some of what was typed cannot stand; ``problems`` tells why, by field."""

    def __init__(self, problems: Mapping[str, Phrase]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for: texts by field, fields vouched for as they are, findings acknowledged."""

    texts: Mapping[str, str] = field(default_factory=dict)
    vouched: Iterable[str] = ()
    acknowledged: Iterable[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What comes of it: entries to keep, names of entries to drop, and the changes as history tells them."""

    entries: Mapping[str, Entry]
    dropped: frozenset[str]
    changes: tuple[dict[str, Any], ...]
    remarks: Mapping[str, tuple[Phrase, ...]]

    @property
    def nothing(self) -> bool:
        """Whether nothing has changed."""
        return not self.entries and not self.dropped


class Completion:
    """One completion on its way. Use once."""

    def __init__(self, report: Report, who: Who, now: datetime, rules: Rules, today: date) -> None:
        self._report, self._who, self._now, self._rules, self._today = report, who, now, rules, today
        self._entries: dict[str, Entry] = {}
        self._dropped: set[str] = set()
        self._changes: list[dict[str, Any]] = []
        self._remarks: dict[str, tuple[Phrase, ...]] = {}
        self._problems: dict[str, Phrase] = {}
        self._overrules = False

    def done(self, asked: Asked) -> Done:
        """Judge all of it. Raises `BadFields` for whatever cannot stand."""
        reason = " ".join(asked.reason.split())[:LONGEST_REASON]
        for where, text in asked.texts.items():
            self._type(where, text, reason)
        for where in asked.vouched:
            self._vouch(where, reason)
        for key in asked.acknowledged:
            self._acknowledge(key, reason)
        if self._overrules and not reason:
            self._problems["reason"] = Phrase("console.value.reason")
        if any(not letter.isprintable() for letter in reason):
            self._problems["reason"] = Phrase("console.value.invisible")
        if self._problems:
            raise BadFields(self._problems)
        return Done(self._entries, frozenset(self._dropped), tuple(self._changes), self._remarks)

    def _type(self, where: str, text: str, reason: str) -> None:
        kind = kind_of(where)
        if kind is None or not self._is_here(where):
            self._problems[where] = Phrase("console.value.no_field")
            return
        current = meant(at(self._report.payload, where), where)
        if text.strip() == shown(kind, current):
            return
        try:
            found = typed(where, text, self._rules, self._today)
        except BadValue as error:
            self._problems[where] = error.phrase
            return
        if found.remarks:
            self._remarks[where] = found.remarks
        value = meant(found.value, where)
        if value != current and shown(kind, value) != shown(kind, current):
            self._say(where, value, current, reason)

    def _say(self, where: str, value: Any, current: Any, reason: str) -> None:
        gate_value = meant(at(self._report.base, where), where)
        if value == gate_value:
            self._dropped.add(where)
        else:
            overrules = bool(gate_value) and self._report.gate_draft is not None
            self._overrules = self._overrules or overrules
            self._entries[where] = self._entry(where, value, gate_value, reason)
        self._changes.append({"field": where, "before": current, "after": value})

    def _vouch(self, where: str, reason: str) -> None:
        """Say the same as the gate: what it was not sure of, a person has looked at."""
        value = meant(at(self._report.payload, where), where)
        if kind_of(where) is None or value is None:
            self._problems.setdefault(where, Phrase("console.value.no_field"))
            return
        if where in self._report.entries or where in self._entries:
            return
        gate_value = meant(at(self._report.base, where), where)
        self._entries[where] = self._entry(where, value, gate_value, reason)
        self._changes.append({"field": where, "before": value, "after": value, "vouched": True})

    def _acknowledge(self, key: str, reason: str) -> None:
        judged = next((each for each in self._report.judged() if each.key == key), None)
        if judged is None or not key.startswith(FINDING):
            self._problems[key] = Phrase("console.value.no_finding")
        elif not may_acknowledge(judged.finding, self._who):
            self._problems[key] = Phrase("console.value.not_yourself")
        elif not judged.settled:
            self._entries[key] = self._entry(key, True, None, reason)
            self._changes.append({"field": key, "before": None, "after": True})

    def _entry(self, where: str, value: Any, gate_value: Any, reason: str) -> Entry:
        who = self._who
        return Entry(where, value, gate_value, who.id, who.name, who.role.value, self._now, reason)

    def _is_here(self, where: str) -> bool:
        """Whether a field is one of this report's: an item may be the next one, not one after a gap."""
        parts = where.split("/")
        if parts[1] == "items":
            return int(parts[2]) <= len(self._report.items)
        return where != "/exit_reason" or self._report.kind == "ISE"
