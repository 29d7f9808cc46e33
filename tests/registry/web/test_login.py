"""Logging in over a real socket: names, links, sessions, and who may do what."""

from __future__ import annotations

import re

import httpx
import pytest

from registry.database import reading, writing
from registry.people import trail, users
from registry.people.role import Role
from registry.reports.state import What


def actions(engine) -> list[str]:
    with reading(engine) as connection:
        return [row.action for row in reversed(trail.latest(connection))]


def test_nobody_sees_anything_before_the_login(client):
    for place in ("/", "/inbox", "/reports", "/users", "/trail", "/me"):
        answer = client.get(place, follow_redirects=True)
        assert answer.status_code == 200
        assert 'name="password"' in answer.text, place


def test_a_clerk_logs_in_and_out(console, client, enrol):
    enrol("Ana", Role.CLERK)
    assert client.get("/users?x=1").headers["location"] == "/login?next=%2Fusers%3Fx%3D1"
    wrong = client.post("/login", data={"name": "Ana", "password": "wrong wrong"})
    assert wrong.status_code == 401
    nobody = client.post("/login", data={"name": "Nobody", "password": "wrong wrong"})
    assert nobody.status_code == 401
    assert nobody.text.replace("Nobody", "Ana") == wrong.text
    entered = client.post("/login", data={"name": "Ana", "password": enrol.password, "next": "/me"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/me")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
    page = client.get("/me")
    assert "Ana" in page.text
    assert client.post("/logout").status_code == 403
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
    assert client.post("/logout", data={"csrf": token}).headers["location"] == "/login"
    assert client.get("/me").status_code == 303
    assert actions(console.engine) == ["login_failed", "login_failed", "login", "logout"]


def test_a_session_ends_with_inactivity(client, enrol, clock):
    enrol("Ana", Role.CLERK, client)
    clock.move(minutes=29)
    assert client.get("/me").status_code == 200
    clock.move(minutes=29)
    assert client.get("/me").status_code == 200
    clock.move(minutes=31)
    assert client.get("/me").status_code == 303


def test_attempts_are_slowed_down_also_at_once(client, enrol, clock):
    enrol("Ana", Role.CLERK)
    for _ in range(5):
        assert client.post("/login", data={"name": "Ana", "password": "no"}).status_code == 401
    told = client.post("/login", data={"name": "Ana", "password": enrol.password})
    assert told.status_code == 429
    assert int(told.headers["retry-after"]) >= 1
    clock.move(seconds=int(told.headers["retry-after"]))
    assert client.post("/login", data={"name": "Ana", "password": enrol.password}).status_code == 303


def test_a_link_lets_in_once_and_asks_for_a_password(console, client, enrol):
    enrol("Eva", Role.SUPERVISOR, client)
    page = client.get("/users").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    made = client.post("/users", data={"name": "Leo <b>", "role": "clerk", "depot": "", "csrf": token})
    assert "Leo &lt;b&gt;" in made.text and "Leo <b>" not in made.text
    link = re.search(r"/login/([\w-]{20,})", made.text)[1]
    with console.client() as leo:
        assert leo.get(f"/login/{link}").status_code == 200
        assert leo.post(f"/login/{link}").headers["location"] == "/me"
        account = leo.get("/me").text
        assert 'name="old"' not in account
        csrf = re.search(r'name="csrf" value="([^"]+)"', account)[1]
        new = {"new": "a fine password", "again": "a fine password", "csrf": csrf}
        assert leo.post("/me/password", data=new | {"again": "another one!"}).status_code == 400
        assert leo.post("/me/password", data=new | {"new": "short", "again": "short"}).status_code == 400
        assert leo.post("/me/password", data=new).status_code == 303
        assert 'name="old"' in leo.get("/me").text
        assert leo.post(f"/login/{link}").status_code == 401


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.CLERK, ()),
        (Role.SUPERVISOR, ("/users", "/trail")),
        (Role.AUDITOR, ("/trail",)),
        (Role.CUSTOMS, ()),
    ],
)
def test_pages_open_by_role(client, enrol, role, allowed):
    enrol("Ana", role, client)
    for place in ("/users", "/trail"):
        assert client.get(place).status_code == (200 if place in allowed else 403), place


