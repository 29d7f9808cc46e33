"""Changes for other systems: page by page and as they happen, nothing twice, nothing left out, nobody's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, insert, update

from record.proof import PublicKey, verify
from registry.api import following, tokens
from registry.api.following import BadCursor, Cursor, Mark
from registry.api.scope import Scope
from registry.database import reading, writing
from registry.people.who import Who
from registry.reports.state import What
from registry.reports.tables import report_outbox
from registry.watch.tables import gate_states


class Stream:
    """An open stream: events one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def frame(self) -> dict[str, str]:
        """The next frame, comments passed over."""
        found: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(":")
            if name:
                found[name] = value.removeprefix(" ")
            elif found:
                return found
        raise EOFError

    def change(self) -> dict[str, Any]:
        """The next change."""
        while (frame := self.frame()).get("event") != "change":
            pass
        return {**json.loads(frame["data"]), "cursor": frame["id"]}


@contextmanager
def opened(client: httpx.Client, last: str | None = None) -> Iterator[Stream]:
    headers = {"last-event-id": last} if last else {}
    with client.stream("GET", "/v1/changes/stream", headers=headers) as answer:
        assert answer.status_code == 200
        yield Stream(answer)


def pages(client: httpx.Client, after: str, limit: int = 2) -> tuple[list[dict[str, Any]], str]:
    """All changes since a place, and the last one's."""
    found: list[dict[str, Any]] = []
    while True:
        answer = client.get("/v1/changes", params={"after": after, "limit": limit})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        if not told["changes"]:
            return found, told["next"]
        found, after = [*found, *told["changes"]], told["next"]


def test_changes_are_read_once_and_in_order(system, depot):
    before = system.get("/v1/changes").json()
    assert before["changes"] == []
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    found, after = pages(system, before["next"])
    assert [each["data"]["change"] for each in found] == ["received", "reviewed", "exported"]
    assert [each["data"]["version"] for each in found] == [1, 2, 3]
    public = PublicKey.parse(system.get("/v1/key").json()["key"])
    for each in found:
        assert verify(each, {public.id: public})
    depot.do(draft, What.APPROVED)
    assert [each["data"]["change"] for each in pages(system, after)[0]] == ["approved"]
    assert "Ana" not in json.dumps(found)


def test_a_stream_tells_what_happens_and_goes_on_after_a_break(system, depot):
    with opened(system) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        begun = stream.frame()["id"]
        draft = depot.send()
        received = stream.change()
        assert (received["data"]["change"], received["subject"]) == ("received", depot.report(draft))
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    with opened(system, received["cursor"]) as stream:
        assert [stream.change()["data"]["change"] for _ in range(2)] == ["reviewed", "exported"]
    with opened(system, begun) as stream:
        assert stream.change()["id"] == received["id"]


def test_each_system_is_told_of_its_own_depots(systems, depot):
    other = systems(depots=["elsewhere"])
    place = other.get("/v1/changes").json()["next"]
    depot.send()
    assert pages(other, place)[0] == []
    assert pages(systems(), following.NOTHING)[0] != []
    assert pages(other, following.NOTHING)[0] == []


def test_a_revoked_token_ends_its_stream(systems, engine, clock, depot):
    name, secret = systems.token(Scope.REPORTS_READ)
    with opened(systems.client(secret)) as stream:
        stream.frame()
        with writing(engine) as connection:
            tokens.revoke(connection, name, clock())
        with pytest.raises(EOFError):
            stream.change()


def test_open_streams_are_counted_and_given_back(kit, chain, serve, systems, tmp_path):
    from registry.settings import Settings

    one = serve(Settings(kit.registry_file(chain, http={}, api={"streams": 1}), tmp_path / "r.yaml"))
    client = systems.client(systems.token()[1])
    client.base_url = one.url
    with opened(client) as stream:
        stream.frame()
        answer = client.get("/v1/changes/stream")
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
        assert int(answer.headers["retry-after"]) > 0
    while (answer := _status(client)) == 429:
        pass
    assert answer == 200


