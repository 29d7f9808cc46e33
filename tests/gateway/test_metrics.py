"""The gate's metrics as a Prometheus reads them: by convention, true, and without anything of a truck in a label."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.clock import STA_NANO, STA_UNSYNC, ClockState, Timex, clock_reading
from gateway.daemon import Daemon
from gateway.outbox.letter import Letter
from gateway.rehearsal.broker import free_port
from gateway.site.checks import read_site
from gateway.tally import Tally
from record.event import EventType
from record.web.scrape import Scrape

from .house import ONE, TWO, House

DAE, ANNOUNCED = "02820264000000001", "02820264000000002"


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for each in families
        for sample in each.samples
    }


@pytest.fixture
def scraped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]) -> Iterator[str]:
    """What a gate says at /metrics after two trucks with documents have passed, the second one's announced."""
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))
    house, port = House(tmp_path), free_port()
    (tmp_path / "token").write_text("s3cret\n")
    house.content["lanes"][1]["scale"]["port"] = f"socket://127.0.0.1:{free_port()}"
    certificate = {"number": "INEN-1", "authority": "INEN", "valid_until": "2027-06-30"}
    house.content["lanes"][0]["scale"]["certificate"] = certificate
    notice = {"id": "a", "keys": {"document": {"type": "DAE", "number": ANNOUNCED}}, "cargo": {"packages": 9}}
    (tmp_path / "preadvice.json").write_text(json.dumps({"preadvice": [notice]}))
    house.write(page={"port": port, "metrics_token_file": "token"}, preadvice={"file": "preadvice.json"})
    with Daemon(read_site(house.file), tmp_path, file=house.file) as daemon:
        house.daemon = daemon
        for count, document in enumerate((DAE, ANNOUNCED), 1):
            house.arrive(ONE, until)
            house.scanner.send(document)
            until(
                lambda expected=count: len({each["draft"] for each in house.of(EventType.DRAFT)}) == expected
            )
            house.leave(ONE, until)
        until(lambda: daemon.board.view.lanes[TWO].devices)
        url = f"http://127.0.0.1:{port}/metrics"
        shown = {"authorization": "Bearer s3cret", "x-forwarded-for": "10.0.0.7"}
        assert httpx.get(url, headers={"x-forwarded-for": "10.0.0.7"}).status_code == 404
        assert httpx.get(url, headers={"authorization": "Bearer guess"}).status_code == 404
        assert httpx.get(url, headers=shown).status_code == 200
        answer = httpx.get(url)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        yield answer.text
    house.close()


def test_a_truck_shows_in_the_numbers_and_in_no_label(scraped: str) -> None:
    found = values(scraped)

    def value(name: str, **labels: str) -> float:
        return found[f"iie_gateway_{name}", frozenset(labels.items())]

    counted = {
        announced: value("visits_total", lane=ONE, outcome="drafted", announced=announced)
        for announced in ("yes", "no")
    }
    assert counted["yes"] / sum(counted.values()) == 0.5
    assert value("drafts_total", lane=ONE, status="incomplete") == 2
    assert value("device_up", lane=ONE, device="balanza") == 1
    assert value("device_up", lane=TWO, device="balanza") == 0
    assert value("device_state", lane=TWO, device="balanza", state="missing") == 1
    assert 0 <= value("device_last_frame_age_seconds", lane=ONE, device="balanza") < 60
    assert value("outbox_depth") == value("outbox_events", state="new") >= 3
    assert 0 < value("outbox_oldest_age_seconds") < 600
    assert (value("link_up"), value("receipts_total", outcome="received")) == (0, 0)
    assert value("configuration_followed") == 1
    assert value("disk_free_bytes") > 0
    ends = value("scale_certificate_expiry_timestamp_seconds", lane=ONE, device="balanza")
    assert ends == datetime(2027, 7, 1, tzinfo=UTC).timestamp()
    assert DAE not in scraped and ANNOUNCED not in scraped
    if shutil.which("promtool"):
        told = subprocess.run(
            ["promtool", "check", "metrics"], input=scraped, capture_output=True, text=True, timeout=30
        )
        complaints = [line for line in told.stderr.splitlines() if line.startswith("iie_")]
        assert complaints == []


def test_a_draft_counts_once_as_it_stood_when_its_truck_had_left() -> None:
    tally = Tally()

    def letter(kind: EventType, **data: object) -> Letter:
        return Letter(kind, "topic", data, "subject")

    for revision, status in enumerate(("incomplete", "incomplete", "complete"), 1):
        tally.told(ONE, [letter(EventType.DRAFT, draft="d", revision=revision, status=status)])
    assert dict(tally.now.drafts) == {}
    tally.told(ONE, [letter(EventType.VISIT_CLOSED, drafts=["d"], outcome="drafted", announced=True)])
    assert dict(tally.now.drafts) == {(ONE, "complete"): 1}
    assert dict(tally.now.visits) == {(ONE, "drafted", "yes"): 1}


def test_times_fall_into_the_bucket_of_their_bound() -> None:
    tally = Tally()
    for seconds in (0.05, 0.1, 0.11, 99.0):
        tally.read("container", seconds)
    times = tally.now.reading["container"]
    assert (times.counts[0], times.counts[1], times.counts[-1]) == (2, 1, 1)
    assert times.total_s == pytest.approx(99.26)


@pytest.mark.parametrize(
    ("peer", "headers", "admitted"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.7", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, False),
        ("10.0.0.7", {"authorization": "Bearer right"}, True),
        ("127.0.0.1", {"authorization": "Bearer wrong"}, False),
        ("10.0.0.7", {"authorization": "Bearer "}, False),
    ],
)
def test_metrics_are_for_this_machine_or_for_the_token(
    tmp_path: Path, peer: str, headers: dict[str, str], admitted: bool
) -> None:
    (tmp_path / "token").write_text("right\n")
    scrape = Scrape(lambda: b"", tmp_path / "token")
    assert scrape.admits(peer, headers) is admitted


def test_behind_a_proxy_only_the_token_opens_them(tmp_path: Path) -> None:
    scrape = Scrape(lambda: b"", tmp_path / "token", proxied=True)
    assert not scrape.admits("127.0.0.1", {})
    assert not scrape.admits("127.0.0.1", {"authorization": "Bearer "})
    (tmp_path / "token").write_text("right")
    assert scrape.admits("127.0.0.1", {"authorization": "Bearer right"})
    (tmp_path / "token").write_text("")
    assert not replace(scrape, proxied=False).admits("127.0.0.1", {"authorization": "Bearer "})


@pytest.mark.parametrize(("status", "offset"), [(0, 2.5e-3), (STA_NANO, 2.5e-6)])
def test_the_kernel_says_how_far_the_clock_is_off(status: int, offset: float) -> None:
    timex = Timex(offset=2500, maxerror=16000, status=status | STA_UNSYNC)
    reading = clock_reading(lambda: timex)
    assert reading.state is ClockState.UNSYNCHRONISED
    assert reading.max_error_s == pytest.approx(0.016)
    assert reading.offset_s == pytest.approx(offset)
    assert clock_reading(lambda: None).offset_s is None
