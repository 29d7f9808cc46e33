"""The load: synthetic drafts, journalled once stored."""

from __future__ import annotations

import io
import threading
from itertools import islice

import pytest

from benchmarks.bare import site
from gateway.load import journalled, letters, put_load
from gateway.outbox.outbox import OutboxBroken
from record.draft import Draft
from record.event import EventType
from record.identifiers.container import parse
from record.identifiers.identifier import Kind
from record.proof import unwire


def test_letters_are_complete_simulated_drafts_of_trucks_of_their_own(gate):
    made = list(islice(letters(site(gate)), 20))
    drafts = [Draft.from_wire(dict(letter.data)) for letter in made]
    assert all(letter.simulated and letter.type is EventType.DRAFT for letter in made)
    assert len({draft.draft for draft in drafts} | {draft.visit for draft in drafts}) == 40
    assert all(parse(draft.payload.items[0].container).kind is Kind.CONTAINER for draft in drafts)
    assert [letter.subject for letter in made] == [draft.draft for draft in drafts]


def test_each_id_is_journalled_after_it_was_stored(outbox, gate):
    journal = io.StringIO()
    done = put_load(outbox, letters(site(gate)), 200, 0.3, journal, threading.Event())
    ids = journal.getvalue().split()
    assert done.stored == len(ids) > 0
    assert ids == [each.id for each in reversed(outbox.find())][1:]
    assert all(unwire(each.body)["simulated"] for each in outbox.find(limit=done.stored))


def test_the_rate_is_kept(outbox, gate):
    done = put_load(outbox, letters(site(gate)), 10, 0.5, io.StringIO(), threading.Event())
    assert 1 <= done.stored <= 6


def test_a_full_disk_is_waited_for_and_the_same_draft_stored(outbox, gate, monkeypatch):
    put, refusals = outbox.put, iter(range(2))

    def sometimes(*given):
        if next(refusals, None) is not None:
            raise OutboxBroken("the disk is full")
        return put(*given)

    monkeypatch.setattr(outbox, "put", sometimes)
    journal, stop = io.StringIO(), threading.Event()

    def one():
        yield from islice(letters(site(gate)), 1)
        stop.set()
        yield from letters(site(gate))

    done = put_load(outbox, one(), 1000, 10, journal, stop)
    assert done.broken == 2
    assert len(journal.getvalue().split()) == 1


@pytest.mark.parametrize(
    ("text", "ids"), [("", []), ("a\nb\n", ["a", "b"]), ("a\nb\n01a2", ["a", "b"]), ("01", [])]
)
def test_a_line_cut_short_by_a_kill_is_no_id(tmp_path, text, ids):
    (tmp_path / "journal").write_text(text)
    assert journalled(tmp_path / "journal") == ids
    assert journalled(tmp_path / "nothing") == []
