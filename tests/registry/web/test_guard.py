"""The door: names, origins, sizes and headers, over a real socket."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx
import pytest

from record.web.guard import host_name
from record.web.place import local
from registry.web.pages import STATIC, TEMPLATES


def test_a_sign_of_life_needs_no_login(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "", "[::1", "127.0.0.1.evil.example"])
def test_another_name_is_not_answered(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize(
    "host", ["registro.example.ec", "REGISTRO.example.ec:443", "localhost:1", "[::1]:80"]
)
def test_names_of_the_settings_and_of_the_machine_are_answered(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_a_change_from_another_origin_is_refused(console):
    with httpx.Client(base_url=console.url) as other:
        for origin in ("https://evil.example", "null", console.url.replace("http", "https")):
            answer = other.post("/language", data={"lang": "en"}, headers={"origin": origin})
            assert answer.status_code == 403
        assert other.post("/language", data={"lang": "en"}).status_code == 403
        assert (
            other.post("/language", data={"lang": "en"}, headers={"sec-fetch-site": "cross-site"}).status_code
            == 403
        )


def test_every_answer_is_armed(client):
    for path in ("/healthz", "/nothing", "/static/htmx.min.js", "/v1/nothing"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_a_body_is_bounded_also_when_nobody_says_its_length(client):
    assert client.post("/language", content=b"x" * 70_000).status_code == 413

    def pieces():
        yield b"lang="
        for _ in range(70):
            yield b"x" * 1024

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/language", content=pieces(), headers=form).status_code == 413


def test_programs_are_told_in_their_form_and_people_in_theirs(client):
    told = client.get("/v1/nothing")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["type"] == "urn:iie:problem:not_found"
    page = client.get("/nothing")
    assert page.status_code == 404
    assert "Aquí no hay nada" in page.text
    assert client.post("/language", data={"lang": "en"}).headers["location"] == "/"
    assert "Nothing is here" in client.get("/nothing").text


def test_a_form_that_lacks_something_is_no_fault_of_the_program(client):
    answer = client.post("/language", data={})
    assert answer.status_code == 422
    assert "lang" in answer.text


def test_going_back_never_leads_elsewhere(client):
    for place in ("//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nset-cookie: a=b", ""):
        assert local(place) == "/"
    assert local("/reports?q=1") == "/reports?q=1"


def test_a_host_is_read_without_its_port():
    assert [host_name(each) for each in ("A.example:80", "[::1]:80", "a:b:c", "x@y")] == [
        "a.example",
        "::1",
        "",
        "",
    ]


def test_what_is_vendored_is_what_was_looked_at():
    digest, name = (STATIC / "htmx.sha256").read_text().split()
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text()


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("**/*.html")), ids=lambda path: path.name)
def test_no_page_needs_what_the_policy_forbids(template: Path):
    text = template.read_text(encoding="utf-8")
    assert not re.search(
        r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:|<style|hx-on|https?://", text
    )
    assert "|safe" not in text.replace(" ", "")
