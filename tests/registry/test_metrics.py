"""The registry's metrics as a Prometheus reads them: by convention, true, without anything of a truck in a label."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from record.web.scrape import MEDIA_TYPE
from registry.settings import Settings
from registry.tally import Tally
from registry.web.app import scrape


@pytest.fixture
def client_of() -> Iterator[Callable[[Any], httpx.Client]]:
    """A program on this machine that speaks to a console."""
    with ExitStack() as opened:
        yield lambda console: opened.enter_context(console.client())


def values(text: str) -> dict[str, float]:
    """Samples of ours by name and labels, as they are written."""
    return {
        f"{sample.name}{{{','.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("iie_registry_")
    }


def test_what_the_database_holds_shows_and_no_truck_does(
    console: Any, client_of: Any, depot_of: Callable[..., Any], chain: Any
) -> None:
    depot_of().send()
    answer = client_of(console).get("/metrics")
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = values(answer.text)
    place = f"depot={chain.gate.depot},gate={chain.gate.gate}"
    assert found["iie_registry_reports{state=draft}"] == 1
    assert found["iie_registry_reports{state=approved}"] == 0
    assert found[f"iie_registry_gaps{{{place}}}"] == 0
    assert found["iie_registry_parked_events{}"] == found["iie_registry_broken_chains{}"] == 0
    assert found["iie_registry_database_up{}"] == 1
    assert found["iie_registry_database_size_bytes{}"] > 0
    assert found["iie_registry_customs_documents{kind=correction,state=sent}"] == 0
    assert found["iie_registry_customs_oldest_seconds{kind=report,state=queued}"] == 0
    assert found["iie_registry_webhook_deliveries{state=given_up}"] == 0
    assert "MSCU" not in answer.text
    if shutil.which("promtool"):
        told = subprocess.run(
            ["promtool", "check", "metrics"], input=answer.text, capture_output=True, text=True, timeout=30
        )
        assert [line for line in told.stderr.splitlines() if line.startswith("iie_")] == []


def test_a_chain_that_lacks_an_event_is_a_gap_of_its_gate(
    console: Any, client_of: Any, receiver: Callable[..., Any], chain: Any
) -> None:
    first, _, third = chain.opened(), chain.draft(), chain.draft()
    receiver().receive([first, third])
    found = values(client_of(console).get("/metrics").text)
    assert found[f"iie_registry_gaps{{depot={chain.gate.depot},gate={chain.gate.gate}}}"] == 1


def test_answers_are_counted_with_the_time_they_took(settings: Settings, engine: Any, clock: Any) -> None:
    tally = Tally()
    for outcome, seconds in (("accepted", 0.005), ("accepted", 0.3), ("refused", 100.0)):
        tally.answered(outcome, seconds)
    workers = {"link": lambda: True, "courier": lambda: False}
    found = values(scrape(settings, engine, clock, tally, workers).render().decode())
    assert found["iie_registry_events_total{outcome=accepted}"] == 2
    assert found["iie_registry_events_total{outcome=parked}"] == 0
    assert found["iie_registry_receipt_seconds_bucket{le=0.01}"] == 1
    assert found["iie_registry_receipt_seconds_count{}"] == 3
    assert (
        found["iie_registry_worker_up{worker=link}"],
        found["iie_registry_worker_up{worker=courier}"],
    ) == (
        1,
        0,
    )


def test_metrics_are_for_this_machine_or_for_the_token(
    serve: Callable[[Settings], Any], settings: Settings, client_of: Any
) -> None:
    (settings.folder / "token").write_text("s3cret\n")
    assert settings.file.http is not None
    http = settings.file.http.model_copy(update={"metrics_token_file": "token"})
    file = settings.file.model_copy(update={"http": http})
    client: httpx.Client = client_of(serve(replace(settings, file=file)))
    far = {"x-forwarded-for": "10.0.0.7"}
    assert client.get("/metrics", headers=far).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer guess"}).status_code == 404
    assert client.get("/metrics", headers={**far, "authorization": "Bearer s3cret"}).status_code == 200
