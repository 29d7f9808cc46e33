"""A keyboard scanner from its events to scans, and every way in which it vanishes."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from drivers.device import Backoff, DeviceState, Heard, Supervisor
from drivers.errors import Advice, CannotOpen, NotAvailable, OperationFailed
from drivers.readings import Scan, Skip, Skipped, Stamped
from drivers.scanner.framer import Framing
from drivers.scanner.hid import EvdevSource, HidScanner, Typed, find, open_evdev
from drivers.scanner.keys import EVENT
from drivers.scanner.layouts import US

First = Callable[[Iterator[Heard], type[Any]], Any]
Until = Callable[[Callable[[], Any]], None]


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, kind, code, value)


def typed(text: str) -> bytes:
    codes = {character: code for code, character in US.plain.items()} | {"\r": 28}
    return b"".join(event(1, codes[each], 1) + event(1, codes[each], 0) + event(0, 0, 0) for each in text)


class Cable:
    """A pipe in the place of an input device: what is sent is read, closing it is unplugging."""

    def __init__(self) -> None:
        self.opened = 0
        self.plugged = True
        self._end = -1

    def open(self, place: str) -> EvdevSource:
        if not self.plugged:
            raise NotAvailable(f"{place}: not there")
        near, self._end = os.pipe()
        self.opened += 1
        return EvdevSource(place, near, lambda: os.close(near))

    def send(self, data: bytes) -> None:
        os.write(self._end, data)

    def unplug(self) -> None:
        if self._end >= 0:
            os.close(self._end)
        self._end = -1
        self.plugged = False


@pytest.fixture
def cable() -> Iterator[Cable]:
    cable = Cable()
    yield cable
    cable.unplug()


def scanner(cable: Cable, window: float = 0.0) -> HidScanner:
    return HidScanner(
        "hand", "/dev/input/by-id/usb-scanner-event-kbd", repeat_window=window, opener=cable.open
    )


def test_strokes_are_a_scan(cable: Cable, stop: threading.Event, first: First) -> None:
    reading = scanner(cable).read(stop)
    assert next(reading) is None
    cable.send(typed("02820264000123456\r"))
    assert first(reading, Scan).text == "02820264000123456"
    reading.close()


def test_strokes_without_enter_are_a_scan_after_a_pause(
    cable: Cable, stop: threading.Event, first: First
) -> None:
    reading = scanner(cable).read(stop)
    next(reading)
    cable.send(typed("123"))
    assert first(reading, Scan).text == "123"
    reading.close()


def test_a_slow_chord_within_a_code_is_no_pause() -> None:
    keys = Typed(US, Framing(), 0)
    keys.hear(typed("12"), 0.0)
    for tick in range(1, 7):
        assert keys.hear(event(1, 42, tick % 2), tick * 0.07) == []
    (scan,) = keys.hear(typed("3\r"), 0.5)
    assert scan == Scan("123", None, b"123\r")


def test_lost_events_spoil_the_code_that_they_belong_to_and_no_other() -> None:
    keys = Typed(US, Framing(), 0)
    lost = event(0, 3, 0) + event(0, 0, 0)
    found = keys.hear(typed("first\rsec") + lost + typed("ond\rthird\r"), 50.0)
    assert [each.text if isinstance(each, Scan) else each for each in found] == [
        "first",
        Skipped(Skip.ERROR, b"sec"),
        "third",
    ]


def test_five_hundred_codes_lose_none(cable: Cable, stop: threading.Event, first: First) -> None:
    codes = [f"{number:08d}" for number in range(500)]
    reading = scanner(cable).read(stop)
    next(reading)
    sender = threading.Thread(target=lambda: [cable.send(typed(f"{code}\r")) for code in codes])
    sender.start()
    assert [first(reading, Scan).text for _ in codes] == codes
    sender.join()
    reading.close()


def test_a_node_that_vanishes_is_looked_for_again(cable: Cable, until: Until) -> None:
    delivered: list[Stamped] = []
    supervisor = Supervisor(
        scanner(cable), delivered.append, lambda _: None, stale_after=None, backoff=Backoff(0.001, 0.002)
    )
    supervisor.start()
    until(lambda: supervisor.status.state is DeviceState.STREAMING)
    cable.unplug()
    until(lambda: supervisor.status.state is DeviceState.MISSING)
    cable.plugged = True
    until(lambda: cable.opened == 2)
    cable.send(typed("back\r"))
    until(lambda: delivered)
    assert supervisor.stop()


def test_the_error_of_a_vanished_node(monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = os.pipe()
    source = EvdevSource("/dev/input/event3", near, lambda: os.close(near))
    os.write(far, b"x")

    def vanished(*_: object) -> bytes:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(os, "read", vanished)
    with pytest.raises(OperationFailed) as caught:
        source.read(1)
    assert caught.value.retry
    source.close()
    source.close()
    os.close(far)


class FakeDevice:
    """What `evdev.InputDevice` is to us."""

    grabbed: ClassVar[list[str]] = []

    def __init__(self, path: str) -> None:
        if path == "/dev/input/event8":
            raise OSError(errno.EACCES, "Permission denied")
        if path == "/dev/input/event9":
            raise OSError(errno.ENOENT, "No such file or directory")
        self.path = path
        self.fd, self._far = os.pipe()
        product = {"/dev/input/event2": 0x0B61, "/dev/input/event3": 0x0B61}.get(path, 0x1111)
        self.info = SimpleNamespace(vendor=0x0C2E, product=product)

    def capabilities(self) -> dict[int, list[int]]:
        return {1: [30]} if self.path != "/dev/input/event2" else {2: []}

    def grab(self) -> None:
        if self.path == "/dev/input/event7":
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.grabbed.append(self.path)

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._far)


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> None:
    evdev = pytest.importorskip("evdev")
    monkeypatch.setattr(evdev, "InputDevice", FakeDevice)
    monkeypatch.setattr(evdev, "list_devices", lambda: [f"/dev/input/event{number}" for number in (1, 2, 3)])
    monkeypatch.setattr(FakeDevice, "grabbed", [])


@pytest.mark.usefixtures("devices")
class TestOpening:
    def test_by_vendor_and_product_the_node_that_has_keys(self) -> None:
        assert find("usb:0c2e:0B61") == "/dev/input/event3"

    def test_no_such_scanner(self) -> None:
        with pytest.raises(NotAvailable):
            find("usb:ffff:ffff")

    def test_nonsense(self) -> None:
        with pytest.raises(CannotOpen, match="usb:VVVV:PPPP") as caught:
            find("usb:scanner")
        assert not caught.value.retry

    def test_it_is_grabbed_so_that_codes_are_not_typed_into_the_console(self) -> None:
        open_evdev("usb:0c2e:0b61").close()
        assert FakeDevice.grabbed == ["/dev/input/event3"]

    @pytest.mark.parametrize(
        ("number", "kind", "advice"),
        [
            (7, CannotOpen, Advice.PORT_BUSY),
            (8, CannotOpen, Advice.CHECK_PERMISSION),
            (9, NotAvailable, Advice.CHECK_CABLE),
        ],
    )
    def test_what_cannot_be_opened_says_why(self, number: int, kind: type, advice: Advice) -> None:
        with pytest.raises(kind) as caught:
            open_evdev(f"/dev/input/event{number}")
        assert caught.value.advice is advice  # type: ignore[attr-defined]
