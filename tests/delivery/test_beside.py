"""A second process of the same gate beside the one that runs: it is refused, or it does its part and harms nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.daemon import Daemon
from gateway.outbox.outbox import State
from gateway.site.checks import read_site


@pytest.fixture
def daemon(rig, tmp_path, monkeypatch, until):
    """The gate at work, with everything that it has said received."""
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))
    rig.registry.start()
    with Daemon(read_site(rig.site_file), rig.folder) as daemon:
        until(lambda: daemon.outbox.counts()[State.RECEIVED] == 1)
        yield daemon


def beside(rig, *words):
    command = [sys.executable, "-m", "gateway", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=rig.folder)


def test_what_would_write_the_chain_too_is_refused(daemon, rig):
    before = [each.hash for each in daemon.outbox.find()]
    site = str(rig.site_file)
    for words in (
        ("run", site),
        ("load", site, "--journal", "ids", "--seconds", "1"),
        ("key", "rotate", site),
    ):
        done = beside(rig, *words)
        assert done.returncode == 1, words
        assert "Traceback" not in done.stderr
        assert str(rig.folder) in done.stderr
        assert "otro proceso" in done.stderr
    assert [each.hash for each in daemon.outbox.find()] == before
    assert not (rig.folder / "ids").exists()


def test_an_event_that_a_person_sends_again_is_sent_by_the_gate_at_work(daemon, rig, until):
    [event] = daemon.outbox.find()
    assert event.receipt["answer"] == "accepted"
    done = beside(rig, "outbox", "resend", str(rig.site_file), event.id)
    assert done.returncode == 0, done.stderr
    until(lambda: (daemon.outbox.get(event.id).receipt or {}).get("answer") == "duplicate")
    again = daemon.outbox.get(event.id)
    assert (again.state, again.hash, again.body) == (State.RECEIVED, event.hash, event.body)
    assert rig.of_registry("SELECT COUNT(*) FROM events") == [(1,)]


def test_reading_commands_go_on_beside_it(daemon, rig, tmp_path):
    site = str(rig.site_file)
    for words in (
        ("outbox", "list", site, "--json"),
        ("verify", site),
        ("backup", site, str(tmp_path / "copy.db")),
    ):
        done = beside(rig, *words)
        assert done.returncode == 0, (words, done.stderr)
    assert daemon.outbox.counts()[State.RECEIVED] == 1
