"""Webhooks over a real socket: signed, in order, once, tried again, given up; nothing goes where it must not."""

from __future__ import annotations

import json
import ssl
from base64 import b64decode
from datetime import timedelta

import pytest
import trustme
from sqlalchemy import delete, select

from registry.database import reading, writing
from registry.hooks import book
from registry.hooks.book import Fate
from registry.hooks.runner import Runner
from registry.hooks.standing import given_up, standing
from registry.hooks.tables import hook_deliveries, hooks
from registry.reports.state import What
from registry.reports.tables import report_outbox


def fates(engine) -> list[str]:
    with reading(engine) as connection:
        query = select(hook_deliveries.c.state).order_by(hook_deliveries.c.position)
        return list(connection.execute(query).scalars())


@pytest.fixture
def run(erp, hooked, runner_of) -> Runner:
    hooked(f"http://127.0.0.1:{erp.port}/avisos?a=1")
    return runner_of(f"127.0.0.1:{erp.port}")


def test_each_change_comes_once_in_order_and_signed(run, erp, depot, registry_key, engine, clock):
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    assert run.step() == 1
    depot.do(draft, What.EXPORTED)
    while run.step():
        pass
    assert erp.changes == [("received", 1), ("reviewed", 2), ("exported", 3)]
    assert fates(engine) == ["delivered"] * 3
    for headers, body in erp.got:
        assert headers["path"] == "/avisos?a=1" and headers["content-type"] == "application/cloudevents+json"
        version, _, signature = headers["webhook-signature"].partition(",")
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        assert version == "v1a" and registry_key.public.holds(b64decode(signature), signed)
        assert int(headers["webhook-timestamp"]) == int(clock().timestamp())
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert b"Ana" not in body


def test_what_happened_before_the_hook_is_not_told(erp, depot, hooked, runner_of):
    depot.send()
    hooked(f"http://127.0.0.1:{erp.port}/")
    draft = depot.send()
    runner = runner_of(f"127.0.0.1:{erp.port}")
    while runner.step():
        pass
    assert len(erp.got) == 1 and json.loads(erp.got[0][1])["subject"] == depot.report(draft)


@pytest.mark.parametrize("answer", [(500, {}), (429, {"retry-after": "5"}), (503, {})])
def test_a_receiver_that_is_away_is_tried_again_later(run, erp, depot, clock, answer):
    depot.send(), depot.send()
    erp.answers = [answer]
    assert run.step() == 0 and len(erp.got) == 1
    assert run.step() == 0 and len(erp.got) == 1
    clock.move(seconds=5)
    while run.step():
        pass
    assert len({headers["webhook-id"] for headers, _ in erp.got}) == 2
    assert erp.got[0][0]["webhook-id"] == erp.got[1][0]["webhook-id"] and len(erp.got) == 3


def test_waits_grow_and_obey_the_receiver(run, erp, depot, clock, engine):
    depot.send()
    erp.answers = [(503, {"retry-after": "600"})] + [(500, {})] * 3
    waits = []
    for _ in range(4):
        assert run.step() == 0
        with reading(engine) as connection:
            waits.append(connection.execute(select(hooks.c.next_at)).scalar_one() - clock())
        clock.now += waits[-1]
    assert [wait.total_seconds() for wait in waits] == [600, 10, 20, 40]
    assert book.pause(500) == timedelta(hours=1)


def test_one_refused_change_holds_back_its_own_report_alone(run, erp, depot, clock, engine):
    bad, good = depot.send(), depot.send()
    erp.refuse = lambda body: json.loads(body)["subject"] == depot.report(bad)
    depot.do(bad, What.REVIEWED)
    depot.do(good, What.REVIEWED)
    while run.step():
        pass
    assert sorted(erp.changes) == [("received", 1), ("received", 1), ("reviewed", 2)]
    assert sorted(fates(engine)) == ["delivered", "delivered", "waiting", "waiting"]
    erp.refuse = lambda body: False
    clock.move(seconds=5)
    while run.step():
        pass
    assert set(fates(engine)) == {"delivered"}


def test_what_nobody_takes_for_days_is_given_up_shown_and_sent_again_by_hand(run, erp, depot, clock, engine):
    draft = depot.send()
    erp.answers = [(500, {})]
    run.step()
    clock.move(days=3, seconds=1)
    run.tidy()
    assert fates(engine) == ["given_up"]
    with reading(engine) as connection:
        (shown,) = standing(connection)
        (lost,) = given_up(connection, shown.hook.id)
    assert (shown.counts[Fate.GIVEN_UP], shown.trouble) == (1, "HTTP 500")
    assert (lost.report_id, lost.attempts, lost.status) == (depot.report(draft), 1, 500)
    with writing(engine) as connection:
        assert book.retry(connection, shown.hook.id, clock()) == 1
    assert run.step() == 1 and erp.changes == [("received", 1)] * 2


