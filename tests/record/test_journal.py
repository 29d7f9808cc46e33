"""Entries of the journal: each field where systemd reads it, several lines whole, nothing lost where it is away."""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from record.journal import JournalHandler, is_journal


def entry(data: bytes) -> dict[str, str]:
    """An entry as journald takes it apart."""
    found: dict[str, str] = {}
    while data:
        name, data = data.split(b"\n", 1)
        if b"=" in name:
            key, value = name.split(b"=", 1)
        else:
            key, size = name, struct.unpack("<Q", data[:8])[0]
            value, data = data[8 : 8 + size], data[9 + size :]
        found[key.decode()] = value.decode()
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Callable[[], dict[str, str]]]:
    """A journald that gives out what it got, one entry a call; a logger `house.test` writes to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "socket"))
        line.settimeout(10)
        handler = JournalHandler("iie-gateway", tmp_path / "socket")
        log.addHandler(handler)
        log.propagate = False
        yield lambda: entry(line.recv(1 << 20))
        log.removeHandler(handler)
        log.propagate = True
        handler.close()


log = logging.getLogger("house.test")


def said_in_a_thread(name: str) -> None:
    thread = threading.Thread(target=log.warning, args=("%s is away", "it"), name=name)
    thread.start()
    thread.join()


def test_an_entry_has_gravity_identifier_and_place(journal: Callable[[], dict[str, str]]) -> None:
    log.error("lane %s: full", "carril-1", extra={"lane": "carril-1", "device": "balanza"})
    found = journal()
    assert (found["MESSAGE"], found["PRIORITY"]) == ("lane carril-1: full", "3")
    assert (found["SYSLOG_IDENTIFIER"], found["LOGGER"]) == ("iie-gateway", "house.test")
    assert (found["LANE"], found["DEVICE"]) == ("carril-1", "balanza")
    assert found["CODE_FILE"] == __file__


@pytest.mark.parametrize(
    ("thread", "lane", "device"),
    [
        ("lane-carril-1", "carril-1", None),
        ("device-carril-1/balanza", "carril-1", "balanza"),
        ("device-balanza", None, "balanza"),
        ("link", None, None),
    ],
)
def test_what_a_thread_says_is_of_its_lane_and_device(
    journal: Callable[[], dict[str, str]], thread: str, lane: str | None, device: str | None
) -> None:
    said_in_a_thread(thread)
    found = journal()
    assert (found.get("LANE"), found.get("DEVICE"), found["PRIORITY"]) == (lane, device, "4")


def test_a_trace_is_one_entry(journal: Callable[[], dict[str, str]]) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("it failed")
    message = journal()["MESSAGE"]
    assert message.startswith("it failed\nTraceback")
    assert message.endswith("lines")


def test_a_field_cannot_be_forged_by_what_is_logged(journal: Callable[[], dict[str, str]]) -> None:
    log.error("scan %s", "x\nPRIORITY=0\nLANE=other")
    found = journal()
    assert (found["PRIORITY"], "LANE" in found) == ("3", False)


def test_what_the_journal_does_not_take_goes_to_standard_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "socket"))
        instead = io.StringIO()
        handler = JournalHandler("iie-gateway", tmp_path / "socket", instead)
    handler.handle(logging.LogRecord("house", logging.ERROR, "", 0, "still here", (), None))
    handler.close()
    assert instead.getvalue() == "still here\n"


def test_the_journal_is_known_by_what_systemd_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        found = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        assert is_journal(stream)
        assert not is_journal(sys.__stderr__ or stream)
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not is_journal(stream)
    with pytest.raises(OSError):
        JournalHandler("iie-gateway", tmp_path / "nothing")
