"""The page of other systems: tokens shown once, webhooks to listed hosts, each supervisor within their depots."""

from __future__ import annotations

import re

import httpx
import pytest

from registry.api import tokens
from registry.api.scope import Scope
from registry.database import reading, writing
from registry.hooks import book
from registry.people import trail
from registry.people.role import Role
from registry.settings import Settings


@pytest.fixture
def console(kit, chain, serve, tmp_path):
    rules = {"hosts": ["sistema.example.ec"]}
    return serve(Settings(kit.registry_file(chain, http={}, webhooks=rules), tmp_path / "registry.yaml"))


@pytest.fixture
def eva(client, enrol):
    enrol("Eva", Role.SUPERVISOR, client)
    return client


def test_a_token_is_shown_once_and_works_until_it_is_revoked(eva, enrol, console, engine):
    data = {"csrf": enrol.csrf(eva), "name": "ERP", "scope-reports:read": "1", "days": "30"}
    page = eva.post("/systems/tokens", data=data)
    secret = re.search(r'value="(iie_[\w-]{43})"', page.text)[1]
    assert secret not in eva.get("/systems").text
    bearer = {"authorization": f"Bearer {secret}"}
    assert httpx.get(f"{console.url}/v1/reports", headers=bearer).status_code == 200
    with reading(engine) as connection:
        caller = tokens.find(connection, secret, enrol._clock())
    assert (caller.name, caller.scopes) == ("ERP", {Scope.REPORTS_READ})
    place = f"/systems/tokens/{caller.id}/revoke"
    assert eva.post(place, data={"csrf": data["csrf"]}).status_code == 303
    assert eva.post(place, data={"csrf": data["csrf"]}).status_code == 404
    assert httpx.get(f"{console.url}/v1/reports", headers=bearer).status_code == 401
    with reading(engine) as connection:
        assert [row.action for row in trail.latest(connection)][:2] == ["token_revoked", "token_added"]
    assert "ya no vale" in eva.get("/systems").text


def test_a_webhook_is_kept_here(eva, enrol, engine, clock):
    data = {"csrf": enrol.csrf(eva), "name": "<b>ERP</b>", "url": "https://sistema.example.ec/avisos"}
    assert eva.post("/systems/hooks", data=data).status_code == 303
    page = eva.get("/systems").text
    assert "&lt;b&gt;ERP&lt;/b&gt;" in page and "https://sistema.example.ec/avisos" in page
    with reading(engine) as connection:
        (hook,) = book.in_use(connection)
    for deed, status in (("retry", 303), ("dance", 404), ("remove", 303), ("remove", 404)):
        assert eva.post(f"/systems/hooks/{hook.id}/{deed}", data=data).status_code == status, deed
    assert "sistema.example.ec/avisos" not in eva.get("/systems").text


def test_what_cannot_be_is_told_in_spanish(eva, enrol):
    csrf = enrol.csrf(eva)
    for path, data, words in (
        ("tokens", {"name": "ERP"}, "al menos un permiso"),
        ("tokens", {"name": "", "scope-reports:read": "1"}, "1 a 64 caracteres"),
        ("hooks", {"name": "ERP", "url": "https://otro.example.ec/"}, "private_hosts"),
        ("hooks", {"name": "\x07", "url": "https://sistema.example.ec/"}, "1 a 64 caracteres"),
    ):
        answer = eva.post(f"/systems/{path}", data={"csrf": csrf, **data})
        assert answer.status_code == 400 and words in answer.text, data
    for days in ("0", "x", "9999", "٣"):
        data = {"csrf": csrf, "name": "A", "scope-reports:read": "1", "days": days}
        assert eva.post("/systems/tokens", data=data).status_code == 400


def test_a_supervisor_of_one_depot_keeps_systems_of_that_depot_alone(client, enrol, engine, clock):
    enrol("Leo", Role.SUPERVISOR, client, depots=["depot"])
    with writing(engine) as connection:
        everywhere, _ = tokens.add(connection, "Central", [Scope.REPORTS_READ], clock(), "Eva")
    data = {"csrf": enrol.csrf(client), "name": "ERP", "scope-reports:read": "1"}
    client.post("/systems/tokens", data=data)
    with reading(engine) as connection:
        assert tokens.by_name(connection, "ERP").depots == ["depot"]
    assert "Central" not in client.get("/systems").text
    assert client.post(f"/systems/tokens/{everywhere}/revoke", data=data).status_code == 404


def test_nobody_else_keeps_systems(client, enrol):
    enrol("Ana", Role.CLERK, client)
    assert client.get("/systems").status_code == 403
    data = {"csrf": enrol.csrf(client), "name": "ERP", "scope-reports:read": "1"}
    assert client.post("/systems/tokens", data=data).status_code == 403
