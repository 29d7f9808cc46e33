"""From messages to the database and back to answers: what one worker does with one batch.

    examine all ─▶ one transaction ─▶ commit ─▶ answers to the gates ─▶ acknowledgements to the broker

An answer is published and a message acknowledged only after the commit. A crash in between makes the broker
(or the gate) send again, and the same event gets the same answer again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, or_, select
from sqlalchemy.exc import DatabaseError

from record.proof import SigningKey
from record.topics import Gate
from registry import keyring
from registry.database import overtaken, reading, writing
from registry.intake import Arrival, Finding, Parked, Refused, examine
from registry.roster import Roster
from registry.seldom import Seldom
from registry.store import Batch, Outcome, Result
from registry.tables import parked

log = logging.getLogger(__name__)

TAKEN_IN = 100
"""Parked events that are taken in at once."""

AGAIN = 3
"""Attempts at a batch that another worker's commit has overtaken."""


class Receiver:
    """Takes arrivals in, in one thread. Knows nothing of MQTT.

    ``may_take_in`` says that a key was accepted since `take_in` looked at the parked events.
    """

    def __init__(
        self, engine: Engine, key: SigningKey, roster: Roster, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._key, self._clock = engine, key, clock
        self._seldom = Seldom(log)
        self.counts: Counter[Outcome] = Counter()
        self.enrol(roster)

    def enrol(self, roster: Roster) -> None:
        """Accept the gates and keys of the settings, at the start or after they have changed."""
        with writing(self._engine) as connection:
            self._roster = keyring.enrol(connection, roster, self._key.public, self._clock())
        self._of_settings = roster
        self.may_take_in = True

    def look_again(self) -> bool:
        """Take the keys that another worker or a command has accepted or revoked; whether there were any."""
        with reading(self._engine) as connection:
            roster = keyring.joined(connection, self._of_settings)
        if roster == self._roster:
            return False
        self._roster, self.may_take_in = roster, True
        return True

    def receive(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Store a batch; one result for each arrival, in order. Raises what the database raises."""
        findings = [examine(arrival, self._roster) for arrival in arrivals]
        if any(isinstance(finding, Parked) for finding in findings) and self.look_again():
            findings = [examine(arrival, self._roster) for arrival in arrivals]
        results = self._store(findings)
        self._tell(findings, results)
        return results

    def take_in(self) -> list[Result]:
        """Examine the parked events again: those whose gate and key are accepted by now are stored.

        Of many only the first are looked at; ``may_take_in`` then stays true.
        """
        rows = self._known_parked()
        if not rows:
            self.may_take_in = False
            return []
        findings = [examine(Arrival.of(row.topic, row.body), self._roster) for row in rows]
        results = self._store(findings, [row.position for row in rows])
        self._tell(findings, results)
        return results

    def _known_parked(self) -> list[Row[Any]]:
        """The first parked events whose gate and key are accepted."""
        with reading(self._engine) as connection:
            names = select(parked.c.depot, parked.c.gate, parked.c.key).distinct()
            known = [
                (parked.c.depot == row.depot) & (parked.c.gate == row.gate) & (parked.c.key == row.key)
                for row in connection.execute(names)
                if self._accepted(Gate(row.depot, row.gate), row.key)
            ]
            if not known:
                return []
            query = select(parked).where(or_(*known)).order_by(parked.c.position).limit(TAKEN_IN)
            return list(connection.execute(query).all())

    def _accepted(self, gate: Gate, key: str) -> bool:
        member = self._roster.members.get(gate)
        return member is not None and key in member.keys

    def _store(self, findings: Sequence[Finding], taken_in: Sequence[int] = ()) -> list[Result]:
        for attempt in range(1, AGAIN + 1):
            try:
                return self._store_once(findings, taken_in)
            except DatabaseError as error:
                if attempt == AGAIN or not overtaken(error):
                    raise
        raise AssertionError("unreachable")

    def _store_once(self, findings: Sequence[Finding], taken_in: Sequence[int]) -> list[Result]:
        with writing(self._engine) as connection:
            batch = Batch(connection, self._key, self._clock(), findings)
            results = [batch.decide(finding) for finding in findings]
            batch.write()
            for position in taken_in:
                connection.execute(delete(parked).where(parked.c.position == position))
        for gate, key in batch.accepted_keys:
            self._roster = self._roster.accepting(gate, key)
        self.may_take_in = self.may_take_in or bool(batch.accepted_keys)
        return results

    def _tell(self, findings: Sequence[Finding], results: Sequence[Result]) -> None:
        for finding, result in zip(findings, results, strict=True):
            self.counts[result.outcome] += 1
            if isinstance(finding, Parked):
                self._tell_parked(finding)
            elif result.refused is not None:
                self._tell_refused(result.refused)

    def _tell_parked(self, finding: Parked) -> None:
        gate = keyring.owner(finding.gate)
        text = (
            f"intake: {gate}: parked, {finding.reason.value}: key {finding.key} is not accepted for this gate"
        )
        self._seldom.tell(logging.ERROR, (gate, finding.reason, finding.key), text)

    def _tell_refused(self, refused: Refused) -> None:
        level = logging.ERROR if refused.alarm else logging.WARNING
        kind = (refused.gate, refused.reason)
        text = f"intake: {refused.arrival.topic[:120]!r}: refused, {refused.reasons[0]}"
        self._seldom.tell(level, kind, text)
