"""The supervisor: it reopens for ever, tells the truth about a device, and never tells it too often."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from drivers.device import Aged, Backoff, Clock, DeviceState, DeviceStatus, Heard, Supervisor, Watch
from drivers.errors import Advice, CannotOpen, NotAvailable, OperationFailed
from drivers.readings import Skip, Skipped, Stamped, Weight

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WEIGHT = Weight(Decimal(20), raw=b"20\r")
QUICK = Backoff(first=0.001, longest=0.002)


def seconds(value: float) -> datetime:
    return START + timedelta(seconds=value)


class TestWatch:
    def watch(self, stale_after: float | None = 3.0) -> Watch:
        watch = Watch("scale", stale_after, START)
        watch.opened()
        return watch

    def test_missing_before_it_was_ever_open(self) -> None:
        assert Watch("scale", 3.0, START).state(0.0) is DeviceState.MISSING

    def test_silent_when_open_and_nothing_came(self) -> None:
        status = self.watch().status(START, 0.0)
        assert (status.state, status.advice) == (DeviceState.SILENT, Advice.CHECK_OUTPUT)

    def test_streaming_until_the_last_good_frame_is_stale(self) -> None:
        watch = self.watch()
        watch.heard(WEIGHT, START, 0.0)
        assert watch.state(3.0) is DeviceState.STREAMING
        assert watch.state(3.01) is DeviceState.SILENT

    def test_noise_when_bytes_are_no_frames(self) -> None:
        watch = self.watch()
        watch.heard(Skipped(Skip.NOT_MINE, b"\xff\x00"), START, 0.0)
        status = watch.status(START, 0.1)
        assert (status.state, status.advice) == (DeviceState.NOISE, Advice.CHECK_SPEED)
        assert status.last_raw == b"\xff\x00"
        assert status.skips == {Skip.NOT_MINE: 1}

    def test_no_weight_when_frames_carry_none_although_noise_comes_too(self) -> None:
        watch = self.watch()
        watch.heard(Skipped(Skip.OVER, b"OL"), START, 0.0)
        watch.heard(Skipped(Skip.CHECKSUM, b"x"), START, 0.1)
        assert watch.state(0.2) is DeviceState.NO_WEIGHT

    def test_a_device_that_speaks_only_when_used_is_ready_while_it_is_open(self) -> None:
        watch = self.watch(stale_after=None)
        assert watch.state(1000.0) is DeviceState.STREAMING
        watch.away(NotAvailable("gone"))
        assert watch.state(1000.0) is DeviceState.MISSING

    def test_what_a_device_said_in_its_former_life_is_stale(self) -> None:
        watch = self.watch()
        watch.heard(WEIGHT, START, 0.0)
        watch.away(OperationFailed("unplugged"))
        watch.opened()
        status = watch.status(seconds(1), 1.0)
        assert status.state is DeviceState.SILENT
        assert status.last_good == START

    def test_since_is_when_the_state_began(self) -> None:
        watch = self.watch()
        watch.heard(WEIGHT, START, 0.0)
        watch.status(START, 0.0)
        assert watch.status(seconds(2), 2.0).since == START
        assert watch.status(seconds(4), 4.0).since == seconds(4)

    def test_frames_per_second(self) -> None:
        watch = self.watch()
        for tick in range(41):
            watch.heard(WEIGHT, START, tick * 0.1)
            watch.status(START, tick * 0.1)
        assert watch.status(START, 4.0).frames_per_second == pytest.approx(10, abs=1)
        assert watch.status(START, 9.0).frames_per_second < 1


class Script:
    """A device that plays one list of things for each time that it is opened; errors are raised."""

    name = "scale"

    def __init__(self, *openings: list[Heard | Exception]) -> None:
        self._openings = list(openings)
        self.opened = 0
        self.done = threading.Event()

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        if self.opened == len(self._openings):
            self.done.set()
            stop.wait(20)
            return
        self.opened += 1
        for step in self._openings[self.opened - 1]:
            if isinstance(step, NotAvailable):
                yield step
            elif isinstance(step, Exception):
                raise step
            else:
                yield step


def supervised(script: Script, clock: Clock | None = None) -> tuple[list[Stamped], list[DeviceStatus]]:
    delivered: list[Stamped] = []
    told: list[DeviceStatus] = []
    supervisor = Supervisor(script, delivered.append, told.append, clock=clock, backoff=QUICK)
    supervisor.start()
    assert script.done.wait(20)
    assert supervisor.stop()
    assert not supervisor.alive
    return delivered, told


def test_delivers_readings_and_not_what_was_skipped() -> None:
    delivered, _ = supervised(Script([None, WEIGHT, Skipped(Skip.CHECKSUM), WEIGHT, OperationFailed("end")]))
    assert [each.reading for each in delivered] == [WEIGHT, WEIGHT]
    assert all(each.device == "scale" and each.at.tzinfo is UTC for each in delivered)


def test_a_reading_that_was_held_back_has_the_time_at_which_it_was_made() -> None:
    delivered, _ = supervised(Script([WEIGHT, Aged(WEIGHT, 60.0), OperationFailed("end")]), SteppedClock())
    fresh, aged = delivered
    assert timedelta(seconds=59) < fresh.at - aged.at <= timedelta(seconds=60)
    assert aged.monotonic >= fresh.monotonic


def test_reopens_after_every_kind_of_end(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(
        [WEIGHT, OperationFailed("unplugged")],
        [CannotOpen("busy", advice=Advice.PORT_BUSY)],
        [WEIGHT],
        [WEIGHT, ValueError("a fault in a driver")],
        [WEIGHT, OperationFailed("unplugged")],
    )
    delivered, _ = supervised(script)
    assert len(delivered) == 4
    assert "a fault in a driver" in caplog.text


def test_logs_going_away_once_and_coming_back_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    gone = OperationFailed("unplugged")
    supervised(Script([WEIGHT, gone], [gone], [gone], [gone], [WEIGHT, WEIGHT, gone]))
    messages = [each.getMessage() for each in caplog.records if each.name == "drivers.device"]
    assert messages == [
        "scale: is missing: unplugged",
        "scale: is back",
        "scale: is missing: unplugged",
    ]


def test_a_missing_device_says_what_to_check() -> None:
    _, told = supervised(Script([CannotOpen("busy", advice=Advice.PORT_BUSY)]))
    assert told[0].state is DeviceState.MISSING
    assert (told[0].error, told[0].advice) == ("busy", "port_busy")


def test_a_port_that_waits_for_a_caller_is_missing_and_then_not() -> None:
    away = NotAvailable("nobody has called", advice=Advice.CHECK_CONVERTER)
    watch = Watch("scale", 3.0, START)
    watch.opened()
    watch.away(away)
    assert watch.status(START, 0.0).advice == "check_converter"
    delivered, _ = supervised(Script([away, away, None, WEIGHT, OperationFailed("end")]))
    assert len(delivered) == 1


class SteppedClock:
    """Each look at the clock is a hundredth of a second later."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        return seconds(self.time)

    def monotonic(self) -> float:
        self.time += 0.01
        return self.time


