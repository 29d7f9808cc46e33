"""The registry as a process between a real broker and a gate's client."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import sqlite3
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from record.command import Command, CommandName, Resend
from record.proof import SigningKey, unwire, verify
from record.receipt import Answer
from record.registry_state import ServiceState
from record.topics import Gate
from registry.account import login
from registry.database import open_engine, reading
from registry.intake import examine
from registry.link import Link
from registry.listing import listed
from registry.receiving import Receiver
from registry.service import Service
from registry.settings import load
from registry.verify import verified


@contextmanager
def opened(registry):
    """The registry's database, to be read."""
    engine = open_engine(f"sqlite:///{registry.database}")
    try:
        with reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def serving(registry, clock):
    """The service in a thread of this process, with a clock that can be moved."""
    service = Service(load(registry.file), clock)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def logged(name, wanted):
    """An event that is set once a logger says what is wanted."""
    said = threading.Event()
    handler = logging.Handler()

    def emit(record):
        if wanted(record.getMessage()):
            said.set()

    handler.emit = emit
    logging.getLogger(name).addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger(name).removeHandler(handler)


@pytest.fixture
def place(kit, tmp_path, registries, posts, empty_database):
    """A registry's process, and a client of each chain's gate, on a given broker."""

    def make(broker, *chains, **changes):
        registry = kit.Registry(tmp_path / "registry", broker, *chains, **changes)
        registries.append(registry)
        shutil.copy(empty_database, registry.database)
        clients = [kit.Post(broker, chain.gate, registry.key) for chain in chains]
        posts.extend(clients)
        return registry, *clients

    return make


def test_a_draft_is_stored_numbered_receipted_and_the_end_is_told(
    shared_broker, place, kit, tmp_path, monkeypatch
):
    chain = kit.Chain(Gate("depot", "g2"))
    registry, post = place(shared_broker, chain)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(100)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        registry.start()
        assert systemd.recv(100) == b"READY=1"
        post.online()
        first, draft = chain.opened(), chain.draft()
        post.send(first, draft)
        (receipt,) = post.answers(kit.event_id(draft))
        assert receipt.answer is Answer.ACCEPTED
        assert receipt.delivery_number == f"{kit.OCE}{kit.year()}00000001S"
        told = post.wait_for(lambda state: chain.source in state.heads)
        head = told.heads[chain.source]
        assert (head.sequence, head.hash) == (2, chain.previous)
        os.kill(registry.pid, signal.SIGINT)
        assert systemd.recv(100) == b"STOPPING=1"
    assert registry.ended() == 0
    assert post.wait_for(lambda state: state.state is ServiceState.OFFLINE).heads == {}
    with opened(registry) as connection:
        assert [row["delivery_number"] for row in listed(connection)] == [receipt.delivery_number]


def test_killed_in_mid_stream_it_loses_and_doubles_nothing(broker, place, kit):
    """Drafts of one or two revisions; the registry is killed twice while they come."""
    chain = kit.Chain()
    registry, post = place(broker, chain)
    registry.start()
    drafts = [kit.uuid7() for _ in range(100)]
    arrivals = [chain.draft(draft) for draft in drafts] + [chain.draft(draft, 2) for draft in drafts[:50]]
    post.send(*arrivals)
    for enough in (20, 90):
        post.online()
        post.insist(arrivals, enough)
        post.states()
        registry.kill()
        will = post.wait_for(lambda state: state.state is ServiceState.OFFLINE)
        assert (will.key, will.heads) == (registry.key.id, {})
        registry.start()
    post.insist(arrivals, 150)
    again = [arrivals[0], arrivals[80], arrivals[149]]
    before = [len(post.receipts[kit.event_id(arrival)]) for arrival in again]
    post.send(*again)
    for arrival, count in zip(again, before, strict=True):
        answers = post.answers(kit.event_id(arrival), count + 1)
        assert len({answer.delivery_number for answer in answers}) == 1
        assert answers[-1].answer is Answer.DUPLICATE
    assert registry.stop() == 0
    with opened(registry) as connection:
        rows = listed(connection)
        report = verified(connection)
    assert report.unbroken, list(report.lines("en"))
    assert [row["draft"] for row in rows] == drafts
    assert len({row["delivery_number"] for row in rows}) == 100
    assert [row["revision"] for row in rows] == [2] * 50 + [1] * 50
    assert report.events == 150


def test_a_killed_and_wiped_broker_is_found_again(broker, place, kit, clock):
    chain = kit.Chain()
    registry, post = place(broker, chain)
    with serving(registry, clock):
        post.online()
        first = chain.draft()
        post.send(first)
        post.answers(kit.event_id(first))
        broker.kill()
        broker.wipe()
        post.until(lambda: not post.connected)
        post.states()
        broker.start()
        post.online()
        second = chain.draft()
        post.send(first, second)
        assert post.answers(kit.event_id(second))[0].answer is Answer.ACCEPTED
        assert post.answers(kit.event_id(first), 2)[1].answer is Answer.DUPLICATE


