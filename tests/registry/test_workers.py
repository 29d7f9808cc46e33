"""Three workers on one PostgreSQL behind one broker: each event goes to one of them, whoever dies."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from record.receipt import Answer
from record.registry_state import RegistryState, ServiceState
from record.topics import EVENT_FILTERS, REGISTRY_STATE, Gate
from registry.account import SHARE, filters, login
from registry.database import open_engine, reading
from registry.leader import Leader
from registry.settings import load
from registry.tables import drafts, events, receipts
from registry.verify import verified

KINDS = ("postgresql",)


@pytest.fixture
def workers(broker, kit, tmp_path, registries, posts, engine):
    """Starts so many workers of one file, and a client of each chain's gate."""

    def start(count, *chains):
        started = []
        for number in range(count):
            registry = kit.Registry(
                tmp_path / "registry",
                broker,
                *chains,
                database=engine.url.render_as_string(),
            )
            content = registry.file.read_text().replace('"shared":false', '"shared":true')
            registry.file.write_text(content)
            registry.log = tmp_path / f"worker-{number}.log"
            registry.start()
            started.append(registry)
        registries.extend(started)
        clients = [kit.Post(broker, chain.gate, started[0].key) for chain in chains]
        posts.extend(clients)
        return started, clients

    return start


def said(worker, words):
    return words in worker.log.read_text()


@pytest.mark.long
def test_of_three_workers_one_dies_for_good_and_nothing_is_lost_or_double(workers, kit, engine):
    """The leader dies in mid-flow, with events on their way to it; the others tell the state and go on."""
    chains = [kit.Chain(Gate("depot", f"g{number}")) for number in (1, 2)]
    started, (post, other) = workers(3, *chains)
    post.online()
    post.until(lambda: sum(said(each, "and subscribed") for each in started) == 3)
    names = [kit.uuid7() for _ in range(60)]
    first = [chains[0].draft(name) for name in names] + [chains[0].draft(name, 2) for name in names]
    second = [chains[1].draft() for _ in range(60)]
    post.send(*first)
    other.send(*second)
    post.insist(first, 30)
    (leader,) = [each for each in started if said(each, "this worker leads")]
    leader.kill()
    post.insist(first, len(first))
    other.insist(second, len(second))
    ends = {chains[0].source: 120, chains[1].source: 60}
    heard: list[ServiceState] = []

    def whole(state: RegistryState) -> bool:
        heard.append(state.state)
        held = {source: head.sequence for source, head in state.heads.items()}
        return held == ends and state.state is ServiceState.ONLINE

    told = post.wait_for(whole)
    assert told.heads[chains[0].source].hash == chains[0].previous
    for each, chain in ((post, first), (other, second)):
        for arrival in chain:
            answers = each.answers(kit.event_id(arrival))
            assert [answer.answer for answer in answers if answer.answer is Answer.REFUSED] == []
            assert len({answer.delivery_number for answer in answers}) == 1
    assert ServiceState.OFFLINE not in heard
    assert [worker.stop() for worker in started if worker is not leader] == [0, 0]
    post.wait_for(lambda state: state.state is ServiceState.OFFLINE)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar_one() == 180
        assert connection.execute(select(func.count()).select_from(receipts)).scalar_one() == 180
        rows = connection.execute(select(drafts.c.delivery_number, drafts.c.revision)).all()
        report = verified(connection)
    assert report.unbroken, list(report.lines("en"))
    assert len({row.delivery_number for row in rows}) == len(rows) == 120
    assert sorted(row.revision for row in rows) == [1] * 60 + [2] * 60


def test_one_leads_at_a_time_and_the_next_follows_when_its_session_ends(engine):
    moment = [0.0]
    others = [open_engine(engine.url.render_as_string()) for _ in range(2)]
    first, second = (Leader(each, lambda: moment[0]) for each in others)
    assert (first.look(), second.look()) == (True, False)
    assert (first.leads, second.leads) == (True, False)
    moment[0] += 2
    assert (first.look(), second.look(), first.leads) == (False, False, True)
    first.resign()
    moment[0] += 2
    assert (second.look(), first.look()) == (True, False)
    assert (first.leads, second.leads) == (False, True)
    second.resign()
    for each in others:
        each.dispose()


def test_a_key_that_one_worker_accepts_is_known_to_the_others(engine, kit, chain, receiver, clock):
    one, other = receiver(), receiver()
    new = kit.SigningKey.generate()
    changed = chain.record(kit.EventType.KEY_CHANGED, {"key": str(new.public), "reason": "rotated"})
    assert one.receive([chain.arrival("installation", changed)])[0].outcome == "accepted"
    chain.key = new
    assert other.receive([chain.draft()])[0].outcome == "accepted"


def test_workers_share_events_and_each_is_a_client_of_its_own(kit, tmp_path, chain):
    file = kit.registry_file(chain, broker={"shared": True}, database="postgresql://h/d")
    (tmp_path / "registry.yaml").write_text(file.model_dump_json(exclude_none=True))
    settings = load(tmp_path / "registry.yaml")
    found = filters(settings)
    assert {f"{SHARE}{each}" for each in EVENT_FILTERS} <= set(found)
    assert REGISTRY_STATE in found
    assert not set(EVENT_FILTERS) & set(found)
    one, other = login(settings), login(settings)
    assert one.client_id != other.client_id
    assert one.session_s == 0
