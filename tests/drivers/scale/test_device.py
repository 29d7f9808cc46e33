"""A scale on a real pseudo terminal and on a real socket, from the simulator's bytes to weights."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Backoff, DeviceState, Heard, Supervisor
from drivers.errors import OperationFailed
from drivers.port import Line
from drivers.readings import Kind, Range, Skipped, Stability, Stamped, Unit, Weight
from drivers.scale.device import SILENCE, Listening, Scale
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol
from drivers.simulator.pty import Pty, TcpEnd
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.uart import Wire

TWENTY = Weight(Decimal(20), stability=Stability.STABLE)
First = Callable[[Iterator[Heard], type[Any]], Any]
Until = Callable[[Callable[[], Any]], None]


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path / "scale"


def line(port: Path | str, **settings: Any) -> Line:
    return Line(str(port), **settings)


def test_a_weight_set_in_the_simulator_is_read(at: Path, stop: threading.Event, first: First) -> None:
    with ScaleSimulator(at, "mt_continuous", 50) as simulator:
        simulator.set(TWENTY)
        reading = Scale("scale", line(at), "mt_continuous").read(stop)
        assert next(reading) is None
        weight = first(reading, Weight)
        reading.close()
    assert (weight.value, weight.unit, weight.stability) == (Decimal(20), Unit.KG, Stability.STABLE)


def test_seven_bits_with_parity_are_heard_with_either_setting(
    at: Path, stop: threading.Event, first: First
) -> None:
    with ScaleSimulator(at, "mt_continuous", 50, seven_bit=True) as simulator:
        simulator.set(TWENTY)
        for settings in ({"bits": 7, "parity": "E"}, {"bits": 8}):
            reading = Scale("scale", line(at, **settings), "mt_continuous").read(stop)
            assert first(reading, Weight).value == 20
            reading.close()


def test_a_wrong_speed_gives_noise_and_no_weight(at: Path, stop: threading.Event) -> None:
    with ScaleSimulator(at, "mt_continuous", 50) as simulator:
        simulator.set(TWENTY)
        heard: list[Heard] = []
        for each in Scale("scale", line(at, baud=2400), "mt_continuous").read(stop):
            heard.append(each)
            if sum(isinstance(one, Skipped) for one in heard) >= 5:
                break
    assert not any(isinstance(each, Weight) for each in heard)


def test_over_tcp(stop: threading.Event, first: First) -> None:
    with ScaleSimulator("127.0.0.1:0", "mt_continuous", 50) as simulator:
        simulator.set(TWENTY)
        assert isinstance(simulator.end, TcpEnd)
        reading = Scale("scale", line(f"socket://127.0.0.1:{simulator.end.number}"), "mt_continuous").read(
            stop
        )
        assert first(reading, Weight).value == 20
        reading.close()


def test_pulling_the_cable_ends_the_reading(at: Path, stop: threading.Event, first: First) -> None:
    simulator = ScaleSimulator(at, "mt_continuous", 50).start()
    reading = Scale("scale", line(at), "mt_continuous").read(stop)
    first(reading, Weight)
    simulator.close()
    with pytest.raises(OperationFailed):
        for _ in reading:
            pass


def test_comes_back_after_the_cable_was_pulled(at: Path, until: Until) -> None:
    delivered: list[Stamped] = []
    supervisor = Supervisor(
        Scale("scale", line(at), "mt_continuous"),
        delivered.append,
        lambda _: None,
        backoff=Backoff(0.01, 0.02),
    )
    supervisor.start()
    for _ in range(2):
        with ScaleSimulator(at, "mt_continuous", 50):
            until(lambda: supervisor.status.state is DeviceState.STREAMING and delivered)
        until(lambda: supervisor.status.state is DeviceState.MISSING)
    assert supervisor.stop()


def test_a_converter_that_falls_mute_is_silent_and_one_that_hangs_up_is_called_again(until: Until) -> None:
    states: list[DeviceState] = []
    with ScaleSimulator("127.0.0.1:0", "mt_continuous", 50) as simulator:
        assert isinstance(simulator.end, TcpEnd)
        supervisor = Supervisor(
            Scale("scale", line(f"socket://127.0.0.1:{simulator.end.number}"), "mt_continuous"),
            lambda _: None,
            lambda status: states.append(status.state),
            stale_after=0.3,
            backoff=Backoff(0.01, 0.02),
        )
        supervisor.start()
        until(lambda: supervisor.status.state is DeviceState.STREAMING)
        simulator.set_frame(b"")
        until(lambda: supervisor.status.state is DeviceState.SILENT)
        simulator.set(TWENTY)
        until(lambda: supervisor.status.state is DeviceState.STREAMING)
        simulator.end.hang_up()
        until(lambda: DeviceState.MISSING in states)
        until(lambda: supervisor.status.state is DeviceState.STREAMING)
        assert supervisor.stop()


def told(supervisor: Supervisor) -> tuple[DeviceState, str]:
    """State and advice of one moment."""
    status = supervisor.status
    return status.state, status.advice


def test_overload_is_a_scale_without_weight_and_garbage_is_noise(at: Path, until: Until) -> None:
    over = Weight(Decimal(20), stability=Stability.STABLE, kind=Kind.GROSS, range=Range.OVER)
    delivered: list[Stamped] = []
    with ScaleSimulator(at, "mt_continuous", 50) as simulator:
        simulator.set(over)
        supervisor = Supervisor(
            Scale("scale", line(at), "mt_continuous"), delivered.append, lambda _: None, stale_after=0.3
        )
        supervisor.start()
        until(lambda: told(supervisor) == (DeviceState.NO_WEIGHT, "check_indicator"))
        simulator.set_frame(b"?" * 64)
        until(lambda: told(supervisor) == (DeviceState.NOISE, "check_speed"))
        assert supervisor.stop()
    assert delivered == []


def test_a_timeline_is_played_in_order(at: Path, stop: threading.Event, first: First) -> None:
    weights = [Weight(Decimal(kilograms)) for kilograms in (0, 12340, 12360)]
    reached = threading.Semaphore(0)
    with ScaleSimulator(at, "mt_continuous", 100) as simulator:
        reading = Scale("scale", line(at), "mt_continuous").read(stop)
        seen: list[Decimal] = []

        def wait(_: float) -> None:
            reached.acquire(timeout=20)

        player = threading.Thread(target=simulator.play, args=(((0.0, each) for each in weights), wait))
        player.start()
        for each in weights:
            reached.release()
            while not seen or seen[-1] != each.value:
                seen.append(first(reading, Weight).value)
        player.join()
        reading.close()
    assert list(dict.fromkeys(seen)) == [0, 12340, 12360]


class TestListening:
    def listening(self) -> Listening:
        return Listening(protocol("mt_continuous"), Settings())

    def frame(self) -> bytes:
        return protocol("mt_continuous").encode(TWENTY, Settings())

    def test_a_frame_cut_short_by_a_silence_is_no_weight(self) -> None:
        for cut in range(1, len(self.frame())):
            listening = self.listening()
            listening.hear(self.frame()[:cut], 0.0)
            found = listening.hear(b"", 0.1) + listening.hear(b"", 0.1 + SILENCE)
            assert all(isinstance(each, Skipped) for each in found)

    def test_a_short_pause_within_a_frame_is_none(self) -> None:
        listening = self.listening()
        listening.hear(self.frame()[:7], 0.0)
        assert listening.hear(b"", SILENCE / 2) == []
        found = listening.hear(self.frame()[7:] + self.frame(), SILENCE / 2)
        assert isinstance(found[0], Weight)

    def test_two_halves_of_two_connections_are_never_joined(self) -> None:
        listening = self.listening()
        listening.hear(self.frame()[:7], 0.0)
        listening.renew()
        found = listening.hear(self.frame()[7:], 0.1) + listening.hear(b"", 0.2) + listening.hear(b"", 9.0)
        assert not any(isinstance(each, Weight) for each in found)

    def printed(self, *steps: tuple[bytes, float]) -> list[Decimal]:
        """The weights that a line without a start mark gives."""
        listening = Listening(protocol("ohaus_print"), Settings())
        found = [each for data, at in steps for each in listening.hear(data, at)]
        return [each.value for each in found if isinstance(each, Weight)]

    def test_the_first_line_of_a_line_that_was_joined_is_not_believed(self) -> None:
        line = b"       12340 kg   \r\n"
        assert self.printed((line[8:] + line, 0.1)) == [12340]

    def test_the_first_ticket_of_a_line_that_was_silent_counts(self) -> None:
        line = b"       12340 kg   \r\n"
        assert self.printed((b"", 0.0), (b"", SILENCE), (line, 30.0)) == [12340]


def test_nobody_listening_loses_what_is_sent(at: Path) -> None:
    pty = Pty(at, Wire())
    assert not pty.listening
    for _ in range(10_000):
        pty.send(b"0123456789\r\n")
    pty.close()
    assert not at.exists()
