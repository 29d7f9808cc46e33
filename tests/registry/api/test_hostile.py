"""The interface under hostile hands: what OpenAPI allows and what it does not, and never a 500."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
STREAM = "/v1/changes/stream"
"""Never ends; hands are laid on it below."""

TEXTS = (
    "",
    "\x00",
    "%00",
    "'; DROP TABLE reports; --",
    "{{7*7}}${7*7}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "\u202e\u200b\ufeff",
    "=1+1",
    "ñ" * 80,
    "A" * 80,
    "9" * 80,
    "1e309",
    "-1",
    "\ud800",
    "٣٤٥",
    "\U0001f69a" * 20,
)


WORDS = ("words", "number", "document", "container", "plate")


def operations(console: Any) -> list[Any]:
    """What the interface offers, by its own description."""
    described = httpx.get(f"{console.url}/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=console.url)
    schema.config.generation.update(modes=list(GenerationMode))
    found = [each.ok() for each in schema.get_all_operations()]
    return [each for each in found if each.path != STREAM]


def hammer(console: Any, token: str, report: str, examples: int) -> Counter[int]:
    """Call each operation with values that fit its description and values that do not: how often was answered what."""
    answered: Counter[int] = Counter()
    headers = {"authorization": f"Bearer {token}"}
    for operation in operations(console):
        wanted = [not_a_server_error] if operation.path.startswith("/v1/evidence") else CHECKS

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            if "report" in case.path_parameters and len(str(case.path_parameters["report"])) % 2:
                case.path_parameters["report"] = report
            answer = case.call_and_validate(headers=headers, checks=wanted)  # noqa: B023 - called in this round
            answered[answer.status_code] += 1

        attempt()
    return answered


@pytest.fixture
def patient(kit: Any, chain: Any, serve: Any, tmp_path: Any) -> Any:
    """An application that takes as many requests as there are."""
    from registry.settings import Settings

    file = kit.registry_file(chain, http={}, api={"requests_per_minute": 100_000})
    return serve(Settings(file, tmp_path / "registry.yaml"))


def test_no_request_makes_the_server_fail(patient, systems, depot):
    answered = hammer(patient, systems.token()[1], depot.report(depot.send()), 4)
    assert {200, 404, 422} < set(answered)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_request_of_many_makes_the_server_fail(patient, systems, depot):
    hammer(patient, systems.token()[1], depot.report(depot.send()), 200)


def test_hostile_texts_find_nothing_and_break_nothing(patient, systems, depot):
    depot.send(item={"description": "=cmd|' /C calc'!A0 \x07\u202e"})
    client = systems.client(systems.token()[1])
    client.base_url = patient.url
    json_type = {"content-type": "application/json"}
    words, rest = WORDS, ("depot", "state", "kind", "from", "to", "after", "limit")
    for text in TEXTS:
        for asked in ({words[len(text) % len(words)]: text, "depot": text}, dict.fromkeys(words, text)):
            answer = client.post("/v1/reports/search", content=json.dumps(asked), headers=json_type)
            assert answer.status_code in (200, 422), (asked, answer.text)
            assert answer.status_code == 422 or not text or answer.json()["reports"] == [], asked
        asked = dict.fromkeys(rest, text)
        answer = client.post("/v1/reports/search", content=json.dumps(asked), headers=json_type)
        assert answer.status_code == 422, asked
        quoted = "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass")) or "%20"
        assert client.get(f"/v1/reports/{quoted}/evidence/{quoted}").status_code == 404, text
        for path in (f"/v1/changes?after={quoted}", f"/v1/reports?after={quoted}&depot={quoted}"):
            assert client.get(path).status_code == 422, path


def test_a_driver_of_paths_reads_no_file(patient, systems, depot):
    client = systems.client(systems.token()[1])
    report = depot.report(depot.send())
    place = f"{patient.url}/v1/reports/{report}/evidence/"
    for trick in (
        "..%2F..%2Fregistry.db",
        "%2e%2e/registry.yaml",
        "....//registry.db",
        "a" * 64,
        "A" * 64,
        "%00" * 64,
    ):
        answer = client.get(place + trick)
        assert answer.status_code == 404 and b"SQLite" not in answer.content, trick


BODIES = (
    (b"[" * 30_000, {400, 422}),
    (b'{"words":' * 6_000, {400, 422}),
    (b'{"words": "' + b"x" * 70_000 + b'"}', {413}),
    (b"\xff\xfe{}", {400, 422}),
    (b'{"limit": ' + b"9" * 5_000 + b"}", {400, 422}),
    (b'{"limit": NaN}', {422}),
    (b'{"words": "a", "words": 1}', {422}),
    (b"", {422}),
    (b"{", {422}),
)


def test_a_body_that_is_none_is_refused(patient, systems):
    client = systems.client(systems.token()[1], **{"content-type": "application/json"})
    for body, wanted in BODIES:
        for content in (body, iter([body])):
            answer = client.post(f"{patient.url}/v1/reports/search", content=content)
            assert answer.status_code in wanted, (body[:20], answer.text)


def test_headers_that_are_none_are_refused(patient, systems):
    client = systems.client(systems.token()[1])
    for last in ("x", "\x7f", "é", "depot:1.1," * 1000, "0" * 8000):
        headers = {"last-event-id": last.encode("latin-1")}
        assert client.get(f"{patient.url}{STREAM}", headers=headers).status_code == 422, last[:20]
    for name in ("accept-language", "if-none-match", "accept"):
        for value in ('"' * 5000, "q=" * 3000, ",;=" * 1000, "\xff"):
            headers = {name: value.encode("latin-1")}
            assert client.get(f"{patient.url}/v1/key", headers=headers).status_code == 200