def test_hostile_messages_stop_nothing(shared_broker, place, kit, clock):
    chain, stranger = kit.Chain(Gate("depot", "g4")), kit.Chain(Gate("depot", "g4"))
    registry, post = place(shared_broker, chain)
    with serving(registry, clock):
        post.online()
        topic = f"{chain.gate.root}/l1/ingress"
        bodies = [b"", b"{", b"\xff\xfe", b'{"a":' * 2000, b"x" * 900_000, b'{"proof":"v1.x.y.z"}']
        post.send(*(kit.Raw(topic, body) for body in bodies), stranger.draft())
        draft = chain.draft()
        post.send(draft)
        assert post.answers(kit.event_id(draft))[0].answer is Answer.ACCEPTED
    database = sqlite3.connect(registry.database)
    sizes = {size for (size,) in database.execute("SELECT size FROM refusals")}
    assert sizes == {len(body) for body in bodies}
    assert database.execute("SELECT count(*) FROM parked").fetchone() == (1,)
    assert database.execute("SELECT max(length(body)) FROM refusals").fetchone()[0] <= 4096
    database.close()


def test_a_gap_is_asked_for_with_a_signed_command(shared_broker, place, kit, clock, monkeypatch):
    monkeypatch.setattr("registry.service.GAPS_EVERY_S", 0.2)
    chain = kit.Chain(Gate("depot", "g5"))
    registry, post = place(shared_broker, chain)
    one, two, three = (chain.draft() for _ in range(3))
    with serving(registry, clock):
        post.online()
        post.send(one, three)
        post.answers(kit.event_id(three))
        clock.move(seconds=31)
        found = []

        def commanded():
            while not post.messages.empty():
                topic, body, properties = post.messages.get()
                if topic == chain.gate.command:
                    found.append((unwire(body), properties))
            return bool(found)

        post.until(commanded)
        record, properties = found[0]
        verify(record, {registry.key.id: registry.key})
        command = Command.from_wire(record)
        assert (command.name, command.gate) == (CommandName.RESEND, "depot/g5")
        assert Resend.from_wire(command.params) == Resend(source=chain.source, first=2, last=2)
        assert command.expires > clock()
        assert (properties.ResponseTopic, properties.CorrelationData) == (
            chain.gate.reply,
            command.id.encode(),
        )
        post.send(two)
        post.wait_for(lambda state: chain.source in state.heads and state.heads[chain.source].sequence == 3)


def test_a_parked_event_gets_its_receipt_once_its_key_is_in_the_file(shared_broker, place, kit, clock):
    chain, later = kit.Chain(Gate("depot", "g6")), kit.Chain(Gate("depot", "g7"))
    registry, post, other = place(shared_broker, chain, later)
    whole = registry.file.read_text()
    registry.file.write_text(whole.replace(str(later.key.public), str(SigningKey.generate().public)))
    draft = later.draft()
    with serving(registry, clock) as service:
        post.online()
        other.send(draft)
        known = chain.draft()
        post.send(known)
        post.answers(kit.event_id(known))
        assert other.receipts == {}
        with logged("registry.service", lambda text: "stay as they were" in text) as said:
            registry.file.write_text("depots: nothing")
            service.reload()
            assert said.wait(20)
        registry.file.write_text(whole)
        service.reload()
        assert other.answers(kit.event_id(draft))[0].answer is Answer.ACCEPTED
        known = chain.draft()
        post.send(known)
        post.answers(kit.event_id(known))


def test_two_registries_on_one_database_store_each_event_once(shared_broker, place, kit, tmp_path, clock):
    """Both hear every event; whichever is second answers with a duplicate."""
    chain = kit.Chain(Gate("depot", "g8"))
    registry, post = place(shared_broker, chain)
    second = kit.Registry(
        tmp_path / "second", shared_broker, chain, database=f"sqlite:///{registry.database}"
    )
    (tmp_path / "second" / "registry-key.pem").write_bytes(
        (registry.folder / "registry-key.pem").read_bytes()
    )
    with serving(registry, clock), serving(second, clock):
        online = []

        def both():
            online.extend(state for state in post.states() if state.state is ServiceState.ONLINE)
            return len(online) >= 2

        post.until(both)
        arrivals = [chain.draft() for _ in range(60)]
        post.send(*arrivals)
        for arrival in arrivals:
            answers = post.answers(kit.event_id(arrival), 2)
            assert sorted(answer.answer for answer in answers) == [Answer.ACCEPTED, Answer.DUPLICATE]
            assert len({answer.delivery_number for answer in answers}) == 1
    with opened(registry) as connection:
        assert verified(connection).unbroken
        assert len({row["delivery_number"] for row in listed(connection)}) == 60


