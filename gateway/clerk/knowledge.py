"""What a gate knows besides the truck in front of it: announcements, releases, what came before, who is inside.

A clerk asks seven questions and tells six things; nobody else stands between visits and the gate's memory. So a
tape can keep every answer, and a replay can give the same answers again on any machine.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from gateway.clerk.codec import MATCH, NUMBERS, PREADVICE, RELEASE, TARE, TOTAL, YES_OR_NO, Codec
from gateway.clerk.learnt_tare import LearntTare, LearntTares, Plates
from gateway.clerk.ledger import Entry, Ledger, Total
from gateway.clerk.stay import Match, OpenStay, Stays
from gateway.clerk.visit import Visit
from gateway.preadvice.book import Announcements, Releases
from record.base import timestamp
from record.draft import BaseDocument
from record.preadvice import Preadvice
from record.release import Release


class Knowledge(Protocol):
    """The questions of a clerk, and what it tells."""

    def preadvice(self, document: BaseDocument | None) -> Preadvice | None:
        """The announcement of a base document."""

    def announced(self, numbers: frozenset[str]) -> frozenset[str]:
        """Which of these containers are announced at all."""

    def release(
        self, document: BaseDocument | None, containers: frozenset[str], at: datetime
    ) -> Release | None:
        """The release of a document or container."""

    def before(self, document: BaseDocument | None, draft: str | None) -> Total:
        """What other drafts have received under a document."""

    def match(self, visit: Visit, hours: int) -> Match | None:
        """The open stay of a visit's truck."""

    def tare(self, plates: Plates, oldest: date) -> LearntTare | None:
        """What the truck of these plates weighed empty, on that day or later."""

    def weighed_empty(self, tare: LearntTare, oldest: date) -> None:
        """A truck has left empty; tares from before a day are forgotten."""

    def received(self, entry: Entry) -> None:
        """A draft says that this was received."""

    def entered(self, stay: OpenStay) -> None:
        """A truck is in the depot now."""

    def left(self, stay: str) -> None:
        """A truck has left the depot."""

    def cancelled(self, draft: str) -> None:
        """A draft was taken back: what it said was not received."""

    def taken(self, stay: str, visit: str) -> bool:
        """A visit ends a stay, so that no other may; False where another does, or the stay is over."""

    def given_back(self, stay: str, visit: str) -> None:
        """A visit does not end the stay after all."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The gate's own memory, shared by its lanes."""

    announcements: Announcements = field(default_factory=Announcements)
    releases: Releases = field(default_factory=Releases)
    ledger: Ledger = field(default_factory=Ledger)
    stays: Stays = field(default_factory=Stays)
    tares: LearntTares = field(default_factory=LearntTares)

    def preadvice(self, document: BaseDocument | None) -> Preadvice | None:
        """As `Knowledge.preadvice`."""
        return self.announcements.of_document(document)

    def announced(self, numbers: frozenset[str]) -> frozenset[str]:
        """As `Knowledge.announced`."""
        return numbers & self.announcements.containers()

    def release(
        self, document: BaseDocument | None, containers: frozenset[str], at: datetime
    ) -> Release | None:
        """As `Knowledge.release`."""
        return self.releases.of(document, containers, at)

    def before(self, document: BaseDocument | None, draft: str | None) -> Total:
        """As `Knowledge.before`."""
        return self.ledger.before(document, draft)

    def match(self, visit: Visit, hours: int) -> Match | None:
        """As `Knowledge.match`."""
        return self.stays.match(visit, hours)

    def tare(self, plates: Plates, oldest: date) -> LearntTare | None:
        """As `Knowledge.tare`."""
        return self.tares.of(plates, oldest)

    def weighed_empty(self, tare: LearntTare, oldest: date) -> None:
        """As `Knowledge.weighed_empty`."""
        self.tares.learn(tare, oldest)

    def received(self, entry: Entry) -> None:
        """As `Knowledge.received`."""
        self.ledger.put(entry)

    def entered(self, stay: OpenStay) -> None:
        """As `Knowledge.entered`."""
        self.stays.open(stay)

    def left(self, stay: str) -> None:
        """As `Knowledge.left`."""
        self.stays.close(stay)

    def cancelled(self, draft: str) -> None:
        """As `Knowledge.cancelled`."""
        self.ledger.remove(draft)

    def taken(self, stay: str, visit: str) -> bool:
        """As `Knowledge.taken`."""
        return self.stays.take(stay, visit)

    def given_back(self, stay: str, visit: str) -> None:
        """As `Knowledge.given_back`."""
        self.stays.give_back(stay, visit)


T = TypeVar("T")

Answer = tuple[str, str, Any]
"""Name of a question, what it was asked of, and its answer as JSON."""

SAME = "="
"""Written in place of an answer that is the last one to the same question."""


