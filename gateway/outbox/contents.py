"""What an outbox holds, for whoever reads it: its events with their states, its head, what was set aside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.outbox.aside import HOLDS, LIST, Aside
from gateway.outbox.chain import HEAD, PRESENT, SHOWN
from gateway.outbox.file import OutboxFile
from gateway.outbox.letter import WAITING, OutboxBroken, State, Stored, stored
from record.registry_state import Head
from record.topics import Gate

COUNTS = "SELECT state, COUNT(*) FROM queue GROUP BY state"


class Contents:
    """The reading side of one gate's outbox. Every method may be called from any thread.

    ``rows_before`` is the last row that was there when the file was opened.
    """

    rows_before: int

    def __init__(self, file: OutboxFile, gate: Gate) -> None:
        self._file, self._gate = file, gate

    @property
    def file(self) -> OutboxFile:
        """The file, for whoever copies or examines it."""
        return self._file

    @property
    def source(self) -> str:
        """The CloudEvents source of the present installation."""
        found = self._file.read(PRESENT)
        if not found:
            raise OutboxBroken("the outbox has no installation")
        return self._gate.source(found[0][0])

    def aside(self) -> list[Aside]:
        """What was set aside since no event can hold it, newest first."""
        return [Aside(*row) for row in self._file.read(LIST)]

    def head(self) -> Head | None:
        """Sequence and hash of the present installation's last event."""
        found = self._file.read(HEAD, [self.source])
        return Head(sequence=found[0][0], hash=found[0][1]) if found else None

    def first_since_opened(self, source: str) -> int | None:
        """The first sequence of a source that was made since this file was opened."""
        query = "SELECT min(sequence) FROM events WHERE source = ? AND row > ? AND stands_for IS NULL"
        first = self._file.read(query, [source, self.rows_before])[0][0]
        return None if first is None else int(first)

    def place(self, source: str, sequence: int) -> list[Stored]:
        """The event with that sequence, and what stands in for it where it is dead."""
        return self._find("source = ? AND sequence = ? ORDER BY row", [source, sequence])

    def aged_through(self, source: str) -> int:
        """Up to which sequence of a source received events have aged out, 0 for none."""
        installation = source.rsplit("/", 1)[-1]
        found = self._file.read("SELECT aged_through FROM installations WHERE id = ?", [installation])
        return int(found[0][0]) if found else 0

    def waiting(self, limit: int, *, after: int = 0) -> list[Stored]:
        """The oldest events after row ``after`` that the registry has not received, in the order of making."""
        return self._find(f"state IN ({WAITING}) AND row > ? ORDER BY row LIMIT ?", [after, limit])

    def find(self, *, states: Iterable[State] = tuple(State), limit: int = 1000) -> list[Stored]:
        """Events in any of ``states``, newest first."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        return self._find(f"state IN ({marks}) ORDER BY row DESC LIMIT ?", [*wanted, limit])

    def get(self, event: str) -> Stored | None:
        """One event by its id."""
        found = self._find("id = ?", [event])
        return found[0] if found else None

    def holds(self, kind: str, subject: str | None, revision: int | None = None) -> bool:
        """Whether an event of this type about this subject, in this revision, was put here before, or set aside."""
        if self._file.read(HOLDS, [kind, subject, revision, revision]):
            return True
        stored = self._find("type = ? AND subject IS ?", [kind, subject])
        return any(
            revision is None or json.loads(each.body)["data"]["revision"] == revision for each in stored
        )

    def counts(self) -> dict[State, int]:
        """How many events are in each state."""
        found = {State(state): count for state, count in self._file.read(COUNTS)}
        return {state: found.get(state, 0) for state in State}

    def command_reply(self, command: str) -> Mapping[str, Any] | None:
        """What was answered to a command that was obeyed already."""
        found = self._file.read("SELECT reply FROM commands WHERE id = ?", [command])
        return json.loads(found[0][0]) if found else None

    def _find(self, where: str, parameters: list[Any]) -> list[Stored]:
        query = f"SELECT {SHOWN} FROM letters WHERE {where}"  # noqa: S608 - own words, whose values are bound
        return [stored(row) for row in self._file.read(query, parameters)]
