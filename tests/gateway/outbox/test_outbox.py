"""The outbox by itself: what `put` promises, what a receipt does, what is never done."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from gateway.database import Migrations, opened
from gateway.outbox.outbox import Change, Letter, OutboxBroken, State
from gateway.outbox.schema import m001_outbox
from gateway.outbox.verify import verified
from record.errors import BadRecord
from record.event import EventType
from record.proof import GENESIS, unwire, verify
from record.receipt import Answer, Receipt


def receipt_for(stored, answer=Answer.ACCEPTED, **changes):
    return Receipt(
        answer=answer,
        event=stored.id,
        source=stored.source,
        sequence=stored.sequence,
        hash=stored.hash,
        at=datetime.now(UTC),
    ).model_copy(update=changes)


def state_of(outbox, stored):
    return outbox.get(stored.id).state


def test_a_new_file_begins_with_the_event_that_opens_its_installation(outbox):
    (opened,) = outbox.find()
    data = unwire(opened.body)["data"]
    assert (opened.type, opened.sequence) == (EventType.INSTALLATION_OPENED, 1)
    assert data["reason"] == "first"
    assert data["installation"] == opened.source.rsplit("/", 1)[-1]
    assert "before" not in data


def test_events_are_a_chain_signed_by_the_gate(outbox, letter, gate_key):
    outbox.put(letter(), letter())
    outbox.put(letter())
    events = [unwire(each.body) for each in reversed(outbox.find())]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]
    previous = GENESIS
    for event in events:
        assert event["previous"] == previous
        previous = verify(event, {gate_key.public.id: gate_key.public}).hash
    assert outbox.head().hash == previous


def test_all_letters_of_a_put_are_stored_or_none(outbox, letter):
    before = outbox.head()
    too_large = letter("x" * 70_000)
    with pytest.raises(BadRecord, match="65536 are allowed"):
        outbox.put(letter(), too_large, letter())
    assert outbox.head() == before
    assert len(outbox.find()) == 1
    (stored,) = outbox.put(letter())
    assert stored.sequence == before.sequence + 1


def test_what_breaks_the_contract_is_not_stored(outbox, letter):
    for bad in (
        letter(1.5),
        letter(float("nan")),
        letter(subject=7),
        letter(simulated=1),
        letter(subject="\ud800"),
    ):
        with pytest.raises(BadRecord):
            outbox.put(bad)
    assert outbox.head().sequence == 1


def test_sequences_have_no_gap_over_threads_and_files(outbox, open_outbox, letter):
    other = open_outbox(owner=False)
    errors = []

    def write(box):
        try:
            for _ in range(15):
                box.put(letter(), letter())
        except OutboxBroken as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(box,)) for box in (outbox, other, outbox)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(each.sequence for each in outbox.find()) == list(range(1, 92))
    pairs = [each.sequence for each in reversed(outbox.find())]
    assert pairs == sorted(pairs)


def test_only_a_receipt_ends_the_waiting(outbox, letter):
    (stored,) = outbox.put(letter())
    outbox.mark([Change(stored.row, State.SENT, sends=1), Change(stored.row, State.ACKNOWLEDGED)])
    assert stored.id in [each.id for each in outbox.waiting(10)]
    outbox.settle([receipt_for(stored)])
    assert stored.id not in [each.id for each in outbox.waiting(10)]
    kept = outbox.get(stored.id)
    assert (kept.state, kept.attempts, kept.receipt["answer"]) == (State.RECEIVED, 1, "accepted")
    assert kept.body == stored.body


def test_a_receipt_names_its_event_by_id_and_hash(outbox, letter):
    first, second = outbox.put(letter(), letter())
    outbox.settle([receipt_for(first, hash=second.hash), receipt_for(first, event=second.id)])
    assert state_of(outbox, first) is State.NEW
    assert state_of(outbox, second) is State.NEW


def test_nothing_takes_a_received_event_back(outbox, letter):
    (stored,) = outbox.put(letter())
    outbox.settle([receipt_for(stored)])
    outbox.settle([receipt_for(stored, Answer.REFUSED, reasons=("late",))])
    outbox.mark([Change(stored.row, State.NEW, "late")])
    outbox.bury(stored.row, "late")
    assert state_of(outbox, stored) is State.RECEIVED


def test_a_refused_event_steps_aside_with_its_reason(outbox, letter):
    (stored,) = outbox.put(letter())
    outbox.settle([receipt_for(stored, Answer.REFUSED, reasons=("bad_contract: /data",))])
    kept = outbox.get(stored.id)
    assert (kept.state, kept.reason) == (State.REFUSED, "bad_contract: /data")
    assert not outbox.counts()[State.SENT]
    assert outbox.counts()[State.REFUSED] == 1


def test_what_the_registry_asks_for_is_queued_again_unchanged(outbox, letter):
    events = outbox.put(*(letter() for _ in range(4)))
    outbox.settle([*map(receipt_for, events[:3]), receipt_for(events[3], Answer.REFUSED)])
    assert outbox.again(outbox.source, 3, 5) == 3
    assert outbox.again("/depot/g1/another", 1, 99) == 0
    waiting = {each.sequence: each.body for each in outbox.waiting(10)}
    assert waiting == {1: outbox.waiting(1)[0].body} | {each.sequence: each.body for each in events[1:]}


def test_a_dead_event_leaves_another_in_its_place(outbox, letter, gate_key):
    before, dead, after = outbox.put(letter(), letter(), letter())
    outbox.bury(dead.row, "larger than the broker takes")
    assert state_of(outbox, dead) is State.DEAD
    stand_in = outbox.waiting(10)[-1]
    event = unwire(stand_in.body)
    assert verify(event, {gate_key.public.id: gate_key.public})
    assert (event["type"], event["sequence"]) == ("ec.iie.record.dead", dead.sequence)
    assert event["previous"] == before.hash
    assert event["data"] == {
        "event": dead.id,
        "hash": dead.hash,
        "reason": "larger than the broker takes",
    }
    assert unwire(after.body)["previous"] == dead.hash
    assert outbox.head().hash == after.hash
    outbox.bury(dead.row, "again")
    assert len(outbox.place(outbox.source, dead.sequence)) == 2


def test_a_stand_in_that_dies_too_leaves_nothing_more(outbox, letter):
    (dead,) = outbox.put(letter())
    outbox.bury(dead.row, "poison")
    outbox.bury(outbox.waiting(10)[-1].row, "poison too")
    assert outbox.counts()[State.DEAD] == 2
    assert [each.sequence for each in outbox.waiting(10)] == [1]


def test_the_next_chain_names_the_one_before(outbox, letter):
    outbox.put(letter())
    source, head = outbox.source, outbox.head()
    outbox.open_installation("restored")
    opened = unwire(outbox.find(limit=1)[0].body)
    assert opened["sequence"] == 1
    assert opened["previous"] == GENESIS
    assert opened["source"] == outbox.source != source
    named = {name: opened["data"][name] for name in ("before", "before_sequence", "before_hash", "reason")}
    assert named == {
        "before": source,
        "before_sequence": head.sequence,
        "before_hash": head.hash,
        "reason": "restored",
    }


def test_an_older_copy_issues_its_events_anew_under_their_ids(outbox, letter):
    shared, own, dead, last = outbox.put(letter("a"), letter("b"), letter("c"), letter("d"))
    source = outbox.source
    outbox.bury(dead.row, "poison")
    assert outbox.part(source, own.sequence) == 3
    waiting = outbox.waiting(20)
    assert [each.source for each in waiting].count(source) == 2
    opened, *anew = waiting[2:]
    assert unwire(opened.body)["data"]["before_sequence"] == shared.sequence
    assert [each.id for each in anew] == [own.id, dead.id, last.id]
    assert [each.sequence for each in anew] == [2, 3, 4]
    for old, new in zip((own, dead, last), anew, strict=True):
        said_before, said_now = unwire(old.body), unwire(new.body)
        assert said_now["time"] == said_before["time"]
        assert said_now["data"] == said_before["data"]
        assert new.row > last.row
    assert outbox.part(source, 2) == 1
    assert outbox.find(limit=1)[0].id == shared.id
    assert outbox.head().sequence == 5


def test_a_full_disk_refuses_and_then_goes_on(open_outbox, letter, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system takes the right to mount one")
    try:
        box = open_outbox(place / "gateway.db")
        stored = []
        with pytest.raises(OutboxBroken, match="full") as error:
            for _ in range(100):
                stored += box.put(letter("x" * 10_000))
        assert error.value.retry
        assert error.value.advice == "error.outbox"
        assert [each.sequence for each in reversed(box.find())] == list(range(1, len(stored) + 2))
        subprocess.run(["mount", "-o", "remount,size=4m", place], check=True)
        (after,) = box.put(letter())
        assert after.sequence == len(stored) + 2
        box.close()
    finally:
        subprocess.run(["umount", "-l", place], check=True)


WRITER = """
import sys
from pathlib import Path
from gateway.outbox.outbox import Letter, Outbox
from record.event import EventType
from record.proof import SigningKey
from record.topics import Gate
gate = Gate("depot", "g1")
box = Outbox(Path(sys.argv[1]), gate, SigningKey.read_or_create(Path(sys.argv[2])))
while True:
    for stored in box.put(*(Letter(EventType.DRAFT, "t", {"n": str(n)}) for n in range(3))):
        print(stored.id, flush=True)