def test_who_may_not_keep_users_cannot_post_them(console, client, enrol):
    enrol("Ana", Role.CLERK, client)
    csrf = enrol.csrf(client)
    data = {"name": "Mal", "role": "supervisor", "csrf": csrf}
    assert client.post("/users", data=data).status_code == 403
    with reading(console.engine) as connection:
        assert users.by_name(connection, "Mal") is None


def test_a_supervisor_keeps_users_but_not_themselves(console, client, enrol):
    eva, leo = enrol("Eva", Role.SUPERVISOR, client), enrol("Leo", Role.CLERK)
    csrf = enrol.csrf(client)
    assert client.post(f"/users/{leo}/role", data={"role": "auditor", "csrf": csrf}).status_code == 303
    assert client.post(f"/users/{leo}/disable", data={"csrf": csrf}).status_code == 303
    assert client.post(f"/users/{eva}/disable", data={"csrf": csrf}).status_code == 409
    assert client.post(f"/users/{leo}/role", data={"role": "god", "csrf": csrf}).status_code == 400
    assert (
        client.post(f"/users/{leo}/role", data={"role": "clerk", "depot": "x", "csrf": csrf}).status_code
        == 400
    )
    assert client.post(f"/users/{leo}/explode", data={"csrf": csrf}).status_code == 404
    assert client.post("/users/none/disable", data={"csrf": csrf}).status_code == 404
    with reading(console.engine) as connection:
        row = users.by_id(connection, leo)
    assert (row.role, row.disabled_at is not None) == ("auditor", True)
    with console.client() as other:
        answer = other.post("/login", data={"name": "Leo", "password": enrol.password})
        assert answer.status_code == 401
    assert client.get("/trail").text.count("Leo") >= 2


def test_a_programs_request_is_told_to_log_in(client):
    asked = client.get("/gates/rows", headers={"hx-request": "true"})
    assert (asked.status_code, asked.headers["hx-redirect"]) == (401, "/login?next=%2Fgates")


def test_a_cookie_of_nobody_is_worth_nothing(console, enrol):
    for value in ("x", "x" * 5000, "%00", '"'):
        with httpx.Client(base_url=console.url, cookies={"iie": value}) as other:
            assert other.get("/me").status_code == 303


def test_by_https_the_cookie_belongs_to_this_host_alone(serve, settings, enrol):
    http = settings.file.http.model_copy(update={"behind_tls": True})
    file = settings.file.model_copy(update={"http": http})
    console = serve(type(settings)(file, settings.path_of_file))
    enrol("Ana", Role.CLERK)
    with console.client(origin=console.url.replace("http:", "https:")) as client:
        entered = client.post("/login", data={"name": "Ana", "password": enrol.password})
        assert entered.headers["set-cookie"].startswith("__Host-iie=")
        assert "secure" in entered.headers["set-cookie"].lower()
        assert entered.headers["strict-transport-security"]


def test_the_trail_names_what_it_is_about(console, client, enrol, depot_of):
    depot = depot_of(console)
    draft = depot.send()
    for what in (What.REVIEWED, What.EXPORTED, What.APPROVED):
        depot.do(draft, what)
    report, number = depot.report(draft), depot.row(draft).delivery_number
    enrol("Eva", Role.SUPERVISOR, client)
    client.get(f"/reports/{report}/document.xml")
    assert f'href="/reports/{report}">{number}</a>' in client.get("/trail").text
    with console.client() as far:
        enrol("Otra", Role.SUPERVISOR, far, depots=["other"])
        page = far.get("/trail").text
        assert number in page and f"/reports/{report}" not in page, "no link to what they do not see"
    csrf = enrol.csrf(client)
    client.post("/users", data={"name": "Leo", "role": "clerk", "depot": "", "csrf": csrf})
    assert "rol: Digitador" in client.get("/trail").text and "None" not in client.get("/trail").text


def test_the_trail_is_read_page_by_page(console, client, enrol, clock):
    enrol("Eva", Role.SUPERVISOR, client)
    with writing(console.engine) as connection:
        for number in range(150):
            trail.note(connection, clock(), f"<i>{number}</i>", trail.Action.LOGIN_FAILED)
    page = client.get("/trail").text
    assert "&lt;i&gt;149&lt;/i&gt;" in page and "<i>" not in page
    older = re.search(r"/trail\?before=(\d+)", page)[1]
    assert "&lt;i&gt;10&lt;/i&gt;" in client.get(f"/trail?before={older}").text
