"""Lines of the outbox's promise, with the real registry: a refusal that is corrected, a clock that jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from gateway.load import letters
from gateway.outbox.outbox import Outbox, State


def with_data(letter, **changes):
    return replace(letter, data={**letter.data, **changes})


def test_what_the_registry_refuses_steps_aside_and_a_new_revision_corrects_it(gatehouse, rig, until):
    rig.registry.start()
    gatehouse.connect()
    (right,) = islice(letters(gatehouse.site), 1)
    payload = right.data["payload"]
    foreign = with_data(right, payload={**payload, "depot": {**payload["depot"], "oce": "11111111"}})
    (refused,) = gatehouse.outbox.put(foreign)
    (following,) = gatehouse.put(1)
    gatehouse.until_received()
    assert gatehouse.outbox.get(refused.id).state is State.REFUSED
    assert "other_operator" in gatehouse.outbox.get(refused.id).reason
    assert gatehouse.outbox.get(following.id).state is State.RECEIVED
    (corrected,) = gatehouse.outbox.put(with_data(right, revision=2))
    gatehouse.until_received()
    assert gatehouse.outbox.get(corrected.id).receipt["delivery_number"]
    assert {corrected.id, following.id} <= gatehouse.held()
    assert refused.id not in gatehouse.held()
    gatehouse.verify()


def test_a_clock_that_jumps_changes_no_order_and_loses_nothing(gatehouse, rig):
    rig.registry.start()
    gatehouse.close()
    hours = iter((0, 0, -30, -30, 48, 48, 1, 1))

    class Jumping:
        now = datetime(2026, 11, 24, 12, tzinfo=UTC)

        def __call__(self):
            return self.now + timedelta(hours=next(hours, 0))

    gatehouse.outbox = Outbox(rig.database, gatehouse.outbox._gate, gatehouse.key, clock=Jumping())
    gatehouse.connect()
    stored = gatehouse.put(6)
    gatehouse.until_received()
    assert [each.created_at for each in stored] != sorted(each.created_at for each in stored)
    numbers = [each.sequence for each in stored]
    assert numbers == list(range(numbers[0], numbers[0] + len(stored)))
    held = rig.of_registry("SELECT id FROM events WHERE type = 'ec.iie.draft' ORDER BY sequence")
    assert [row[0] for row in held] == [each.id for each in stored]
    gatehouse.verify()