"""


def test_what_put_has_returned_survives_kill_9(tmp_path, open_outbox):
    path = tmp_path / "gateway.db"
    said: set[str] = set()
    for _ in range(3):
        arguments = [sys.executable, "-c", WRITER, path, tmp_path / "key.pem"]
        writer = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        said |= {writer.stdout.readline().strip() for _ in range(25)}
        writer.send_signal(signal.SIGKILL)
        said |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        writer.stdout.close()
        writer.wait()
    box = open_outbox(path)
    held = box.find()
    assert said <= {each.id for each in held}
    assert sorted(each.sequence for each in held) == list(range(1, len(held) + 1))
    assert (len(held) - 1) % 3 == 0
    assert box.unclean
    assert box.file.damage() == []


def test_it_is_known_whether_the_program_before_has_closed_the_file(open_outbox):
    open_outbox().close()
    assert not open_outbox().unclean
    assert open_outbox().unclean


def test_damage_is_found(open_outbox, letter, tmp_path):
    box = open_outbox()
    for _ in range(10):
        box.put(letter("x" * 5000))
    box.close()
    path = tmp_path / "gateway.db"
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(20_000))
    with pytest.raises(OutboxBroken):
        assert open_outbox().file.damage() == []
        pytest.fail("the damage was not seen")


def test_a_command_line_makes_no_outbox(open_outbox, tmp_path):
    with pytest.raises(OutboxBroken, match="no outbox"):
        open_outbox(tmp_path / "nowhere.db", owner=False)
    assert not (tmp_path / "nowhere.db").exists()


def test_an_older_file_is_brought_up_to_date(open_outbox, tmp_path, letter):
    path, old = tmp_path / "old.db", "01980000-0000-7000-8000-000000000001"
    earlier = Migrations("outbox")
    earlier(m001_outbox)
    db = opened(path)
    earlier.apply(db)
    db.execute("INSERT INTO installations VALUES (?, '2026-01-01T00:00:00.000Z', 'first')", [old])
    db.execute(
        "INSERT INTO events VALUES (7, 'e', ?, 1, 'ec.iie.draft', NULL, 't', x'00', ?, 'c')",
        [f"/depot/g1/{old}", "a" * 64],
    )
    db.execute("INSERT INTO queue VALUES (7, 'sent', 2, NULL, NULL, 'c')")
    db.close()
    box = open_outbox(path)
    kept = box.get("e")
    assert (kept.row, kept.sequence, kept.state, kept.attempts, kept.body) == (7, 1, State.SENT, 2, b"\x00")
    (added,) = box.put(letter())
    assert (added.row, added.sequence) == (8, 2)
    assert unwire(added.body)["previous"] == "a" * 64


def test_a_row_number_is_never_given_twice(outbox, letter):
    (stored,) = outbox.put(letter())
    outbox.part(outbox.source, stored.sequence)
    assert min(each.row for each in outbox.find() if each.row > 1) > stored.row


def test_other_programs_may_read_the_view(outbox, letter, tmp_path):
    (stored,) = outbox.put(letter())
    with closing(sqlite3.connect(f"file:{tmp_path / 'gateway.db'}?mode=ro", uri=True)) as reader:
        columns = "row, id, type, subject, body, state, created_at, changed_at, receipt"
        row = reader.execute(f"SELECT {columns} FROM letters WHERE id = ?", [stored.id]).fetchone()
    assert row[5] == "new"
    assert json.loads(row[4])["id"] == stored.id


def test_a_letter_keeps_what_it_was_given(outbox, gate):
    letter = Letter(EventType.VISIT_CLOSED, gate.lane("l1", "visit"), {"a": ["1"]}, "s", simulated=True)
    event = unwire(outbox.put(letter)[0].body)
    assert (event["type"], event["subject"], event["simulated"]) == ("ec.iie.visit.closed", "s", True)
    assert event["dataschema"] == "urn:iie:schema:visit.closed:1"


DAY = timedelta(days=1)


def test_received_events_age_out_from_the_oldest_on(open_outbox, letter, clock, gate_key):
    box = open_outbox(clock=clock)
    first, refused, waits, last = box.put(letter(), letter(), letter(), letter())
    opened = box.find()[-1]
    box.settle(
        [receipt_for(opened), receipt_for(first), receipt_for(refused, Answer.REFUSED), receipt_for(last)]
    )
    clock.move(days=91)
    assert box.age_out(90 * DAY) == 2
    assert [each.id for each in reversed(box.find())] == [refused.id, waits.id, last.id]
    assert box.aged_through(box.source) == refused.sequence
    assert box.age_out(90 * DAY) == 0
    box.settle([receipt_for(waits)])
    assert box.age_out(90 * DAY) == 0
    clock.move(days=91)
    assert box.age_out(90 * DAY) == 1
    assert [each.id for each in reversed(box.find())] == [refused.id, last.id]
    (after,) = box.put(letter())
    assert (after.sequence, unwire(after.body)["previous"]) == (last.sequence + 1, last.hash)
    assert verified(box.file, gate_key.public).unbroken


def test_a_young_outbox_keeps_everything(outbox, letter):
    outbox.settle(map(receipt_for, outbox.put(letter(), letter())))
    assert outbox.age_out(90 * DAY) == 0
    assert len(outbox.find()) == 3
