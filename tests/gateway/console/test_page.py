"""The gate's page over a real socket: who gets in, what is shown, and what a person may do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.clerk.act import Act, Deed
from gateway.clerk.entry import RefusedDeed
from gateway.console.person import Role
from record.errors import BadRecord

from .conftest import NOON, PIN, Page, content, csrf, until, visit

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202egnp\x07"
Enter = Callable[..., httpx.Client]


def form(client: httpx.Client, served: Page, **values: str) -> dict[str, str]:
    basis = f"v-1:{len(served.board.view.lanes['carril-1'].visit.acts)}"  # type: ignore[union-attr]
    return {"csrf": csrf(client), "basis": basis} | values


@pytest.mark.parametrize(
    "place", ["/", "/visits", "/outbox", "/devices", "/audit", "/lanes/carril-1", "/events"]
)
def test_nobody_sees_anything_before_the_login(client: httpx.Client, place: str) -> None:
    answer = client.get(place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_picture_is_for_people_inside_alone(client: httpx.Client, served: Page, enter: Enter) -> None:
    digest = served.store.keep(b"\xff\xd8 a picture")
    assert client.get(f"/evidence/{digest}").status_code == 303
    enter()
    answer = client.get(f"/evidence/{digest}")
    assert (answer.content, answer.headers["x-content-type-options"]) == (b"\xff\xd8 a picture", "nosniff")
    for wrong in ("..%2fgateway.db", "0" * 64, "x"):
        assert client.get(f"/evidence/{wrong}").status_code == 404


def test_a_guard_enters_by_pin_and_leaves(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.people.add("Ana", Role.GUARD, PIN)
    assert "Ana" in client.get("/login").text
    assert client.post("/login", data={"name": "Ana", "secret": "000000"}).status_code == 401
    enter()
    assert "depot · g1" in client.get("/").text
    assert client.post("/logout", data={"csrf": csrf(client)}).status_code == 303
    assert client.get("/").status_code == 303


def test_guessing_a_pin_has_to_wait(client: httpx.Client, served: Page) -> None:
    served.people.add("Ana", Role.GUARD, PIN)
    answers = [client.post("/login", data={"name": "Ana", "secret": f"{n:06d}"}) for n in range(7)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert client.post("/login", data={"name": "Ana", "secret": PIN}).status_code == 429
    served.clock.move(minutes=16)
    assert client.post("/login", data={"name": "Ana", "secret": PIN}).status_code == 303


def guess(served: Page, address: str, times: int = 1, name: str = "Ana", secret: str = "000000") -> Any:
    """What the last of so many attempts from an address comes to."""
    answers = [served.people.enter(name, secret, address, served.clock()) for _ in range(times)]
    return answers[-1]


def test_a_stranger_locks_nobody_at_their_own_tablet(served: Page) -> None:
    served.people.add("Ana", Role.GUARD, PIN)
    assert isinstance(guess(served, "tablet", secret=PIN), str)
    for number in range(20):
        guess(served, f"stranger-{number}", 5)
    assert isinstance(guess(served, "stranger-99", secret=PIN), timedelta)
    assert isinstance(guess(served, "tablet", secret=PIN), str)


def test_one_pin_is_guessed_from_many_addresses_some_hundred_times_a_day_at_most(served: Page) -> None:
    served.people.add("Ana", Role.GUARD, PIN)
    tried = 0
    for minute in range(24 * 60):
        served.clock.now = NOON + timedelta(minutes=minute)
        tried += guess(served, f"stranger-{minute}") is None
    assert tried < 200


def test_failed_attempts_are_forgotten_and_do_not_fill_the_disk(served: Page) -> None:
    for number in range(30):
        guess(served, "stranger", name=f"nobody-{number}")
    served.clock.move(hours=2)
    guess(served, "stranger")
    assert served.outbox.file.read("SELECT count(*) FROM attempts") == [(3,)]


def test_a_deed_that_is_done_late_is_in_the_audit_all_the_same(
    client: httpx.Client, served: Page, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.correct.PATIENCE_S", 0.05)
    answers: list[Future[None]] = []

    def slow(act: Act) -> Future[None]:
        answers.append(Future())
        return answers[-1]

    served.truck()
    enter()
    monkeypatch.setattr(served.lane, "act", slow)
    for reason in ("primera", "segunda"):
        answer = client.post("/lanes/carril-1/reweigh", data=form(client, served, reason=reason))
        assert answer.status_code == 503
    assert served.people.traces() == []
    answers[0].set_result(None)
    answers[1].set_exception(RefusedDeed("", "no_truck"))
    assert [(trace.deed, trace.detail) for trace in served.people.traces()] == [("reweigh", "primera")]


def test_a_link_works_once_and_only_by_its_button(client: httpx.Client, served: Page) -> None:
    served.people.add("Ana", Role.SUPERVISOR, None)
    token = served.people.link("Ana", NOON)
    assert client.get("/enter", params={"token": token}).status_code == 200
    assert client.get("/").status_code == 303
    assert client.post("/enter", data={"token": token}).headers["location"] == "/"
    assert client.get("/").status_code == 200
    with served.client() as other:
        assert other.post("/enter", data={"token": token}).status_code == 401


def test_a_session_ends_by_itself_and_a_watching_page_keeps_nobody_in(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    enter()
    served.clock.move(minutes=29)
    assert client.get("/").status_code == 200
    served.clock.move(minutes=31)
    assert client.get("/").status_code == 303


def test_a_disabled_person_is_out_at_once(client: httpx.Client, served: Page, enter: Enter) -> None:
    enter()
    served.people.disable("Ana", NOON)
    assert client.get("/").status_code == 303
    assert client.post("/login", data={"name": "Ana", "secret": PIN}).status_code == 401


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        (Role.GUARD, "/devices", 403),
        (Role.GUARD, "/audit", 403),
        (Role.TECHNICIAN, "/devices", 200),
        (Role.TECHNICIAN, "/lanes/carril-1", 403),
        (Role.SUPERVISOR, "/audit", 200),
        (Role.SUPERVISOR, "/devices", 200),
    ],
)
def test_roles_see_what_is_theirs(
    client: httpx.Client, served: Page, enter: Enter, role: Role, place: str, status: int
) -> None:
    served.truck()
    enter(role)
    assert client.get(place).status_code == status


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"}]
)
def test_a_page_from_elsewhere_changes_nothing(served: Page, headers: dict[str, str]) -> None:
    served.people.add("Ana", Role.GUARD, PIN)
    with served.client(**headers) as client:
        answer = client.post("/login", data={"name": "Ana", "secret": PIN})
    assert answer.status_code in (403, 421)
    assert "set-cookie" not in answer.headers


def test_a_truck_is_shown_with_what_is_missing(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck()
    enter()
    shown = client.get("/").text
    for words in (
        "29\u202f680",
        "estable",
        "BANANO FRESCO",
        "falta",
        "Falta el número de contenedor: ninguna cámara lo leyó",
    ):
        assert words in shown
    assert shown.count("<em>falta</em>") == 1
    assert 'href="/lanes/carril-1?field=/items/0/container"' in shown


def test_what_scanners_and_people_say_draws_nothing(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck(content(HOSTILE))
    enter(Role.SUPERVISOR, name="Ana <b>")
    for place in (
        "/",
        "/lanes/carril-1?field=/items/0/description",
        "/audit",
        "/visits",
        "/outbox",
        "/login",
    ):
        text = client.get(place).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "\u202e" not in text
        assert "Ana <b>" not in text


def test_the_stream_tells_what_changes_and_ends_with_the_session(
    client: httpx.Client, served: Page, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.live.LOOKS_PER_SESSION_CHECK", 2)
    monkeypatch.setattr("gateway.console.live.LOOK_EVERY_S", 0.02)
    enter()
    with client.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        first = next(json.loads(line[6:]) for line in lines if line.startswith("data: {"))
        assert first["part"] == "lane-carril-1"
        served.truck()
        changed = next(json.loads(line[6:]) for line in lines if line.startswith("data: {") and "29" in line)
        assert "BANANO FRESCO" in changed["html"]
        served.clock.move(hours=1)
        assert any(line == "event: ended" for line in lines)


def test_a_page_that_is_closed_leaves_nothing_behind(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter()
    streams = served.application.state.streams
    for _ in range(20):
        with client.stream("GET", "/events") as events:
            assert events.status_code == 200
            assert next(events.iter_lines())
        until(lambda: not streams)


def test_streams_are_bounded(served: Page, client: httpx.Client, enter: Enter) -> None:
    enter()
    streams = served.application.state.streams
    streams["another"] = 16
    assert client.get("/events").status_code == 503
    streams.clear()
    own = served.people.session(client.cookies["garita"], served.clock(), served.desk.idle)
    assert own
    streams[own.id] = 4
    assert client.get("/events").status_code == 503
    with served.client() as other, enter(name="Eva", on=other).stream("GET", "/events") as stream:
        assert stream.status_code == 200


def test_a_field_is_entered_with_who_and_why(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck()
    enter()
    values = form(
        client, served, field="/items/0/container", value=" msku 123456-5 ", reason="la cámara leyó mal"
    )
    assert client.post("/lanes/carril-1/enter", data=values).headers["location"] == "/"
    (act,) = served.lane.acts
    assert (act.person, act.role, act.deed, act.field) == ("Ana", "guard", Deed.ENTER, "/items/0/container")
    assert (act.value, act.reason, act.visit, act.insist) == (
        "msku 123456-5",
        "la cámara leyó mal",
        "v-1",
        False,
    )
    (trace,) = served.people.traces()
    assert (trace.name, trace.deed, trace.subject) == ("Ana", "enter", "v-1")


def test_seals_are_a_list_and_nothing_takes_a_value_out(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    served.truck()
    enter()
    client.post(
        "/lanes/carril-1/enter", data=form(client, served, field="/items/0/seals", value="EC1, EC2 EC3")
    )
    client.post(
        "/lanes/carril-1/enter", data=form(client, served, field="/items/0/packages", value="", reason="x")
    )
    assert [act.value for act in served.lane.acts] == [["EC1", "EC2", "EC3"], None]


def test_what_the_clerk_refuses_is_shown_again_with_the_reason(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    served.truck()
    enter()
    served.lane.refusal = RefusedDeed(
        "/items/0/container", "check_digit", "CSQU3054384", digit="4", expected="3"
    )
    values = form(client, served, field="/items/0/container", value="CSQU3054384", reason="visto")
    answer = client.post("/lanes/carril-1/enter", data=values)
    assert answer.status_code == 422
    assert "dígito verificador es 4 y debería ser 3" in answer.text
    assert 'value="CSQU3054384"' in answer.text
    assert 'name="insist"' in answer.text
    assert served.people.traces() == []


def test_the_second_of_two_people_is_told(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck()
    enter()
    values = form(client, served, field="/items/0/container", value="MSKU1234565", reason="x")
    act = Act(NOON, 95.0, "Luis", "guard", Deed.ENTER, "", "/items/0/container", "CSQU3054383")
    served.board.lane("carril-1", visit=visit(acts=(act,)))
    answer = client.post("/lanes/carril-1/enter", data=values)
    assert (answer.status_code, served.lane.acts) == (409, [])
    assert "cambió algo" in answer.text


def test_another_truck_is_not_corrected_by_mistake(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck()
    enter()
    values = form(client, served, field="/items/0/container", value="MSKU1234565", reason="x")
    served.board.lane("carril-1", visit=visit(id="v-2"))
    assert client.post("/lanes/carril-1/enter", data=values).status_code == 409
    assert served.lane.acts == []


def test_only_a_supervisor_voids(client: httpx.Client, served: Page, enter: Enter) -> None:
    served.truck()
    enter()
    assert client.post("/lanes/carril-1/void", data=form(client, served, reason="x")).status_code == 403
    assert client.post("/lanes/carril-1/reweigh", data=form(client, served, reason="x")).status_code == 303
    with served.client() as other:
        enter(Role.SUPERVISOR, "Luis", on=other)
        assert (
            other.post("/lanes/carril-1/void", data=form(other, served, reason="se fue")).status_code == 303
        )
    assert [act.deed for act in served.lane.acts] == [Deed.REWEIGH, Deed.VOID]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_form_from_elsewhere_does_nothing(
    client: httpx.Client, served: Page, enter: Enter, token: str
) -> None:
    served.truck()
    enter()
    values = form(client, served, field="/items/0/container", value="MSKU1234565") | {"csrf": token}
    assert client.post("/lanes/carril-1/enter", data=values).status_code == 403
    assert served.lane.acts == []


@pytest.mark.parametrize(
    "place", ["/lanes/nowhere", "/lanes/carril-1?field=/depot/oce", "/lanes/carril-1?field=../x"]
)
def test_a_place_that_is_none_is_told(client: httpx.Client, served: Page, enter: Enter, place: str) -> None:
    served.truck()
    enter()
    assert client.get(place).status_code == 404
    assert client.post("/lanes/carril-1/erase", data=form(client, served)).status_code == 404


def test_what_breaks_the_contract_is_shown_as_it_is_said(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    served.truck()
    enter()
    served.lane.refusal = BadRecord("/items/0/description: longer than 500 characters")
    values = form(client, served, field="/items/0/description", value="x" * 600, reason="x")
    assert "longer than 500" in client.post("/lanes/carril-1/enter", data=values).text


def test_what_people_did_cannot_be_changed(served: Page, client: httpx.Client, enter: Enter) -> None:
    served.truck()
    enter()
    client.post("/lanes/carril-1/reweigh", data=form(client, served, reason="x"))
    from gateway.outbox.letter import OutboxBroken

    for statement in ("UPDATE audit SET name = 'x'", "DELETE FROM audit"):
        with pytest.raises(OutboxBroken, match="audit is kept"), served.outbox.file.writing() as db:
            db.execute(statement)


def test_the_language_is_the_readers_choice(client: httpx.Client) -> None:
    client.post("/language", data={"lang": "en", "back": "//evil.example/x"})
    assert client.cookies["idioma"] == "en"
    assert "Enter by password" in client.get("/login").text


def test_health_is_for_machines_and_says_nothing_of_trucks(client: httpx.Client, served: Page) -> None:
    served.truck(content("SECRET CARGO"))
    answer: Any = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_every_page_is_closed_to_scripts_of_others(client: httpx.Client) -> None:
    policy = client.get("/login").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|style=", client.get("/login").text)


def test_a_new_pin_ends_the_sessions_of_the_old_one(client: httpx.Client, served: Page, enter: Enter) -> None:
    enter()
    served.people.add("Ana", Role.GUARD, "730951")
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("place", ["//evil.example", "//[", "https://evil.example", "/\\evil.example", "x"])
def test_a_change_of_language_leads_nowhere_else(client: httpx.Client, place: str) -> None:
    answer = client.post("/language", data={"lang": "en", "back": place})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_truck_gets_one_ticket_with_a_barcode_that_reads_back(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    served.truck()
    enter()
    assert client.get("/lanes/carril-1/ticket").headers["location"] == "/"
    for _ in range(2):
        answer = client.post("/lanes/carril-1/ticket", data=form(client, served))
        assert answer.headers["location"] == "/lanes/carril-1/ticket"
    assert set(served.lane.codes) == {"TKT000001"}
    page = client.get("/lanes/carril-1/ticket").text
    assert read_back(page) == "TKT000001"
    assert (
        client.post("/lanes/carril-1/ticket", data=form(client, served, basis="v-0:0")).headers["location"]
        == "/"
    )
    served.truck(id="v-2")
    assert client.get("/lanes/carril-1/ticket").headers["location"] == "/"
    assert served.desk.tickets.of("v-2", NOON) == "TKT000002"


def read_back(page: str) -> str:
    """What a reader makes of the bars that the page draws: each is "Mx yhW v…"."""
    import numpy as np
    import zxingcpp

    drawn = re.search(r'viewBox="0 0 (\d+) \d+"[^>]*aria-label="TKT.*?<path d="([^"]+)"', page, re.DOTALL)
    assert drawn
    row = np.full(int(drawn[1]), 255, np.uint8)
    for start, width in re.findall(r"M(\d+) 0h(\d+)", drawn[2]):
        row[int(start) : int(start) + int(width)] = 0
    (found,) = zxingcpp.read_barcodes(np.repeat(np.tile(row, (60, 1)), 3, axis=1))
    return str(found.text)