def test_a_full_disk_holds_events_back_and_loses_none(shared_broker, place, kit, clock, monkeypatch):
    chain = kit.Chain(Gate("depot", "g9"))
    registry, post = place(shared_broker, chain)
    with serving(registry, clock) as service:
        post.online()
        with service._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        limit = sqlite3_limit(service, pages)
        drafts = [chain.draft() for _ in range(60)]
        post.send(*drafts)
        post.wait_for(lambda state: state.state is ServiceState.DEGRADED)
        limit.set()
        for draft in drafts:
            post.answers(kit.event_id(draft))
        post.wait_for(lambda state: state.state is ServiceState.ONLINE)


def sqlite3_limit(service, pages):
    """Let the service's database grow no further until the event is set: SQLite calls the disk full."""
    free = threading.Event()

    def check_out(connection, *_):
        allowed = 1_000_000 if free.is_set() else pages + 2
        connection.execute(f"PRAGMA max_page_count={allowed}").close()

    event.listen(service._engine, "checkout", check_out)
    return free


def test_one_event_that_breaks_the_program_stops_no_other(shared_broker, place, kit, clock, monkeypatch):
    chain = kit.Chain(Gate("depot", "g11"))
    registry, post = place(shared_broker, chain)
    arrivals = [chain.draft() for _ in range(20)]
    deadly = arrivals[7]

    def examine_or_die(arrival, roster):
        if arrival.body == deadly.body:
            raise RuntimeError("a fault of the program")
        return examine(arrival, roster)

    monkeypatch.setattr("registry.receiving.examine", examine_or_die)
    with serving(registry, clock):
        post.online()
        post.send(*arrivals)
        for arrival in arrivals:
            if arrival is not deadly:
                post.answers(kit.event_id(arrival))
    assert kit.event_id(deadly) not in post.receipts


def test_a_login_that_is_refused_is_said_so(shared_broker, place, kit):
    chain = kit.Chain(Gate("depot", "g12"))
    registry, _ = place(shared_broker, chain)
    (registry.folder / "password").write_text("wrong")
    will = ("registry/v1/state", b"")
    link = Link(login(load(registry.file)), ["gate/v1/+/+/installation"], lambda: will)
    with logged("registry.link", lambda text: "refuses the login: Not authorized" in text) as said:
        link.start()
        assert said.wait(20)
    link.stop(will)


def test_two_links_of_one_name_throw_each_other_out_and_say_why(shared_broker, place, kit, caplog):
    chain = kit.Chain(Gate("depot", "g13"))
    registry, _ = place(shared_broker, chain)
    will = ("registry/v1/state", b"")
    settings = login(load(registry.file))
    links = [Link(settings, ["gate/v1/+/+/installation"], lambda: will) for _ in range(2)]
    with logged("registry.link", lambda text: "is another program logged on as" in text) as said:
        for link in links:
            link.start()
        assert said.wait(20)
    for link in links:
        link.stop(will)


@pytest.mark.parametrize("dies", ["receive", "_answer"], ids=["before", "after"])
def test_what_dies_around_the_commit_is_answered_by_the_next(
    shared_broker, place, kit, clock, monkeypatch, dies
):
    """The broker keeps what was not acknowledged; a second life of the registry answers it."""
    chain = kit.Chain(Gate("depot", "g14" if dies == "receive" else "g15"))
    registry, post = place(shared_broker, chain)
    draft = chain.draft()
    reached = threading.Event()

    def die(_self, batch):
        if batch:
            reached.set()
        return []

    with monkeypatch.context() as patched:
        patched.setattr(Receiver if dies == "receive" else Service, dies, die)
        patched.setattr(Service, "_acknowledge", lambda *_: None)
        with serving(registry, clock):
            post.online()
            post.send(draft)
            assert reached.wait(20)
    assert post.receipts == {}
    with serving(registry, clock):
        (receipt,) = post.answers(kit.event_id(draft))
    assert receipt.answer is (Answer.ACCEPTED if dies == "receive" else Answer.DUPLICATE)
    assert receipt.delivery_number[-9:] == "00000001S"


def test_more_than_a_thousand_events_wait_for_a_registry_that_is_away(shared_broker, place, kit, clock):
    chain = kit.Chain(Gate("depot", "g16"))
    registry, post = place(shared_broker, chain)
    with serving(registry, clock):
        post.online()
    arrivals = [chain.draft() for _ in range(1100)]
    post.send(*arrivals)
    with serving(registry, clock):
        post.insist(arrivals, len(arrivals))
        post.wait_for(
            lambda state: chain.source in state.heads and state.heads[chain.source].sequence == 1100
        )
    with opened(registry) as connection:
        assert len({row["delivery_number"] for row in listed(connection)}) == 1100


def test_a_frozen_broker_is_left_and_found_again(broker, place, kit, clock):
    chain = kit.Chain()
    registry, post = place(broker, chain)
    with serving(registry, clock):
        post.online()
        with logged("registry.link", lambda text: "the connection ended" in text) as said:
            broker.freeze()
            assert said.wait(30)
        broker.thaw()
        draft = chain.draft()
        post.send(draft)
        post.insist([draft], 1)
        assert post.answers(kit.event_id(draft))[0].answer.received
