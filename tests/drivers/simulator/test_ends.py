"""The far ends of simulated cables, each read through a port of the gateway's own."""

import socket
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Heard
from drivers.errors import NotAvailable
from drivers.port import Line, open_port
from drivers.readings import Skipped, Weight
from drivers.scale.device import Scale
from drivers.scale.protocol import CannotEncode, Settings
from drivers.scale.protocols import PROTOCOLS
from drivers.simulator.pty import Pty
from drivers.simulator.rfc2217 import Rfc2217End
from drivers.simulator.scale import ScaleSimulator, end_at, shown
from drivers.simulator.uart import Wire
from drivers.tcp import listen

First = Callable[[Iterator[Heard], type[Any]], Any]
Until = Callable[[Callable[[], Any]], None]
TWENTY = shown(PROTOCOLS["mt_continuous"], Decimal(20))


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
class TestRfc2217:
    @pytest.mark.parametrize(("baud", "kind"), [(4800, Weight), (9600, Skipped)])
    def test_the_caller_sets_the_speed_and_hears_what_it_has_set(
        self, baud: int, kind: type, stop: threading.Event, first: First
    ) -> None:
        wire = Wire(4800, 7, "E")
        with ScaleSimulator("rfc2217://127.0.0.1:0", "mt_continuous", 50, wire=wire) as simulator:
            simulator.set(TWENTY)
            assert isinstance(simulator.end, Rfc2217End)
            line = Line(f"rfc2217://127.0.0.1:{simulator.end.number}", baud, 7, "E")
            reading = Scale("scale", line, "mt_continuous").read(stop)
            heard = first(reading, (Weight, Skipped))  # type: ignore[arg-type]
            assert isinstance(heard, kind)
            assert simulator.end.speeds == [baud]
            reading.close()

    def test_a_polled_indicator_is_asked_through_it(self, stop: threading.Event, first: First) -> None:
        with ScaleSimulator("rfc2217://127.0.0.1:0", "sma") as simulator:
            simulator.set(shown(simulator.protocol, Decimal(12340)))
            assert isinstance(simulator.end, Rfc2217End)
            line = Line(f"rfc2217://127.0.0.1:{simulator.end.number}")
            reading = Scale("scale", line, "sma", poll_interval=0.05).read(stop)
            assert first(reading, Weight).value == 12340
            reading.close()


def test_a_converter_that_calls_and_calls_again(stop: threading.Event, until: Until) -> None:
    port = listen(Line("listen://127.0.0.1:0"))
    with ScaleSimulator(f"dial://127.0.0.1:{port.number}", "mt_continuous", 50):
        for _ in range(2):
            until(lambda: port.read(0.1))
            port._hang_up()
    port.close()


def test_a_polled_indicator_on_a_pty_answers_only_when_asked(
    tmp_path: Path, stop: threading.Event, first: First
) -> None:
    with ScaleSimulator(tmp_path / "scale", "mt_sics") as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        line = Line(str(tmp_path / "scale"))
        with open_port(line) as port:
            assert port.read(0.1) == b""
        reading = Scale("scale", line, "mt_sics", poll_interval=0.05).read(stop)
        assert first(reading, Weight).value == 12340
        reading.close()


@pytest.mark.parametrize("name", ["tenzo_bin", "sbi", "hbm_msv"])
def test_requests_with_all_eight_bits_with_seven_and_with_parity_are_understood(
    tmp_path: Path, stop: threading.Event, first: First, name: str
) -> None:
    with ScaleSimulator(tmp_path / "scale", name) as simulator:
        simulator.set(shown(simulator.protocol, Decimal("12.34")))
        serial = simulator.protocol.serial
        line = Line(str(tmp_path / "scale"), serial.baud, serial.bits, serial.parity)
        reading = Scale("scale", line, name, poll_interval=0.05).read(stop)
        assert isinstance(first(reading, Weight), Weight)
        reading.close()


@pytest.mark.parametrize("address", ["tcp://host", "udp://127.0.0.1:1", "tcp://:1", "host:port"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(ValueError, match=address):
        end_at(address, None)


def test_a_simulator_on_a_taken_port_number_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(OSError, match="in use"):
        end_at(f"127.0.0.1:{server.getsockname()[1]}", None)


def test_closing_a_pty_leaves_a_link_that_was_given_to_another(tmp_path: Path) -> None:
    old = Pty(tmp_path / "scale")
    new = Pty(tmp_path / "scale")
    old.close()
    with open_port(Line(str(tmp_path / "scale"))):
        assert new.listening
    new.close()
    with pytest.raises(NotAvailable), open_port(Line(str(tmp_path / "scale"))):
        pass


class TestShown:
    @pytest.mark.parametrize(
        "name", [each.id for each in PROTOCOLS.values() if "declared" not in each.fields]
    )
    def test_every_protocol_has_a_frame_for_an_empty_scale(self, name: str) -> None:
        spoken = PROTOCOLS[name]
        assert spoken.encode(shown(spoken, Decimal(0)), Settings())

    def test_what_has_no_place_in_a_frame_is_refused(self) -> None:
        with pytest.raises(CannotEncode):
            shown(PROTOCOLS["mt_continuous"], Decimal("1234567.891"))