def _status(client: httpx.Client) -> int:
    with client.stream("GET", "/v1/changes/stream") as answer:
        return answer.status_code


def test_what_is_no_longer_kept_is_told(system, depot, engine):
    place = system.get("/v1/changes").json()["next"]
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    _, last = pages(system, place)
    with writing(engine) as connection:
        connection.execute(delete(report_outbox))
    for path, headers in (
        (f"/v1/changes?after={place}", {}),
        ("/v1/changes/stream", {"last-event-id": place}),
    ):
        answer = system.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_gone")
    assert pages(system, last) == ([], last)
    depot.do(draft, What.EXPORTED)
    assert [each["data"]["change"] for each in pages(system, last)[0]] == ["exported"]


def test_what_is_no_cursor_is_refused(system, depot):
    depot.send()
    for text in (
        "x",
        "depot:1",
        "depot:9.9",
        "depot:-1.1",
        ",",
        "",
        "depot:1.1,",
        "d:" + "9" * 30,
        "a" * 20_000,
    ):
        assert system.get("/v1/changes", params={"after": text}).status_code == 422, text[:40]


def test_a_cursor_is_read_as_it_was_written():
    cursor = Cursor({"b": Mark(3, 40), "a": Mark(1, 2)})
    assert str(cursor) == "a:1.2,b:3.40"
    assert str(Cursor.parse(str(cursor)).at("a", Mark(2, 9))) == "a:2.9,b:3.40"
    assert str(Cursor.parse(following.NOTHING)) == following.NOTHING
    with pytest.raises(BadCursor):
        Cursor.parse("0,0")


def test_a_change_that_another_worker_commits_later_is_not_passed_over(engine, depot):
    """Positions of two depots may be committed in another order than they were given."""
    depot.send()
    with writing(engine) as connection:
        connection.execute(update(report_outbox).values(position=1000))
    with reading(engine) as connection:
        found, cursor = following.since(connection, None, Cursor({}), 10)
    assert [change.cursor for change in found] == ["depot:1.1000"]
    assert cursor.of("elsewhere") == Mark(0, 0)


def test_gates_are_told_with_what_is_missing(systems, depot, chain, receiver):
    client = systems(Scope.GATES_READ)
    (gate,) = client.get("/v1/gates").json()["gates"]
    assert (gate["depot"], gate["gate"], gate["accepted"], gate["heard_at"]) == ("depot", "g1", True, None)
    depot.send()
    chain.draft()
    depot.send()
    (gate,) = client.get("/v1/gates").json()["gates"]
    assert (gate["whole"], gate["heard_at"] is None) == (False, False)
    (source,) = gate["sources"]
    assert (source["sequence"], source["highest"]) == (1, 3)
    assert systems(depots=["elsewhere"]).get("/v1/gates").json() == {"gates": []}


def test_what_a_gate_says_of_itself_is_told(systems, engine, clock, depot):
    with writing(engine) as connection:
        connection.execute(
            insert(gate_states).values(
                depot="depot", gate="g1", state={"state": "degraded"}, state_at=clock(), health={"outbox": 3}
            )
        )
    (gate,) = systems(Scope.GATES_READ).get("/v1/gates").json()["gates"]
    assert (gate["state"], gate["health"]) == ("degraded", {"outbox": 3})
    assert gate["state_at"] == "2026-11-24T17:00:00.000Z"


def test_nobody_who_only_looks_is_a_person_that_works(systems, engine, clock):
    looking, working = (
        systems.token(Scope.REPORTS_READ, Scope.PERSONAL_READ),
        systems.token(Scope.ANSWERS_WRITE),
    )
    with reading(engine) as connection:
        callers = [tokens.find(connection, secret, clock()).who for _, secret in (looking, working)]
    assert all(isinstance(each, Who) for each in callers)
    assert [each.may("work") for each in callers] == [False, True]
