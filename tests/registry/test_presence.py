"""Presence: the state is told where it is new, has changed, or did not reach the broker."""

from __future__ import annotations

import json

from registry.presence import Presence

KINDS = ("sqlite",)


def test_what_did_not_reach_the_broker_is_told_again(engine, registry_key, clock):
    told, reached = [], iter([True, False, True])

    def publish(topic, body, *, retain):
        told.append(json.loads(body)["state"])
        return next(reached)

    presence = Presence(engine, registry_key, publish, clock)
    presence.tell()
    presence.tell()
    assert told == ["online"], "nothing has changed"
    presence.renew()
    presence.tell()
    presence.tell()
    assert told == ["online"] * 3
    presence.tell()
    assert len(told) == 3


def test_a_database_that_is_away_is_told_once_and_its_return_too(engine, registry_key, clock):
    told = []
    presence = Presence(engine, registry_key, lambda _, body, retain: told.append(body) or True, clock)
    presence.degrade("locked", tells=True)
    presence.degrade("locked", tells=True)
    assert [json.loads(body)["state"] for body in told] == ["degraded"]
    presence.recover()
    assert presence.due
    presence.tell()
    assert json.loads(told[-1])["state"] == "online"
