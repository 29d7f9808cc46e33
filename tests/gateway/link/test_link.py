"""The link against a real Mosquitto and a scripted registry that may misbehave."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
import uuid_utils

from benchmarks.peer import Peer, ids
from gateway.link import link as gateway_link
from gateway.outbox.outbox import State
from gateway.rehearsal.broker import Broker
from record.command import CommandName
from record.proof import SigningKey, seal, unwire, wire
from record.receipt import Answer
from record.registry_state import Head, ServiceState
from record.shipped import find
from record.topics import REGISTRY_STATE


@pytest.fixture
def silent_peer(broker):
    """A registry that says nothing of itself."""
    with Peer(broker) as peer:
        yield peer


@pytest.fixture
def peer(silent_peer):
    """A registry that holds nothing yet, and says so."""
    silent_peer.tell_state({})
    return silent_peer


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(gateway_link, "BACKOFF_S", (0.05, 0.5))


def all_received(outbox):
    counts = outbox.counts()
    return not sum(count for state, count in counts.items() if state is not State.RECEIVED)


def recipe(tmp_path, *lines, without=()):
    """A folder with the shipped broker recipe and some options changed."""
    folder = tmp_path / "config" / "mosquitto"
    folder.mkdir(parents=True)
    kept = [
        line
        for line in find("mosquitto/mosquitto.conf").read_text().splitlines()
        if line.partition(" ")[0] not in without
    ]
    (folder / "mosquitto.conf").write_text("\n".join([*kept, *lines, ""]))
    return folder.parent


def test_events_arrive_in_order_and_are_received(peer, outbox, make_link, letter, until):
    stored = [outbox.put(letter())[0] for _ in range(5)]
    link = make_link(peer.key)
    stored += outbox.put(*(letter() for _ in range(30)))
    until(lambda: all_received(outbox))
    assert ids(peer.events)[1:] == [each.id for each in stored]
    assert peer.bodies[1:] == [each.body for each in stored]
    assert link.status.connected
    assert link.status.received == 36
    assert link.status.error is None
    assert all(each.attempts == 1 for each in outbox.find())


def test_the_gate_says_that_it_is_there_and_that_it_goes(peer, outbox, make_link, until):
    link = make_link(peer.key)
    until(lambda: all_received(outbox))
    link.stop()
    peer.until(lambda: len(peer.states) >= 2)
    assert [state["state"] for state in peer.states] == ["online", "offline"]
    assert "detail" not in peer.states[0]
    assert peer.states[0]["installation"] == outbox.source.rsplit("/", 1)[-1]
    assert peer.states[0]["head"]["sequence"] == 1


def test_the_gate_says_that_something_is_wrong_and_that_it_is_over(peer, outbox, make_link, until):
    link = make_link(peer.key)
    until(lambda: all_received(outbox))
    link.degraded("carril-1: evidence")
    peer.until(lambda: len(peer.states) >= 2)
    link.degraded(None)
    peer.until(lambda: len(peer.states) >= 3)
    said = [(state["state"], state.get("detail")) for state in peer.states]
    assert said == [("online", None), ("degraded", "carril-1: evidence"), ("online", None)]


def test_at_most_a_window_is_on_its_way(peer, outbox, make_link, letter, until):
    make_link(peer.key, window=5)
    until(lambda: all_received(outbox))
    peer.answering = lambda event: None
    outbox.put(*(letter() for _ in range(12)))
    peer.until(lambda: len(peer.events) == 6)
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 5)
    assert outbox.counts()[State.NEW] == 7
    assert len(peer.events) == 6


def test_one_event_is_tried_until_the_registry_has_accepted_one(
    silent_peer, outbox, make_link, letter, until, gate
):
    peer = silent_peer
    peer.answering = lambda event: None
    outbox.put(letter(), letter())
    make_link(peer.key, resend_after_s=60)
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 1)
    peer.say(gate.receipt, peer.receipt(peer.events[0], Answer.DUPLICATE))
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 1 and outbox.counts()[State.RECEIVED] == 1)
    assert outbox.counts()[State.NEW] == 1
    peer.say(gate.receipt, peer.receipt(peer.events[1], Answer.ACCEPTED))
    outbox.put(letter())
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 2)


def test_an_unanswered_event_goes_again_byte_for_byte(peer, outbox, make_link, letter, until):
    answers = iter([None, None])
    peer.answering = lambda event: (
        next(answers, Answer.ACCEPTED) if event["sequence"] == 2 else Answer.ACCEPTED
    )
    (stored,) = outbox.put(letter())
    make_link(peer.key, resend_after_s=0.1)
    until(lambda: all_received(outbox))
    sent = [body for body in peer.bodies if unwire(body)["sequence"] == 2]
    assert len(sent) >= 3
    assert set(sent) == {stored.body}
    assert outbox.get(stored.id).attempts >= 3


def test_what_the_broker_has_not_taken_is_not_doubled(
    broker, peer, outbox, make_link, letter, until, address_of, gate
):
    link = make_link(peer.key, resend_after_s=0.2, address=address_of(broker, gate, keepalive_s=60))
    until(lambda: all_received(outbox))
    broker.freeze()
    (stored,) = outbox.put(letter())
    until(lambda: outbox.get(stored.id).state is State.SENT)
    frozen = threading.Event()
    frozen.wait(1.0)
    assert outbox.get(stored.id).attempts == 1
    broker.thaw()
    until(lambda: all_received(outbox))
    assert ids(peer.events).count(stored.id) == 1
    assert link.status.error is None


def test_a_frozen_broker_is_found_within_the_configured_seconds(
    broker, peer, outbox, make_link, letter, until, address_of, gate
):
    link = make_link(peer.key, address=address_of(broker, gate, keepalive_s=2))
    until(lambda: all_received(outbox))
    broker.freeze()
    outbox.put(letter())
    until(lambda: not link.status.connected, 20)
    assert link.status.advice == "link.broker_away"
    broker.thaw()
    until(lambda: all_received(outbox))
    assert link.status.connected


@pytest.mark.parametrize("wiped", [False, True])
def test_a_killed_broker_loses_nothing(broker, peer, outbox, make_link, letter, until, wiped):
    make_link(peer.key)
    until(lambda: all_received(outbox))
    peer.answering = lambda event: None
    outbox.put(*(letter() for _ in range(10)))
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 10)
    peer.answering = lambda event: Answer.ACCEPTED
    broker.kill()
    if wiped:
        broker.wipe()
    outbox.put(*(letter() for _ in range(10)))
    broker.start()
    until(lambda: all_received(outbox))
    assert set(ids(peer.events)) == {each.id for each in outbox.find()}


def test_an_acl_refusal_is_shown_and_tried_again(broker, peer, outbox, make_link, letter, until):
    link = make_link(peer.key)
    until(lambda: all_received(outbox))
    foreign = letter()
    object.__setattr__(foreign, "topic", "gate/v1/depot/g2/l1/ingress")
    (stored,) = outbox.put(foreign)
    until(lambda: link.status.error and "0x87" in link.status.error)
    assert link.status.advice == "link.broker_refuses"
    until(lambda: outbox.get(stored.id).attempts >= 2)
    kept = outbox.get(stored.id)
    assert kept.state.waiting
    assert "Not authorized" in kept.reason
    assert stored.id not in ids(peer.events)


def test_a_refused_login_is_shown(broker, peer, outbox, make_link, until, gate, address_of):
    place = address_of(broker, gate)
    wrong = type(place)(place.host, place.port, place.client_id, place.username, lambda: "wrong")
    link = make_link(peer.key, address=wrong)
    until(lambda: link.status.error)
    assert "Not authorized" in link.status.error
    assert link.status.advice == "link.broker_refuses"
    assert link.alive


def test_a_packet_larger_than_the_broker_takes_is_dead_and_blocks_nobody(
    tmp_path, outbox, make_link, letter, until, gate, address_of
):
    config = recipe(tmp_path, "max_packet_size 8000", without=("max_packet_size",))
    with Broker(tmp_path / "narrow", [gate], config) as broker, Peer(broker) as peer:
        dead, after = outbox.put(letter("x" * 10_000), letter())
        make_link(peer.key, address=address_of(broker, gate))
        until(lambda: outbox.counts()[State.RECEIVED] == 3)
        assert outbox.get(dead.id).state is State.DEAD
        assert "larger than the broker takes (8000 bytes)" in outbox.get(dead.id).reason
        assert [event["type"] for event in peer.events if event["sequence"] == dead.sequence] == [
            "ec.iie.record.dead"
        ]
        assert after.id in ids(peer.events)


def test_what_the_broker_refuses_five_times_for_its_content_is_dead(
    tmp_path, outbox, make_link, letter, until, gate, address_of
):
    config = recipe(tmp_path, "message_size_limit 5000")
    with Broker(tmp_path / "limited", [gate], config) as broker, Peer(broker) as peer:
        dead, after = outbox.put(letter("x" * 10_000), letter())
        link = make_link(peer.key, address=address_of(broker, gate))
        until(lambda: outbox.get(after.id).state is State.RECEIVED)
        until(lambda: outbox.get(dead.id).state is State.DEAD)
        assert outbox.get(dead.id).attempts >= 5
        until(lambda: outbox.counts()[State.RECEIVED] == 3)
        assert link.status.connected


def test_a_refusal_of_the_registry_is_final(peer, outbox, make_link, letter, until):
    peer.reasons = ("bad_contract: /data",)
    peer.answering = lambda event: Answer.REFUSED if event["sequence"] == 2 else Answer.ACCEPTED
    refused, after = outbox.put(letter(), letter())
    link = make_link(peer.key, resend_after_s=0.1)
    until(lambda: outbox.get(after.id).state is State.RECEIVED)
    assert outbox.get(refused.id).reason == "bad_contract: /data"
    assert link.status.received == 2
    assert link.status.refused >= 1
    sent = ids(peer.events).count(refused.id)
    outbox.put(letter())
    until(lambda: outbox.counts()[State.RECEIVED] == 3)
    assert ids(peer.events).count(refused.id) == sent


def test_receipts_may_come_twice(peer, outbox, make_link, letter, until, gate):
    make_link(peer.key)
    (stored,) = outbox.put(letter())
    until(lambda: all_received(outbox))
    receipt = outbox.get(stored.id).receipt
    peer.say(gate.receipt, peer.receipt(peer.events[-1], Answer.DUPLICATE))
    peer.say(gate.receipt, peer.receipt(peer.events[-1], Answer.REFUSED))
    (after,) = outbox.put(letter())
    until(lambda: all_received(outbox))
    assert outbox.get(stored.id).receipt == receipt
    assert outbox.get(after.id).state is State.RECEIVED


def test_bad_messages_are_counted_told_once_and_stop_nothing(
    tmp_path, outbox, make_link, letter, until, gate, address_of, caplog
):
    config = recipe(tmp_path, "max_packet_size 20000000", without=("max_packet_size",))
    with Broker(tmp_path / "wide", [gate], config) as broker, Peer(broker) as peer:
        link = make_link(peer.key, address=address_of(broker, gate))
        (stored,) = outbox.put(letter())
        until(lambda: all_received(outbox))
        event = peer.events[-1]
        stranger = SigningKey.generate()
        right = unwire(peer.receipt(event, Answer.ACCEPTED))
        bad = [
            b"",
            b"not json",
            b"[]",
            b"{}",
            b"\xff\xfe",
            b'{"a":1,"a":2}',
            b"[" * 60_000,
            b'{"proof":' + b"[" * 60_000,
            b'{"n":' + b"9" * 5000 + b"}",
            b'{"proof":"v1.' + b"0" * 64 + b'.k.s"}',
            b"x" * 10_000_000,
            wire(seal(right | {"answer": 7}, peer.key)),
            wire(seal(right | {"event": 7}, peer.key)),
            wire(seal(right | {"hash": "0" * 64}, peer.key)),
            wire(seal(right | {"event": str(uuid_utils.uuid7())}, peer.key)),
            wire(seal(right, stranger)),
            wire(right | {"sequence": 9}),
            wire(right | {"proof": 7}),
            json.dumps(right | {"text": "\ud800"}).encode(),
        ]
        topics = (gate.receipt, gate.command, REGISTRY_STATE)
        for topic in topics:
            for body in bad:
                peer.say(topic, body)
        expected = len(bad) * len(topics)
        until(lambda: link.status.bad_messages >= expected, 30)
        assert link.status.bad_messages == expected
        assert sum("refused a message" in record.message for record in caplog.records) == len(topics)
        outbox.put(letter())
        until(lambda: all_received(outbox))
        assert link.status.connected
        assert outbox.get(stored.id).state is State.RECEIVED


def test_foreign_receipts_end_nothing(peer, outbox, make_link, letter, until, gate):
    peer.answering = lambda event: None
    link = make_link(peer.key, resend_after_s=60)
    peer.tell_state({})
    (stored,) = outbox.find()
    peer.until(lambda: peer.events)
    event = peer.events[-1]
    stranger = Peer.__new__(Peer)
    stranger.key, stranger.reasons = SigningKey.generate(), ()
    peer.say(gate.receipt, stranger.receipt(event, Answer.ACCEPTED))
    peer.say(gate.receipt, peer.receipt(event, Answer.ACCEPTED, hash="0" * 64))
    until(lambda: link.status.bad_messages == 2)
    assert outbox.get(stored.id).state.waiting
    peer.say(gate.receipt, peer.receipt(event, Answer.ACCEPTED))
    until(lambda: outbox.get(stored.id).state is State.RECEIVED)


def test_a_fault_in_what_takes_preadvice_stops_nothing(peer, outbox, make_link, letter, until):
    def broken(topic, payload):
        raise LookupError(topic)

    link = make_link(peer.key, on_message=broken)
    until(lambda: all_received(outbox))
    peer.say("gate/v1/depot/preadvice/1", b"{}")
    until(lambda: link.status.bad_messages == 1)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    assert link.alive


def test_preadvice_is_handed_over(peer, outbox, make_link, until):
    got = []
    make_link(peer.key, on_message=lambda topic, payload: got.append((topic, payload)))
    until(lambda: all_received(outbox))
    peer.say("gate/v1/depot/preadvice/7", b"{}", retain=True)
    until(lambda: got == [("gate/v1/depot/preadvice/7", b"{}")])


def test_a_registry_that_is_behind_gets_everything_again(peer, outbox, make_link, letter, until):
    make_link(peer.key)
    outbox.put(*(letter() for _ in range(9)))
    until(lambda: all_received(outbox))
    held = outbox.place(outbox.source, 4)[0]
    peer.events.clear()
    peer.tell_state({outbox.source: Head(sequence=4, hash=held.hash)})
    peer.until(lambda: len(peer.events) == 6)
    until(lambda: all_received(outbox))
    assert [event["sequence"] for event in peer.events] == [5, 6, 7, 8, 9, 10]


def test_a_registry_that_has_lost_everything_gets_everything_again(peer, outbox, make_link, letter, until):
    make_link(peer.key)
    outbox.put(*(letter() for _ in range(4)))
    until(lambda: all_received(outbox))
    peer.events.clear()
    peer.tell_state({})
    peer.until(lambda: len(peer.events) == 5)
    until(lambda: all_received(outbox))


def test_a_head_that_is_only_late_brings_nothing_again(peer, outbox, make_link, letter, until):
    make_link(peer.key)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    moment = datetime.now(UTC) - timedelta(seconds=5)
    peer.tell_state({outbox.source: Head(sequence=1, hash=outbox.place(outbox.source, 1)[0].hash)}, at=moment)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    assert [event["sequence"] for event in peer.events] == [1, 2, 3]


def test_a_registry_without_its_database_is_not_taken_for_one_that_is_behind(
    peer, outbox, make_link, letter, until
):
    link = make_link(peer.key)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    for state in (ServiceState.DEGRADED, ServiceState.OFFLINE):
        peer.tell_state({}, state=state)
        until(lambda state=state: link.status.registry is state)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    assert [event["sequence"] for event in peer.events] == [1, 2, 3]


def test_a_registry_that_is_ahead_opens_a_new_installation(peer, outbox, make_link, letter, until):
    source, (stored,) = outbox.source, outbox.put(letter())
    peer.tell_state({source: Head(sequence=20, hash="2" * 64)})
    peer.answering = lambda event: Answer.ACCEPTED if event["source"] != source else Answer.DUPLICATE
    make_link(peer.key)
    until(lambda: all_received(outbox))
    opened = next(each for each in outbox.find() if each.source != source)
    assert outbox.source != source
    assert outbox.get(stored.id).source == outbox.source
    events = [unwire(each.body) for each in reversed(outbox.find())]
    named = next(event["data"] for event in events if event["source"] != source)
    assert (named["before"], named["reason"]) == (source, "registry_ahead")
    assert opened.source == outbox.source


def test_an_event_whose_place_is_taken_is_issued_anew(silent_peer, open_outbox, make_link, letter, until):
    peer, box = silent_peer, open_outbox()
    box.put(letter())
    box.close()
    box = open_outbox()
    source = box.source
    own = box.put(letter(), letter())
    peer.reasons = (f"same_sequence: sequence 3 of {source} is held by another",)

    def answer(event):
        if event["source"] != source:
            return Answer.ACCEPTED
        return Answer.REFUSED if event["sequence"] >= 3 else Answer.DUPLICATE

    peer.answering = answer
    make_link(peer.key, box)
    until(lambda: all_received(box))
    assert [event["sequence"] for event in peer.events if event["source"] == source] == [1, 2, 3]
    anew = [event for event in peer.events if event["source"] != source]
    assert [event["type"] for event in anew] == ["ec.iie.installation.opened", *["ec.iie.draft"] * 2]
    assert ids(anew)[1:] == [each.id for each in own]
    assert anew[0]["data"]["before_sequence"] == 2


def test_an_unsigned_or_foreign_head_changes_nothing(peer, outbox, make_link, letter, until):
    source = outbox.source
    link = make_link(peer.key)
    until(lambda: all_received(outbox))
    peer.tell_state({source: Head(sequence=20, hash="2" * 64)}, key=SigningKey.generate())
    until(lambda: link.status.bad_messages == 1)
    assert outbox.source == source


def test_the_retained_head_is_heard_at_every_connection(broker, peer, outbox, make_link, letter, until):
    link = make_link(peer.key)
    until(lambda: all_received(outbox))
    peer.tell_state({outbox.source: outbox.head()})
    until(lambda: link.status.registry is ServiceState.ONLINE)
    link.stop()
    again = make_link(peer.key)
    until(lambda: again.status.registry is ServiceState.ONLINE)


def test_resend_is_obeyed_once_and_answered(peer, outbox, make_link, letter, until, gate):
    link = make_link(peer.key)
    outbox.put(*(letter() for _ in range(5)))
    until(lambda: all_received(outbox))
    peer.events.clear()
    params = {"source": outbox.source, "first": 3, "last": 4}
    command = peer.command(gate, CommandName.RESEND, params=params)
    peer.until(lambda: len(peer.events) == 2 and peer.replies)
    assert [event["sequence"] for event in peer.events] == [3, 4]
    until(lambda: all_received(outbox))
    reply, correlation = peer.replies[0]
    assert correlation == command.encode()
    assert (reply["command"], reply["outcome"], reply["result"]["queued"]) == (command, "done", 2)
    peer.command(gate, CommandName.RESEND, params=params, id=command)
    peer.until(lambda: len(peer.replies) == 2)
    assert unwire(wire(peer.replies[1][0]))["result"] == reply["result"]
    until(lambda: link.status.bad_messages == 1)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    assert [event["sequence"] for event in peer.events] == [3, 4, 7]


def test_commands_that_must_not_be_obeyed(peer, outbox, make_link, letter, until, gate):
    link = make_link(peer.key)
    outbox.put(letter())
    until(lambda: all_received(outbox))
    params = {"source": outbox.source, "first": 1, "last": 2}
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    peer.command(gate, CommandName.RESEND, params=params, key=SigningKey.generate())
    peer.command(gate, CommandName.RESEND, params=params, gate="depot/g2")
    until(lambda: link.status.bad_messages == 2)
    assert not peer.replies
    peer.command(gate, CommandName.RESEND, params=params, at=long_ago, expires=long_ago)
    peer.command(gate, CommandName.RESEND, params={"source": outbox.source, "first": 0})
    peer.command(gate, CommandName.RELOAD)
    peer.until(lambda: len(peer.replies) == 3)
    assert [reply["outcome"] for reply, _ in peer.replies] == ["refused"] * 3
    details = [reply["detail"] for reply, _ in peer.replies]
    assert "expired" in details[0]
    assert "/first" in details[1]
    assert "knows no reload" in details[2]
    assert [event["sequence"] for event in peer.events] == [1, 2]


def test_other_commands_are_handed_on(peer, outbox, make_link, until, gate):
    given = []

    def reload(params):
        given.append(params)
        return {"lanes": 2}

    make_link(peer.key, handlers={CommandName.RELOAD: reload})
    until(lambda: all_received(outbox))
    peer.command(gate, CommandName.RELOAD, params={"file": "site.yaml"})
    peer.until(lambda: peer.replies)
    assert given == [{"file": "site.yaml"}]
    assert peer.replies[0][0]["result"] == {"lanes": 2}


def test_two_processes_with_one_client_id_lose_nothing(peer, outbox, make_link, letter, until, monkeypatch):
    monkeypatch.setattr(gateway_link, "BACKOFF_S", (0.2, 5.0))
    make_link(peer.key)
    make_link(peer.key)
    for _ in range(5):
        outbox.put(letter())
    until(lambda: all_received(outbox))
    assert set(ids(peer.events)) == {each.id for each in outbox.find()}


def test_more_than_a_thousand_wait_for_a_registry_that_is_away(broker, outbox, make_link, letter, until):
    outbox.put(*(letter() for _ in range(1200)))
    with Peer(broker) as registry:
        pass
    make_link(registry.key)
    until(lambda: outbox.counts()[State.ACKNOWLEDGED] == 1)
    with Peer(broker, registry.key) as peer:
        peer.tell_state({})
        until(lambda: all_received(outbox), 60)
    assert len(set(ids(peer.events))) == 1201


def test_health_is_told_now_and_at_each_connection(broker, peer, outbox, make_link, until, gate):
    link = make_link(peer.key)
    link.tell(gate.state, b'{"state":"degraded"}')
    peer.until(lambda: {"state": "degraded"} in peer.states)
    peer.states.clear()
    broker.kill()
    until(lambda: not link.status.connected)
    link.tell(gate.state, b'{"state":"starting"}')
    broker.start()
    peer.until(lambda: {"state": "starting"} in peer.states)
    assert {"state": "degraded"} not in peer.states


def test_a_damaged_database_sends_nothing(peer, open_outbox, make_link, letter, until, monkeypatch):
    open_outbox()
    box = open_outbox()
    assert box.unclean
    monkeypatch.setattr(type(box.file), "damage", lambda self: ["row 1 missing"])
    link = make_link(peer.key, box)
    until(lambda: link.status.error)
    assert "row 1 missing" in link.status.error
    assert link.status.advice == "error.outbox_damaged"
    assert not peer.events
    box.put(letter())
    monkeypatch.setattr(type(box.file), "damage", lambda self: [])
    until(lambda: all_received(box))