def test_a_redirect_is_not_followed(run, erp, depot, receiver_at):
    other = receiver_at()
    erp.answers = [(307, {"location": f"http://127.0.0.1:{other.port}/"})]
    depot.send()
    assert run.step() == 0
    assert (len(erp.got), len(other.got)) == (1, 0)


def test_a_receiver_that_is_not_there_costs_the_others_nothing(erp, depot, hooked, runner_of, engine):
    hooked("http://127.0.0.1:1/", "dead")
    hooked(f"http://127.0.0.1:{erp.port}/", "alive")
    runner = runner_of("127.0.0.1:1", f"127.0.0.1:{erp.port}")
    depot.send()
    assert runner.step() == 1
    with reading(engine) as connection:
        trouble = {each.hook.name: each.trouble for each in standing(connection)}
    assert "ConnectError" in trouble["dead"] and trouble["alive"] is None


def test_a_host_that_is_no_longer_listed_gets_nothing(run, erp, depot, runner_of, engine):
    depot.send()
    assert runner_of("10.0.0.5").step() == 0
    with reading(engine) as connection:
        assert "not listed" in standing(connection)[0].trouble
    assert erp.got == []


def test_a_public_name_that_leads_home_gets_nothing(erp, depot, hooked, runner_of, engine):
    hooked(f"https://sistema.example.ec:{erp.port}/")
    runner = runner_of(public=(f"sistema.example.ec:{erp.port}",), lookup=lambda host, port: ["127.0.0.1"])
    depot.send()
    assert runner.step() == 0
    with reading(engine) as connection:
        assert "leads to 127.0.0.1" in standing(connection)[0].trouble
    assert erp.got == []


def test_the_name_is_checked_and_the_address_that_was_looked_at_is_used(
    depot, hooked, runner_of, receiver_at, clock
):
    authority = trustme.CA()
    right = receiver_at(authority.issue_cert("sistema.example.ec"))
    wrong = receiver_at(authority.issue_cert("otro.example.ec"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    for name, receiver in (("right", right), ("wrong", wrong)):
        hooked(f"https://sistema.example.ec:{receiver.port}/x", name)
    ports = [f"sistema.example.ec:{receiver.port}" for receiver in (right, wrong)]
    runner = runner_of(*ports, trust=trust, lookup=lambda host, port: ["127.0.0.1"])
    depot.send()
    assert runner.step() == 1
    assert right.got[0][0]["host"] == ports[0] and wrong.got == []


def test_each_hook_is_told_of_its_depots_and_a_removed_one_of_nothing(
    erp, depot, hooked, runner_of, engine, clock
):
    hooked(f"http://127.0.0.1:{erp.port}/", "elsewhere", ["elsewhere"])
    gone = hooked(f"http://127.0.0.1:{erp.port}/", "gone")
    runner = runner_of(f"127.0.0.1:{erp.port}")
    depot.send()
    with writing(engine) as connection:
        assert book.remove(connection, gone, clock()) and not book.remove(connection, gone, clock())
    assert runner.step() == 0 and erp.got == []


def test_only_so_many_wait_at_once_and_none_is_left_out(run, erp, depot, engine, clock, monkeypatch):
    monkeypatch.setattr(book, "MOST_WAITING", 2)
    for _ in range(5):
        depot.send()
    erp.answers = [(500, {})]
    run.step()
    assert fates(engine) == ["waiting"] * 2
    clock.move(seconds=5)
    while run.step():
        pass
    assert len({headers["webhook-id"] for headers, _ in erp.got}) == 5
    clock.move(days=31)
    run.tidy()
    assert fates(engine) == []


def test_a_change_that_is_no_longer_kept_is_given_up(run, erp, depot, engine, clock):
    depot.send()
    erp.answers = [(500, {})]
    run.step()
    with writing(engine) as connection:
        connection.execute(delete(report_outbox))
    clock.move(seconds=5)
    run.step()
    assert fates(engine) == ["given_up"] and len(erp.got) == 1


def test_a_started_runner_brings_changes_by_itself(run, erp, depot):
    run.rounds.start()
    try:
        depot.send()
        assert erp.came.wait(60)
    finally:
        run.rounds.stop()
    assert erp.changes == [("received", 1)]
