"""Is what the outbox holds still what the gate made? Everything is computed anew from the events' bytes.

    each event     canonical bytes, hash, signature by a key of this gate, columns as the bytes say
    each chain     sequences without a hole from the oldest event kept; ``previous`` is the hash before
    stand-ins      the same place as the dead event, and its hash
    the file       the newest row is the last that was ever given out; no event without its queue row

Events that have aged out are no hole: up to there each event that was kept is looked at by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gateway.outbox.file import OutboxFile
from gateway.outbox.letter import COLUMNS, Stored, stored
from record.errors import BadRecord
from record.event import EventType
from record.messages import Phrase, text
from record.proof import GENESIS, BadKey, Proof, PublicKey, unwire, verify, wire

SHOWN = ", ".join(COLUMNS)
ROWS = f"SELECT {SHOWN} FROM letters WHERE source = ? ORDER BY sequence, row"  # noqa: S608 - own words


@dataclass(slots=True)
class Report:
    """What was found."""

    chains: int = 0
    events: int = 0
    problems: list[Phrase] = field(default_factory=list)

    @property
    def unbroken(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.problems

    def add(self, source: str, sequence: int, code: str, detail: object) -> None:
        """Note one problem."""
        problem = Phrase(f"outbox.broken.{code}", {"detail": str(detail)[:300]})
        params = {"source": source, "sequence": sequence, "problem": problem}
        self.problems.append(Phrase("outbox.broken", params))

    def lines(self, lang: str) -> Iterator[str]:
        """The report for people."""
        for problem in self.problems:
            yield problem.text(lang)
        if self.unbroken:
            yield text("outbox.verified", lang, events=self.events, chains=self.chains)
        else:
            yield text("outbox.broken.sum", lang, problems=len(self.problems))


def verified(file: OutboxFile, own: PublicKey) -> Report:
    """Verify all that the file holds, the newest chain first; ``own`` is the key that the gate signs with now.

    A change of keys may stand in a later chain than what the old key signed, where the gate has parted from it.
    """
    report, keys = Report(), {own.id: own}
    rows = file.read("SELECT source FROM events GROUP BY source ORDER BY min(row) DESC")
    aged = dict(file.read("SELECT id, aged_through FROM installations"))
    for (source,) in rows:
        chain = [stored(row) for row in file.read(ROWS, [source])]
        keys = known_keys(chain, keys)
        report.chains += 1
        report.events += len(chain)
        for event in chain:
            _event(report, event, keys)
        _chain(report, chain, int(aged.get(source.rsplit("/", 1)[-1], 0)))
    _file(report, file)
    return report


def known_keys(chain: Iterable[Stored], ours: Mapping[str, PublicKey]) -> dict[str, PublicKey]:
    """Keys that were ours, and those before them: a key was ours if it handed over, in the chain, to one that was."""
    said = [(_said(event), event) for event in chain if event.stands_for is None]
    named = _named(record for record, _ in said)
    keys = dict(ours)
    for (record, event), (following, _) in reversed(list(pairwise(said))):
        if event.type != EventType.KEY_CHANGED or following.get("previous") != event.hash:
            continue
        old, new, after = _signer(record), _key(record), _signer(following)
        if new is not None and new.id in keys and after in keys and old in named:
            keys[old] = named[old]
    return keys


def _named(records: Iterable[Mapping[str, Any]]) -> dict[str, PublicKey]:
    found = (_key(record) for record in records)
    return {key.id: key for key in found if key is not None}


def _key(record: Mapping[str, Any]) -> PublicKey | None:
    data = record.get("data")
    try:
        return PublicKey.parse(str(data.get("key"))) if isinstance(data, dict) else None
    except BadKey:
        return None


def _signer(record: Mapping[str, Any]) -> str:
    try:
        return Proof.parse(record.get("proof")).key
    except BadRecord:
        return ""


def _said(event: Stored) -> dict[str, Any]:
    try:
        return unwire(event.body)
    except BadRecord:
        return {}


def _event(report: Report, event: Stored, keys: Mapping[str, PublicKey]) -> None:
    """One event by itself."""

    def wrong(code: str, detail: object) -> None:
        report.add(event.source, event.sequence, code, detail)

    try:
        record = unwire(event.body)
        proof = verify(record, keys)
    except KeyError as error:
        wrong("foreign_key", error.args[0])
        return
    except BadRecord as error:
        wrong("proof", error)
        return
    if wire(record) != event.body:
        wrong("proof", "written in another way than it was made")
    columns = {"id": event.id, "source": event.source, "sequence": event.sequence, "type": event.type}
    columns |= {"time": event.created_at, "subject": event.subject}
    for name, value in columns.items():
        if record.get(name) != value:
            wrong("column", name)
    if proof.hash != event.hash:
        wrong("column", "hash")


def _chain(report: Report, events: Iterable[Stored], aged_through: int) -> None:
    """One source: its numbers, and that each event names the one before."""
    last, previous = aged_through, GENESIS if aged_through == 0 else None
    places = {event.row: event for event in events if event.stands_for is None}
    for event in places.values():
        if event.sequence <= aged_through:
            continue
        if event.sequence != last + 1:
            missing = f"{last + 1}–{event.sequence - 1}"
            report.add(event.source, event.sequence, "missing", missing)
        elif previous is not None and _said(event).get("previous") != previous:
            report.add(event.source, event.sequence, "chain", previous)
        last, previous = event.sequence, event.hash
    for event in events:
        if event.stands_for is not None:
            _stand_in(report, event, places.get(event.stands_for))


def _stand_in(report: Report, event: Stored, dead: Stored | None) -> None:
    if dead is None:
        report.add(event.source, event.sequence, "missing", event.sequence)
        return
    said, before = _said(event), _said(dead)
    data = said.get("data")
    named = data.get("hash") if isinstance(data, dict) else None
    if (named, event.sequence, said.get("previous")) != (dead.hash, dead.sequence, before.get("previous")):
        report.add(event.source, event.sequence, "chain", dead.hash)


def _file(report: Report, file: OutboxFile) -> None:
    """Nothing was taken from the end, and events and queue belong together."""
    given = file.read("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
    newest = file.read("SELECT row, source, sequence FROM events ORDER BY row DESC LIMIT 1")
    if given and (not newest or newest[0][0] != given[0][0]):
        source, sequence = (newest[0][1], newest[0][2]) if newest else ("", 0)
        report.add(source, sequence, "missing", f"{sequence + 1}–")
    single = (
        "SELECT source, sequence, 'queue' FROM events WHERE row NOT IN (SELECT row FROM queue)"
        " UNION ALL SELECT '', row, 'event' FROM queue WHERE row NOT IN (SELECT row FROM events)"
    )
    for source, sequence, what in file.read(single):
        report.add(source, sequence, "missing", json.dumps(what))
