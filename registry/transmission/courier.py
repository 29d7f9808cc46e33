"""The courier: one thread that brings queued documents to customs' system and fetches its answers.

Where the system is not reached, it waits longer each time and loses nothing. Several workers on one database each
have one: a document is taken by the first that writes down that it leaves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from record.errors import IieError
from registry.database import reading, writing
from registry.reports.office import Office
from registry.rounds import Rounds
from registry.transmission import book
from registry.transmission.book import UNCLEAR
from registry.transmission.counter import Counter, Leaving
from registry.transmission.hearing import Hearing
from registry.transmission.paper import papers
from registry.transmission.parcel import Adapter, NotReached, Refused, Sender, Unanswered
from registry.transmission.queue import QUEUES
from registry.transmission.rules import TransmissionRules
from registry.transmission.way import Way

log = logging.getLogger(__name__)

EVERY_S = 1.0
RESTING_S = (5.0, 600.0)
"""Waits while customs' system is not reached: doubled each time, from the first to the second."""

MOST_ANSWERS = 200
LOOK_BACK = timedelta(hours=1)
"""How much earlier than the first document without an answer answers are asked for: clocks differ."""


class Courier:
    """Goes its `rounds`. ``told`` is called when a report has changed."""

    def __init__(
        self,
        office: Office,
        rules: TransmissionRules,
        adapter: Adapter,
        told: Callable[[], None],
        language: str = "es",
    ) -> None:
        self._office, self._rules, self._adapter, self._told = office, rules, adapter, told
        self._way = Way(office.file, office.documents)
        self._counters = [Counter(office, self._way, each, language) for each in papers(office)]
        self._hearing = Hearing(office, self._way)
        self._rest = RESTING_S[0]
        self._away = False
        self._next_look = time.monotonic()
        self.rounds = Rounds("registry-courier", "customs: documents", self._once)

    def send(self) -> int:
        """Bring what is queued; how many documents were taken up. Raises `NotReached`, after noting it."""
        count = 0
        for counter in self._counters:
            while not self.rounds.ending and (leaving := counter.next()) is not None:
                count += 1
                self._bring(counter, leaving)
                self._told()
        return count

    def _bring(self, counter: Counter, leaving: Leaving) -> None:
        try:
            self._adapter.send(leaving.parcel)
        except NotReached as error:
            counter.not_reached(leaving, str(error), timedelta(seconds=self._rest))
            raise
        except Unanswered as error:
            counter.sent(leaving, unsure=True, reason=str(error))
        except Refused as error:
            counter.failed(leaving, str(error))
        else:
            counter.sent(leaving)

    def fetch(self) -> int:
        """Fetch answers for what has none; how many decided something. Raises `NotReached`, `Unanswered`, `Refused`."""
        applied = 0
        for sender, depots in self._senders().items():
            with reading(self._office.engine) as connection:
                since = [each.unanswered_since(connection, depots) for each in QUEUES]
            first = min((each for each in since if each is not None), default=None)
            if first is None:
                continue
            references = self._adapter.references(sender, first - LOOK_BACK)
            with reading(self._office.engine) as connection:
                fresh = book.unheard(connection, references)
            for reference in fresh[:MOST_ANSWERS]:
                answer = self._adapter.answer(sender, reference)
                outcome = self._hearing.hear(answer)
                if outcome == "contradicts":
                    log.error("customs: %s contradicts what %s says already", reference, answer.number)
                if outcome == UNCLEAR:
                    log.error("customs: %s may be about %s or a correction of it", reference, answer.number)
                if outcome == "applied":
                    applied += 1
                    self._told()
        return applied

    def look_for_overdue(self) -> int:
        """Say once of each document that it has had no answer for too long; of how many."""
        now = self._office.now()
        before = now - timedelta(minutes=self._rules.answer_minutes)
        found = 0
        for queue in QUEUES:
            with writing(self._office.engine) as connection:
                late = queue.overdue(connection, before)
                for leg in late:
                    queue.note(connection, leg, overdue_at=now)
            if late:
                log.warning("customs: %s documents have no answer since %s", len(late), late[0].sent_at)
            found += len(late)
        return found

    def _senders(self) -> dict[Sender, list[str]]:
        """Each sender with the depots that it sends for."""
        found: dict[Sender, list[str]] = {}
        for depot in self._way.depots:
            found.setdefault(self._way.sender(depot), []).append(depot)
        return found

    def _once(self) -> float:
        try:
            self._round()
            self._back()
        except NotReached as error:
            wait = self._rest
            self._lost(error)
            return wait
        except (Unanswered, Refused) as error:
            log.warning("customs: answers cannot be fetched: %s", error)
        return EVERY_S

    def _round(self) -> None:
        self.send()
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self._rules.poll_s
            self.look_for_overdue()
            self.fetch()

    def _lost(self, error: IieError) -> None:
        if not self._away:
            log.warning("customs: not reached, documents wait: %s", error)
        self._away, self._rest = True, min(self._rest * 2, RESTING_S[1])

    def _back(self) -> None:
        if self._away:
            log.warning("customs: reached again")
        self._away, self._rest = False, RESTING_S[0]
