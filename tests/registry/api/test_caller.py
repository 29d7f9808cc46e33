"""Who may come in: tokens, scopes, how often, and what is said to the others."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from registry.api import tokens
from registry.api.limits import Meter, Seat, Seats
from registry.api.scope import Scope
from registry.database import reading, writing
from registry.settings import Settings

PATHS = {
    "/v1/reports": Scope.REPORTS_READ,
    "/v1/changes": Scope.REPORTS_READ,
    "/v1/changes/stream": Scope.REPORTS_READ,
    "/v1/key": Scope.REPORTS_READ,
    "/v1/gates": Scope.GATES_READ,
}


def test_without_a_token_nobody_comes_in(systems):
    client = systems.client()
    headers = ("", "Bearer", "Bearer iie_" + "x" * 43, "Basic aTp4", "Bearer \xff", "iie_")
    for path, header in product(PATHS, headers):
        answer = client.get(path, headers={"authorization": header.encode("latin-1")})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["code"] == "token_needed"
    assert client.post("/v1/reports/search", content=b"{").status_code == 401


def test_each_scope_opens_its_own_doors(systems):
    for scope in Scope:
        client = systems(scope)
        for path, needed in PATHS.items():
            if needed is not scope:
                answer = client.get(path)
                assert (answer.status_code, answer.json()["code"]) == (403, "token_scope"), (scope, path)
                assert needed.value in answer.json()["detail"]
            elif not path.endswith("stream"):
                assert client.get(path).status_code == 200, (scope, path)


def test_a_revoked_and_an_expired_token_end(systems, engine, clock):
    name, secret = systems.token()
    client = systems.client(secret)
    brief = systems.client(systems.token(life=timedelta(days=1))[1])
    assert (client.get("/v1/key").status_code, brief.get("/v1/key").status_code) == (200, 200)
    with writing(engine) as connection:
        assert tokens.revoke(connection, name, clock())
        assert not tokens.revoke(connection, name, clock())
    assert client.get("/v1/key").status_code == 401
    clock.move(hours=25)
    assert brief.get("/v1/key").status_code == 401


def test_use_is_written_down(systems, engine, clock):
    name, secret = systems.token()
    systems.client(secret).get("/v1/key")
    with reading(engine) as connection:
        row = next(row for row in tokens.everybody(connection) if row.id == name)
    assert (row.used_at, row.address) == (clock(), "127.0.0.1")


def test_refusals_speak_the_askers_language(systems):
    client = systems.client()
    for header, word, language in (
        ("es", "Falta", "es"),
        ("en-GB,en;q=0.9", "missing", "en"),
        ("fr, en;q=0.2, es-EC;q=0.7", "Falta", "es"),
        ("*", "Falta", "es"),
        ("q=;;;,", "Falta", "es"),
    ):
        answer = client.get("/v1/key", headers={"accept-language": header})
        assert word in answer.json()["detail"] and answer.headers["content-language"] == language
        assert answer.headers["content-type"] == "application/problem+json"


def test_who_asks_too_often_waits(kit, chain, serve, systems, tmp_path):
    slow = serve(
        Settings(kit.registry_file(chain, http={}, api={"requests_per_minute": 3}), tmp_path / "r.yaml")
    )
    client, other = systems.client(systems.token()[1]), systems.client(systems.token()[1])
    answers = [client.get(f"{slow.url}/v1/key") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 20
    assert other.get(f"{slow.url}/v1/key").status_code == 200


def test_a_minute_fills_evenly():
    now = [0.0]
    meter = Meter(lambda: now[0])
    assert [meter.take("a", 2) for _ in range(3)] == [0, 0, 30]
    now[0] = 29.0
    assert meter.take("a", 2) == 1
    now[0] = 30.0
    assert [meter.take("a", 2), meter.take("a", 2), meter.take("b", 2)] == [0, 30, 0]


def test_seats_are_counted_and_given_back():
    seats = Seats(3)
    assert [seats.take("a", 2), seats.take("a", 2), seats.take("a", 2)] == [True, True, False]
    assert [seats.take("b", 2), seats.take("b", 2)] == [True, False]
    seat = Seat(seats, "a")
    seat.leave()
    seat.leave()
    assert [seats.take("b", 2), seats.take("b", 3)] == [True, False]
