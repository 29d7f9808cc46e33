"""After a gate has changed its key, the old one signs nothing more: not after it in the chain, nor beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from record.event import EventType
from record.proof import SigningKey, unwire
from record.receipt import Answer, Receipt
from registry import keyring
from registry.database import reading, writing
from registry.handover import handovers, lives_before
from registry.store import Outcome
from registry.verify import verified


def change(chain, new):
    data = {"key": str(new.public), "reason": "yearly"}
    return chain.arrival("installation", chain.record(EventType.KEY_CHANGED, data))


def opened_after(chain, before):
    """The first event of an installation that names the one before."""
    data = {
        "installation": chain.installation,
        "key": str(chain.key.public),
        "reason": "restored",
        "before": before.source,
        "before_sequence": before.sequence,
        "before_hash": before.previous,
    }
    return chain.arrival("installation", chain.record(EventType.INSTALLATION_OPENED, data))


def outcomes(results):
    return [result.outcome for result in results]


def reasons(results):
    return [result.refused.reason.value for result in results if result.refused]


@pytest.fixture
def rotated(chain, receiver):
    """A chain whose fourth event handed the key over, and the thief of the old one who goes on from there."""
    intake = receiver()
    intake.receive([chain.opened(), chain.draft(), chain.draft()])
    new = SigningKey.generate()
    intake.receive([change(chain, new)])
    thief = replace(chain)
    chain.key = new
    return intake, chain, thief


def test_what_the_old_key_signs_after_the_change_is_refused_and_takes_no_place(rotated):
    intake, chain, thief = rotated
    [forged] = intake.receive([thief.draft()])
    assert (forged.outcome, forged.refused.reason.value, forged.refused.alarm) == (
        Outcome.REFUSED,
        "ended_key",
        True,
    )
    receipt = Receipt.from_wire(unwire(forged.reply.body))
    assert receipt.answer is Answer.REFUSED
    assert receipt.reasons[0].startswith("ended_key: ")
    assert outcomes(intake.receive([chain.draft()])) == [Outcome.ACCEPTED]


def test_a_breach_of_contract_by_the_old_key_takes_no_place_either(rotated, engine):
    intake, chain, thief = rotated
    [forged] = intake.receive([thief.draft(weight_kg="heavy")])
    assert (forged.refused.reason.value, forged.refused.authentic) == ("ended_key", False)
    intake.receive([chain.draft()])
    with reading(engine) as connection:
        assert verified(connection).unbroken


def test_what_it_signed_before_is_taken_in_late_and_again(chain, receiver):
    intake = receiver()
    first, late, second = chain.opened(), chain.draft(), chain.draft()
    changed = change(chain, SigningKey.generate())
    assert outcomes(intake.receive([first, second, changed])) == [Outcome.ACCEPTED] * 3
    assert outcomes(intake.receive([late, second])) == [Outcome.ACCEPTED, Outcome.DUPLICATE]


def test_in_one_batch_it_is_the_place_that_counts(chain, receiver):
    events = [chain.opened(), chain.draft(), change(chain, SigningKey.generate())]
    events.append(chain.draft())
    results = receiver().receive(events)
    assert outcomes(results) == [Outcome.ACCEPTED] * 3 + [Outcome.REFUSED]
    assert reasons(results) == ["ended_key"]


def test_a_start_of_the_registry_changes_nothing(rotated, receiver):
    _, chain, thief = rotated
    again = receiver(thief)
    assert reasons(again.receive([thief.draft()])) == ["ended_key"]
    assert outcomes(again.receive([chain.draft()])) == [Outcome.ACCEPTED]


def test_the_old_key_opens_no_installation(rotated):
    intake, _, thief = rotated
    life = thief.next_life()
    assert reasons(intake.receive([life.opened(), life.draft()])) == ["ended_key"] * 2


def test_installations_before_are_taken_in_late_as_far_as_the_next_one_knew_them(chain, receiver, engine):
    intake = receiver()
    late, later = chain.opened(), chain.draft()
    life = chain.next_life()
    events = [opened_after(life, chain), life.draft(), change(life, SigningKey.generate())]
    assert outcomes(intake.receive(events)) == [Outcome.ACCEPTED] * 3
    beyond = chain.draft()
    assert outcomes(intake.receive([later, late, beyond])) == [
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.REFUSED,
    ]
    with reading(engine) as connection:
        assert lives_before(connection, life.source) == {chain.source: 2}


def test_a_new_key_that_the_settings_named_already_ends_the_old_one_too(kit, chain, receiver, engine):
    new = SigningKey.generate()
    intake = receiver(replace(chain), replace(chain, key=new))
    intake.receive([chain.opened(), change(chain, new)])
    assert reasons(intake.receive([chain.draft()])) == ["ended_key"]
    with writing(engine) as connection:
        file = kit.registry_file(replace(chain), replace(chain, key=new))
        assert set(handovers(connection)) == {(keyring.owner(chain.gate), chain.key.public.id)}
        assert keyring.gate_of(connection, file, chain.key.public.id) is None
        assert keyring.gate_of(connection, file, new.public.id) == (chain.gate, new.public)


def test_the_first_event_of_the_new_key_ends_nothing(rotated):
    intake, chain, _ = rotated
    assert outcomes(intake.receive([change(chain, chain.key), chain.draft()])) == [Outcome.ACCEPTED] * 2


def test_verify_finds_what_the_old_key_signed_after_the_change(rotated, engine, monkeypatch):
    intake, _, thief = rotated
    with monkeypatch.context() as careless:
        careless.setattr("registry.store.last_signed", lambda *_: 2**31)
        assert outcomes(intake.receive([thief.draft()])) == [Outcome.ACCEPTED]
    with reading(engine) as connection:
        assert [problem.code for problem in verified(connection).problems] == ["registry.broken.ended_key"]