def test_tells_the_status_at_most_ten_times_a_second() -> None:
    flicker: list[Heard | Exception] = [WEIGHT, NotAvailable("nobody there")] * 500
    script = Script([*flicker, OperationFailed("end")])
    told: list[float] = []
    clock = SteppedClock()
    supervisor = Supervisor(
        script, lambda _: None, lambda _: told.append(clock.time), clock=clock, backoff=QUICK
    )
    supervisor.start()
    assert script.done.wait(20)
    supervisor.stop()
    assert len(told) > 50
    assert min(later - earlier for earlier, later in pairwise(told)) >= 0.0999


def test_the_status_ages_although_the_device_says_nothing_and_hangs() -> None:
    clock = SteppedClock()
    heard = threading.Event()

    class Hanging:
        name = "hanging"

        def read(self, stop: threading.Event) -> Iterator[Heard]:
            yield WEIGHT
            heard.set()
            stop.wait(20)

    supervisor = Supervisor(Hanging(), lambda _: None, lambda _: None, clock=clock)
    supervisor.start()
    assert heard.wait(20)
    assert supervisor.status.state is DeviceState.STREAMING
    clock.time += 10
    assert supervisor.status.state is DeviceState.SILENT
    supervisor.stop()


def test_backoff_doubles_up_to_its_longest_and_takes_a_jitter() -> None:
    backoff = Backoff(first=1, longest=8, jitter=0.25)
    for failures, full in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 8), (500, 8)):
        assert 0.75 * full <= backoff.wait(failures) <= full
    assert backoff.wait(1, retry=False) >= 6