class Recorded:
    """Asks another knowledge, and writes every answer down in the order of the questions."""

    def __init__(self, knowledge: Knowledge, write: Callable[[Answer], None]) -> None:
        self.source, self._write = knowledge, write
        self._last: dict[tuple[str, str], Any] = {}

    def forget(self) -> None:
        """A tape has ended: the next one has to tell every answer anew."""
        self._last.clear()

    def preadvice(self, document: BaseDocument | None) -> Preadvice | None:
        """As `Knowledge.preadvice`."""
        return self._keep("preadvice", _key(document), self.source.preadvice(document), PREADVICE)

    def announced(self, numbers: frozenset[str]) -> frozenset[str]:
        """As `Knowledge.announced`."""
        return self._keep("announced", _keys(numbers), self.source.announced(numbers), NUMBERS)

    def release(
        self, document: BaseDocument | None, containers: frozenset[str], at: datetime
    ) -> Release | None:
        """As `Knowledge.release`."""
        key = f"{_key(document)} {_keys(containers)} {timestamp(at)}"
        return self._keep("release", key, self.source.release(document, containers, at), RELEASE)

    def before(self, document: BaseDocument | None, draft: str | None) -> Total:
        """As `Knowledge.before`."""
        return self._keep("before", _key(document), self.source.before(document, draft), TOTAL)

    def match(self, visit: Visit, hours: int) -> Match | None:
        """As `Knowledge.match`."""
        return self._keep("match", visit.id, self.source.match(visit, hours), MATCH)

    def tare(self, plates: Plates, oldest: date) -> LearntTare | None:
        """As `Knowledge.tare`."""
        return self._keep("tare", _keys(plates), self.source.tare(plates, oldest), TARE)

    def weighed_empty(self, tare: LearntTare, oldest: date) -> None:
        """As `Knowledge.weighed_empty`."""
        self.source.weighed_empty(tare, oldest)

    def received(self, entry: Entry) -> None:
        """As `Knowledge.received`."""
        self.source.received(entry)

    def entered(self, stay: OpenStay) -> None:
        """As `Knowledge.entered`."""
        self.source.entered(stay)

    def left(self, stay: str) -> None:
        """As `Knowledge.left`."""
        self.source.left(stay)

    def cancelled(self, draft: str) -> None:
        """As `Knowledge.cancelled`."""
        self.source.cancelled(draft)

    def taken(self, stay: str, visit: str) -> bool:
        """As `Knowledge.taken`."""
        return self._keep("taken", f"{stay} {visit}", self.source.taken(stay, visit), YES_OR_NO)

    def given_back(self, stay: str, visit: str) -> None:
        """As `Knowledge.given_back`."""
        self.source.given_back(stay, visit)

    def _keep(self, name: str, key: str, answer: T, codec: Codec[T]) -> T:
        known = (name, key) in self._last and self._last[name, key] == answer
        self._last[name, key] = answer
        self._write((name, key, SAME if known else codec.dump(answer)))
        return answer


class Replayed:
    """Gives the answers of a tape again; a question that the tape does not hold is answered with nothing.

    Told one by one (`learn`) as the tape is read, so that each question finds the answer of its time.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Any] = {}
        self._coming: defaultdict[tuple[str, str], deque[Any]] = defaultdict(deque)

    def learn(self, answers: Iterable[Answer]) -> None:
        """The answers that the recorded clerk got next; what was not asked for until now, it knew by then."""
        for (name, key), left in self._coming.items():
            while left:
                self._take(name, key, left.popleft())
        for name, key, answer in answers:
            self._coming[name, key].append(answer)

    def preadvice(self, document: BaseDocument | None) -> Preadvice | None:
        """As `Knowledge.preadvice`."""
        return self._ask("preadvice", _key(document), PREADVICE, None)

    def announced(self, numbers: frozenset[str]) -> frozenset[str]:
        """As `Knowledge.announced`."""
        return self._ask("announced", _keys(numbers), NUMBERS, frozenset())

    def release(
        self, document: BaseDocument | None, containers: frozenset[str], at: datetime
    ) -> Release | None:
        """As `Knowledge.release`."""
        key = f"{_key(document)} {_keys(containers)} {timestamp(at)}"
        return self._ask("release", key, RELEASE, None)

    def before(self, document: BaseDocument | None, draft: str | None) -> Total:
        """As `Knowledge.before`."""
        return self._ask("before", _key(document), TOTAL, Total())

    def match(self, visit: Visit, hours: int) -> Match | None:
        """As `Knowledge.match`."""
        return self._ask("match", visit.id, MATCH, None)

    def tare(self, plates: Plates, oldest: date) -> LearntTare | None:
        """As `Knowledge.tare`."""
        return self._ask("tare", _keys(plates), TARE, None)

    def weighed_empty(self, tare: LearntTare, oldest: date) -> None:
        """What a replay makes changes nobody's memory."""

    def received(self, entry: Entry) -> None:
        """What a replay makes changes nobody's memory."""

    def entered(self, stay: OpenStay) -> None:
        """What a replay makes changes nobody's memory."""

    def left(self, stay: str) -> None:
        """What a replay makes changes nobody's memory."""

    def cancelled(self, draft: str) -> None:
        """What a replay makes changes nobody's memory."""

    def taken(self, stay: str, visit: str) -> bool:
        """As `Knowledge.taken`; tapes that do not tell are of gates that never refused."""
        return self._ask("taken", f"{stay} {visit}", YES_OR_NO, True)

    def given_back(self, stay: str, visit: str) -> None:
        """What a replay makes changes nobody's memory."""

    def _ask(self, name: str, key: str, codec: Codec[T], otherwise: T) -> T:
        coming = self._coming[name, key]
        if coming:
            self._take(name, key, coming.popleft())
        if (name, key) not in self._answers:
            return otherwise
        return codec.load(self._answers[name, key])

    def _take(self, name: str, key: str, answer: Any) -> None:
        if answer != SAME:
            self._answers[name, key] = answer


def _key(document: BaseDocument | None) -> str:
    return f"{document.type.value} {document.number}" if document else "-"


def _keys(numbers: Iterable[str]) -> str:
    return ",".join(sorted(numbers))
