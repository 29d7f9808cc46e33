"""What a clerk was answered is recorded and answered again, in the same order and to the same effect."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.clerk.codec import PREADVICE
from gateway.clerk.knowledge import SAME, Answer, Memory, Recorded, Replayed
from gateway.clerk.ledger import Entry, Total
from gateway.clerk.stay import OpenStay, Stays
from gateway.clerk.visit import Visit
from gateway.preadvice.book import Announcements, Releases
from record.draft import BaseDocument, DocumentType
from record.preadvice import Preadvice
from record.release import Release

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAE = BaseDocument(type=DocumentType.DAE, number="02820264000123456")
KEYS = {"document": DAE.to_wire(), "containers": ["CSQU3054383"]}
NOTICE = Preadvice.from_wire({"id": "a-1", "keys": KEYS, "cargo": {"packages": 10}})
RELEASE = Release.from_wire({"id": "r-1", "keys": KEYS, "reason": "load"})
INSIDE = OpenStay(Visit("v-1", "s-1", "c1", NOON, 0.0))
LEAVES = Visit("v-2", "s-2", "c2", NOON, 9.0)


def memory() -> Memory:
    return Memory(Announcements([NOTICE]), Releases([RELEASE]), stays=Stays([INSIDE]))


def entry(packages: int) -> Entry:
    return Entry(DAE, "d-1", NOON.date(), packages, NOTICE.cargo.weight_kg or Total().kg)


def ask(known: Recorded | Replayed | Memory) -> list[object]:
    """Every question once."""
    return [
        known.preadvice(DAE),
        known.announced(frozenset({"CSQU3054383", "TEXU3070079"})),
        known.release(DAE, frozenset(), NOON),
        known.before(DAE, "d-2"),
        known.match(LEAVES, 72),
        known.taken("s-1", "v-2"),
        known.taken("s-1", "v-3"),
    ]


def test_a_replay_answers_as_the_memory_did() -> None:
    tape: list[Answer] = []
    recorded = Recorded(memory(), tape.append)
    answers = ask(recorded)
    recorded.received(entry(7))
    later = ask(recorded)
    assert answers == ask(memory())
    assert later[3] != answers[3]
    replayed = Replayed()
    half = len(tape) // 2
    replayed.learn(tape[:half])
    assert ask(replayed) == answers
    replayed.learn(tape[half:])
    assert ask(replayed) == later


def test_an_answer_that_has_not_changed_is_written_short() -> None:
    tape: list[Answer] = []
    recorded = Recorded(memory(), tape.append)
    recorded.preadvice(DAE)
    recorded.preadvice(DAE)
    assert [answer for *_, answer in tape] == [PREADVICE.dump(NOTICE), SAME]
    recorded.forget()
    recorded.preadvice(DAE)
    assert tape[-1][2] == PREADVICE.dump(NOTICE)


def test_a_tape_that_does_not_hold_a_question_answers_nothing() -> None:
    assert ask(Replayed()) == [None, frozenset(), None, Total(), None, True, True]


def test_what_is_told_reaches_the_memory_and_no_replay() -> None:
    known = memory()
    for told in (Recorded(known, lambda answer: None), Replayed()):
        told.entered(OpenStay(LEAVES))
        told.taken("s-2", "v-9")
        told.given_back("s-2", "v-9")
        told.left("s-1")
        told.cancelled("d-1")
    assert [stay.id for stay in known.stays] == ["s-2"]
    assert known.taken("s-2", "v-8")
