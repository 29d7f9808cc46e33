"""A scanner on a real pseudo terminal, over TCP, and one that dials in."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Aged, Heard
from drivers.errors import OperationFailed
from drivers.port import Line
from drivers.readings import Scan
from drivers.scanner.framer import Framing
from drivers.scanner.serial import Codes, Scanner
from drivers.simulator.pty import TcpEnd
from drivers.simulator.scanner import ScannerSimulator
from gateway.rehearsal.broker import free_port

First = Callable[[Iterator[Heard], type[Any]], Any]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[ScannerSimulator]:
    with ScannerSimulator(tmp_path / "scanner") as simulator:
        yield simulator


def scanner(tmp_path: Path, window: float = 0.0) -> Scanner:
    return Scanner("hand", Line(str(tmp_path / "scanner")), repeat_window=window)


def texts(heard: list[Heard]) -> list[str]:
    """The texts of what was held."""
    return [each.reading.text for each in heard if isinstance(each, Aged) and isinstance(each.reading, Scan)]


def test_a_code_is_read(
    tmp_path: Path, simulator: ScannerSimulator, stop: threading.Event, first: First
) -> None:
    reading = scanner(tmp_path).read(stop)
    assert next(reading) is None
    simulator.send("02820264000123456", aim="]C1", prefix=b"\x02", suffix=b"\r\n")
    scan = first(reading, Scan)
    assert (scan.text, scan.aim) == ("02820264000123456", "]C1")
    reading.close()


def test_a_code_without_any_suffix_is_read_after_a_pause(
    tmp_path: Path, simulator: ScannerSimulator, stop: threading.Event, first: First
) -> None:
    reading = scanner(tmp_path).read(stop)
    next(reading)
    simulator.send("MSKU1234565", suffix=b"")
    assert first(reading, Scan).text == "MSKU1234565"
    reading.close()


def test_five_hundred_codes_in_ten_seconds_lose_none(
    tmp_path: Path, simulator: ScannerSimulator, stop: threading.Event, first: First
) -> None:
    """Sent five times as fast as that: every code arrives, once and in order."""
    codes = [f"0282026400{number:07d}" for number in range(500)]
    reading = scanner(tmp_path).read(stop)
    next(reading)

    def send() -> None:
        for code in codes:
            simulator.send(code)
            stop.wait(0.004)

    sender = threading.Thread(target=send)
    sender.start()
    assert [first(reading, Scan).text for _ in codes] == codes
    sender.join()
    reading.close()


def test_five_hundred_codes_with_repeats_by_the_clock_lose_none() -> None:
    codes = Codes(Framing(), 2.0)
    found: list[Any] = []
    for number in range(500):
        at = number * 0.02
        found += codes.hear(f"]C1{number:06d}\r".encode(), at)
        if number % 2:
            found += codes.hear(f"]C1{number:06d}\r".encode(), at + 0.01)
    found += codes.hear(b"", 20.0)
    assert [each.reading.text for each in found] == [f"{number:06d}" for number in range(500)]
    assert [each.reading.count for each in found] == [1, 2] * 250


def test_unplugging_gives_out_what_is_held_before_it_says_so(
    tmp_path: Path, simulator: ScannerSimulator, stop: threading.Event
) -> None:
    reading = scanner(tmp_path, window=60.0).read(stop)
    next(reading)
    simulator.send("HELD")
    heard: list[Heard] = [next(reading), next(reading)]
    simulator.close()
    with pytest.raises(OperationFailed):
        for each in reading:
            heard.append(each)
    assert texts(heard) == ["HELD"]


def test_stopping_gives_out_what_is_held(
    tmp_path: Path, simulator: ScannerSimulator, stop: threading.Event
) -> None:
    reading = scanner(tmp_path, window=60.0).read(stop)
    next(reading)
    simulator.send("HELD")
    heard: list[Heard] = [next(reading), next(reading)]
    stop.set()
    assert texts([*heard, *reading]) == ["HELD"]


def test_over_tcp_as_a_client(stop: threading.Event, first: First) -> None:
    with ScannerSimulator("127.0.0.1:0") as simulator:
        assert isinstance(simulator.end, TcpEnd)
        reading = Scanner("fixed", Line(f"socket://127.0.0.1:{simulator.end.number}"), repeat_window=0).read(
            stop
        )
        next(reading)
        while not simulator.end._callers:
            next(reading)
        simulator.send("OVER TCP")
        assert first(reading, Scan).text == "OVER TCP"
        reading.close()


def test_over_tcp_as_a_listener(stop: threading.Event, first: First) -> None:
    number = free_port()
    reading = Scanner("fixed", Line(f"listen://127.0.0.1:{number}"), repeat_window=0).read(stop)
    next(reading)
    with socket.create_connection(("127.0.0.1", number)) as caller:
        caller.sendall(b"]E0786123456789")
        while next(reading) is not None:
            pass
        caller.sendall(b"5\r")
        assert first(reading, Scan).text == "7861234567895"
    reading.close()
