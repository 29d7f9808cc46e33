"""What a batch becomes: answers, rows, drafts with their numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime, create_engine, func, select

from record.event import EventType
from record.proof import SigningKey, seal, unwire, verify, wire
from record.receipt import Answer, Receipt
from record.topics import Gate
from registry import answers
from registry.database import reading
from registry.intake import Arrival, Identity
from registry.listing import listed
from registry.store import Outcome
from registry.tables import Moment, events, metadata, parked, refusals


@pytest.fixture
def held(engine):
    """The drafts as they are listed."""

    def rows():
        with reading(engine) as connection:
            return listed(connection)

    return rows


@pytest.fixture
def counted(engine):
    """How many rows a table has."""

    def count(table):
        with reading(engine) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    return count


def outcomes(results):
    return [result.outcome for result in results]


def test_an_accepted_draft_gets_a_signed_receipt_with_its_number(kit, chain, receiver, registry_key):
    arrival = chain.draft()
    (result,) = receiver().receive([arrival])
    receipt = kit.receipt_of(result.reply.body)
    verify(unwire(result.reply.body), {registry_key.public.id: registry_key.public})
    assert receipt.answer is Answer.ACCEPTED
    assert receipt.event == kit.event_id(arrival)
    assert receipt.delivery_number == f"{kit.OCE}202600000001S"
    assert result.reply.gate == chain.gate


def test_a_draft_is_listed_as_its_event_says(kit, chain, receiver, held):
    draft = kit.uuid7()
    receiver().receive([chain.draft(draft)])
    (row,) = held()
    assert row["draft"] == draft
    assert row["dae"] == "02820264000123456"
    assert row["document"] == {"type": "DAE", "number": "02820264000123456"}
    assert (row["container"], row["size_type"]) == ("CSQU3054383", "22G1")
    assert (row["weight_kg"], row["packages"], row["packaging"]) == (21350, 1080, "035")
    assert row["description"] == "BANANO FRESCO"
    assert row["entered_at"] == row["received_at"] == "2026-11-24T17:00:00.000Z"
    assert (row["depot"], row["gate"], row["lane"]) == ("depot", "g1", "l1")
    assert (row["status"], row["revision"], row["events"], row["simulated"]) == ("complete", 1, 1, False)


def test_several_items_are_summed_and_one_unknown_weight_makes_the_sum_unknown(kit, chain, receiver, held):
    for second in ("100.5", None):
        data = kit.draft_data(kit.uuid7(), weight_kg="100")
        other = {
            **data["payload"]["items"][0],
            "sequence": 2,
            "container": "TEXU3070079",
            "weight_kg": second,
        }
        data["payload"]["items"].append({name: value for name, value in other.items() if value is not None})
        receiver().receive([chain.arrival("l1/ingress", chain.record(EventType.DRAFT, data))])
    first, last = held()
    assert (first["container"], first["weight_kg"], first["packages"]) == ("CSQU3054383", 200, 2160)
    assert last["weight_kg"] is None


def test_a_duplicate_gets_the_same_answer_with_the_same_number(kit, chain, receiver, clock, counted):
    intake = receiver()
    arrival = chain.draft()
    (first,) = intake.receive([arrival])
    clock.move(hours=1)
    second, third = intake.receive([arrival, arrival])
    one, two = kit.receipt_of(first.reply.body), kit.receipt_of(second.reply.body)
    assert second.reply.body == third.reply.body
    assert two.answer is Answer.DUPLICATE
    assert two == one.model_copy(update={"answer": Answer.DUPLICATE, "proof": two.proof})
    assert counted(events) == 1


def test_a_duplicate_within_one_batch_is_stored_once(chain, receiver, counted):
    arrival = chain.draft()
    assert outcomes(receiver().receive([arrival, arrival])) == [Outcome.ACCEPTED, Outcome.DUPLICATE]
    assert counted(events) == 1


def test_the_same_id_with_another_content_is_refused_and_alarmed(kit, chain, receiver, counted):
    intake = receiver()
    arrival = chain.draft()
    intake.receive([arrival])
    data = kit.draft_data(kit.uuid7())
    record = chain.record(EventType.DRAFT, data, id=kit.event_id(arrival))
    (result,) = intake.receive([chain.arrival("l1/ingress", record)])
    receipt = kit.receipt_of(result.reply.body)
    assert receipt.answer is Answer.REFUSED
    assert receipt.reasons[0].startswith("same_id")
    assert result.refused.alarm
    assert counted(events) == 1


def test_the_same_sequence_with_another_id_is_refused(kit, chain, receiver, counted):
    intake = receiver()
    intake.receive([chain.draft()])
    chain.sequence -= 1
    (result,) = intake.receive([chain.draft()])
    assert kit.receipt_of(result.reply.body).reasons[0].startswith("same_sequence")
    assert counted(events) == 1


def test_the_same_identity_in_another_installation_is_its_own(chain, receiver):
    intake = receiver()
    later = chain.next_life()
    assert outcomes(intake.receive([chain.draft(), later.draft()])) == [Outcome.ACCEPTED] * 2


def test_revisions_share_one_number_and_the_highest_is_shown(kit, chain, receiver, held):
    intake = receiver()
    draft = kit.uuid7()
    numbers = [
        kit.receipt_of(result.reply.body).delivery_number
        for result in intake.receive(
            [chain.draft(draft, 1, weight_kg="100"), chain.draft(draft, 3, weight_kg="300")]
        )
    ]
    intake.receive([chain.draft(draft, 2, weight_kg="200")])
    (row,) = held()
    assert numbers[0] == numbers[1] == row["delivery_number"]
    assert (row["revision"], row["weight_kg"], row["events"]) == (3, 300, 3)


def test_a_late_first_revision_does_not_hide_the_second(kit, chain, receiver, held):
    draft = kit.uuid7()
    first, second = chain.draft(draft, 1, weight_kg="100"), chain.draft(draft, 2, weight_kg="200")
    assert outcomes(receiver().receive([second, first])) == [Outcome.ACCEPTED] * 2
    assert [(row["revision"], row["weight_kg"]) for row in held()] == [(2, 200)]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_a_cancelled_draft_stays_cancelled_in_whatever_order_it_comes(kit, chain, receiver, held, order):
    draft = kit.uuid7()
    said = {"draft": draft, "lane": "l1", "reason": "wrong truck", "decided_by": "Ana"}
    arrivals = [
        chain.draft(draft),
        chain.draft(draft, 2),
        chain.arrival("l1/ingress", chain.record(EventType.DRAFT_CANCELLED, said)),
    ]
    intake = receiver()
    for index in order:
        intake.receive([arrivals[index]])
    assert [(row["status"], row["revision"], row["events"]) for row in held()] == [("cancelled", 2, 3)]


def test_a_gate_cannot_change_another_gates_draft(kit, chain, receiver, held):
    other = kit.Chain(Gate("depot", "g2"))
    draft = kit.uuid7()
    intake = receiver(other)
    intake.receive([chain.draft(draft)])
    (result,) = intake.receive([other.draft(draft, 2, weight_kg="1")])
    assert kit.receipt_of(result.reply.body).reasons[0].startswith("other_gates_draft")
    assert [row["weight_kg"] for row in held()] == [21350]


def test_a_refusal_is_kept_once_counted_and_always_answered_alike(engine, chain, receiver, clock):
    intake = receiver()
    arrival = chain.draft(weight_kg="heavy")
    replies = []
    for _ in range(3):
        replies += [result.reply.body for result in intake.receive([arrival])]
        clock.move(minutes=1)
    assert len(set(replies)) == 1
    with reading(engine) as connection:
        (row,) = connection.execute(select(refusals)).all()
    assert (row.times, row.authentic, bytes(row.body)) == (3, True, arrival.body)
    assert row.reasons[0].startswith("bad_contract: ")
    assert "weight_kg" in row.reasons[0]


def test_garbage_is_kept_at_its_beginning_only_and_gets_no_answer(engine, receiver):
    (result,) = receiver().receive([Arrival.of("gate/v1/depot/g1/l1/ingress", b"x" * 9000)])
    assert (result.outcome, result.reply) == (Outcome.REFUSED, None)
    with reading(engine) as connection:
        (row,) = connection.execute(select(refusals)).all()
    assert (row.size, len(row.body)) == (9000, 4096)


def test_what_was_accepted_stays_accepted_when_the_settings_change(kit, chain, receiver):
    record = chain.record(EventType.DRAFT, kit.draft_data(kit.uuid7()), simulated=True)
    arrival = chain.arrival("l1/ingress", record)
    receiver(accept_simulated=True).receive([arrival])
    (result,) = receiver().receive([arrival])
    assert kit.receipt_of(result.reply.body).answer is Answer.DUPLICATE


def test_a_parked_event_is_taken_in_when_its_key_is_accepted(kit, chain, receiver, counted):
    later = kit.Chain(Gate("depot", "g2"))
    arrivals = [later.opened(), later.draft()]
    first = receiver().receive([*arrivals, arrivals[0]])
    assert outcomes(first) == [Outcome.PARKED] * 3
    assert all(result.reply is None for result in first)
    assert (counted(parked), counted(events)) == (2, 0)
    intake = receiver(later)
    assert intake.may_take_in
    assert outcomes(intake.take_in()) == [Outcome.ACCEPTED] * 2
    assert (counted(parked), counted(events)) == (0, 2)
    assert intake.take_in() == []


def test_of_one_strangers_flood_a_part_is_kept(kit, receiver, counted, monkeypatch):
    monkeypatch.setattr("registry.store.KEPT_PARKED", 5)
    monkeypatch.setattr("registry.store.KEPT_PARKED_IN_ALL", 7)
    intake = receiver()
    for name in ("x1", "x2"):
        stranger = kit.Chain(Gate("depot", name))
        intake.receive([stranger.draft() for _ in range(20)])
    assert counted(parked) == 7


def test_of_a_flood_of_garbage_a_part_is_kept(receiver, counted, monkeypatch):
    monkeypatch.setattr("registry.store.KEPT_REFUSED", 5)
    receiver().receive([Arrival.of("gate/v1/depot/g1/l1/ingress", bytes([number])) for number in range(20)])
    assert counted(refusals) == 5


def test_a_key_change_by_the_old_key_brings_in_the_new_one(kit, chain, receiver):
    intake = receiver()
    new = SigningKey.generate()
    change = {"key": str(new.public), "reason": "rotation"}
    changed = chain.arrival("installation", chain.record(EventType.KEY_CHANGED, change))
    chain.key = new
    assert outcomes(intake.receive([changed, chain.draft()])) == [Outcome.ACCEPTED, Outcome.PARKED]
    assert outcomes(intake.take_in()) == [Outcome.ACCEPTED]
    assert outcomes(intake.receive([chain.draft()])) == [Outcome.ACCEPTED]
    assert outcomes(receiver().receive([chain.draft()])) == [Outcome.ACCEPTED]


def test_a_batch_that_fails_leaves_nothing_behind(engine, chain, receiver, counted, monkeypatch):
    intake = receiver()

    def full(*_):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("registry.heads.advance", full)
        with pytest.raises(OSError, match="no space"):
            intake.receive([chain.draft()])
    assert {counted(table) for table in metadata.sorted_tables if table.name != "keys"} == {0}


def test_a_receipt_has_the_bytes_that_its_model_writes(chain, registry_key, clock):
    identity = Identity(event="e", source=chain.source, sequence=7, hash="a" * 64)
    for draft, number in (("d", "9" * 21), ("d", None), (None, None)):
        whole = Receipt(
            answer=Answer.ACCEPTED,
            event="e",
            source=chain.source,
            sequence=7,
            hash="a" * 64,
            draft=draft,
            delivery_number=number,
            at=clock(),
        )
        assert answers.accepted(identity, registry_key, clock(), draft, number) == wire(
            seal(whole.to_wire(), registry_key)
        )


def test_times_are_written_to_sqlite_as_its_own_writer_does():
    sqlite = create_engine("sqlite://").dialect
    own = DateTime().dialect_impl(sqlite).bind_processor(sqlite)
    ours = Moment().dialect_impl(sqlite).bind_processor(sqlite)
    east = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5)))
    for moment in (east, datetime(826, 1, 2, tzinfo=UTC)):
        assert ours(moment) == own(moment.astimezone(UTC).replace(tzinfo=None))
    assert ours(None) is None
