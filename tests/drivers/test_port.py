"""Ports on real pseudo terminals, sockets, ser2net and socat, and every way in which they fail."""

import fcntl
import os
import signal
import socket
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from serial.tools.list_ports_common import ListPortInfo

from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed, TimedOut
from drivers.port import LARGEST, Direction, Line, Port, open_port
from drivers.serial_port import opening_error, with_parity
from drivers.simulator.pty import Pty, TcpEnd
from drivers.tcp import KEEP_ALIVE, ListeningPort, keep_alive, listen
from gateway.rehearsal.broker import free_port

Until = Callable[[Callable[[], Any]], None]


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Pty]:
    pty = Pty(tmp_path / "cable")
    yield pty
    pty.close()


@pytest.fixture
def line(cable: Pty) -> Line:
    return Line(str(cable.link))


def collected(port: Port, length: int) -> bytes:
    """So many bytes from the port, or what came until it fell silent."""
    data = b""
    while len(data) < length:
        more = port.read(5.0)
        if not more:
            break
        data += more
    return data


class TestLine:
    @pytest.mark.parametrize(
        "wrong", [{"bits": 9}, {"parity": "even"}, {"stop": 3}, {"baud": 0}, {"baud": 9_999_999}]
    )
    def test_a_wrong_setting_is_named_and_retrying_cannot_help(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(CannotOpen, match=next(iter(wrong))) as caught:
            Line("/dev/ttyUSB0", **wrong)
        assert not caught.value.retry
        assert caught.value.advice is Advice.CHECK_SETTINGS

    def test_short_form(self) -> None:
        assert Line("x", 4800, 7, "E", 2).framing == "4800 7E2"


class TestDevice:
    def test_bytes_travel_both_ways(self, cable: Pty, line: Line) -> None:
        with open_port(line) as port:
            cable.send(b"to the gate")
            assert collected(port, 11) == b"to the gate"
            port.write(b"to the scale")
            assert cable.receive(5) == b"to the scale"

    def test_a_read_with_nothing_to_read_is_empty(self, line: Line) -> None:
        with open_port(line) as port:
            assert port.read(0.01) == b""

    def test_the_tap_hears_every_byte_with_its_direction(self, cable: Pty, line: Line) -> None:
        heard: list[tuple[Direction, bytes]] = []
        with open_port(line, lambda way, data: heard.append((way, data))) as port:
            port.write(b"W\r")
            cable.send(b"20 kg\r")
            collected(port, 6)
        assert heard == [(Direction.OUT, b"W\r"), (Direction.IN, b"20 kg\r")]

    def test_what_was_sent_before_the_opening_is_thrown_away(self, cable: Pty, line: Line) -> None:
        holder = os.open(cable.link, os.O_RDWR | os.O_NOCTTY)
        settings = termios.tcgetattr(holder)
        settings[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(holder, termios.TCSANOW, settings)
        cable.send(b"yesterday's weight")
        with open_port(line) as port:
            cable.send(b"now")
            assert collected(port, 3) == b"now"
        os.close(holder)

    def test_unplugging_ends_a_read_that_waits(self, cable: Pty, line: Line) -> None:
        with open_port(line) as port:
            unplug = threading.Timer(0.05, cable.close)
            unplug.start()
            with pytest.raises(OperationFailed) as caught:
                port.read(10)
            unplug.join()
        assert caught.value.retry
        assert caught.value.advice is Advice.CHECK_CABLE

    def test_reading_and_writing_after_unplugging_fail_every_time_and_closing_does_not(
        self, cable: Pty, line: Line
    ) -> None:
        with open_port(line) as port:
            cable.close()
            for _ in range(3):
                with pytest.raises(OperationFailed):
                    port.read(0.1)
                with pytest.raises(OperationFailed):
                    port.write(b"x")

    def test_in_waiting_of_an_unplugged_device_is_the_bare_error_that_we_never_meet(
        self, cable: Pty, line: Line
    ) -> None:
        device = serial.Serial(str(cable.link))
        cable.close()
        with pytest.raises(OSError, match="Input/output") as caught:
            _ = device.in_waiting
        assert not isinstance(caught.value, serial.SerialException)
        device.close()

    def test_a_device_that_is_not_there(self, tmp_path: Path) -> None:
        with (
            pytest.raises(NotAvailable, match="nothing-here"),
            open_port(Line(str(tmp_path / "nothing-here"))),
        ):
            pass

    def test_a_path_that_is_no_device(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("text")
        for path in (tmp_path / "file", tmp_path, Path("/dev/null")):
            with pytest.raises(CannotOpen, match="no serial device") as caught, open_port(Line(str(path))):
                pass
            assert caught.value.advice is Advice.CHECK_SETTINGS

    def test_plugged_in_again_under_another_name_with_the_same_link(self, cable: Pty, line: Line) -> None:
        with open_port(line):
            again = Pty(cable.link.with_name("again"))
            cable.close()
            again.link.rename(cable.link)
            assert again.name != cable.name
        with open_port(line) as port:
            again.send(b"here")
            assert collected(port, 4) == b"here"
        again.close()

    def test_two_programs_of_ours_cannot_share_a_device(self, line: Line) -> None:
        with open_port(line):
            with pytest.raises(CannotOpen) as caught, open_port(line):
                pass
            assert caught.value.advice is Advice.PORT_BUSY
        with open_port(line):
            pass

    def test_programs_of_others_cannot_open_it_either_until_it_is_closed(
        self, cable: Pty, line: Line
    ) -> None:
        """Only the superuser may; so whether the kernel was told is what is looked at."""
        other = os.open(cable.link, os.O_RDWR | os.O_NOCTTY)
        with open_port(line):
            assert exclusive(other)
        assert not exclusive(other)
        os.close(other)

    def test_a_device_that_takes_seven_bits_in_silence_and_hears_eight_is_masked(
        self, cable: Pty, line: Line
    ) -> None:
        with open_port(Line(line.port, bits=7, parity="E")) as port:
            cable.send(with_parity(b"\x02,0 012345", "E"))
            assert collected(port, 10) == b"\x02,0 012345"

    def test_seven_bits_that_the_device_refuses_are_heard_as_eight_with_parity_masked(
        self, cable: Pty, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refuse_seven_bits(monkeypatch)
        seven = Line(line.port, bits=7, parity="E")
        with open_port(seven) as port:
            cable.send(with_parity(b"\x02,0 012345", "E"))
            assert collected(port, 10) == b"\x02,0 012345"
            port.write(b"W\r")
            assert cable.receive(5) == with_parity(b"W\r", "E")

    def test_other_settings_that_the_device_refuses_are_a_clear_error(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise termios.error(22, "Invalid argument")

        monkeypatch.setattr(termios, "tcsetattr", refuse)
        with pytest.raises(CannotOpen, match="9600 8N1") as caught, open_port(line):
            pass
        assert not caught.value.retry

    @pytest.mark.parametrize("asked", [False, True])
    def test_dtr_and_rts_are_set_before_the_opening_and_low_unless_asked_for(
        self, line: Line, monkeypatch: pytest.MonkeyPatch, asked: bool
    ) -> None:
        at_opening: list[tuple[bool, bool]] = []
        opening = serial.Serial.open

        def spy(device: serial.Serial) -> None:
            at_opening.append((device.dtr, device.rts))
            opening(device)

        monkeypatch.setattr(serial.Serial, "open", spy)
        with open_port(Line(line.port, dtr=asked, rts=asked)):
            pass
        assert at_opening == [(asked, asked)]

    def test_setting_dtr_after_the_opening_is_the_error_that_we_never_meet(self, cable: Pty) -> None:
        with serial.Serial(str(cable.link)) as device, pytest.raises(OSError, match="ioctl"):
            device.dtr = False

    def test_the_device_is_set_to_the_speed_of_the_line(self, cable: Pty, line: Line) -> None:
        with open_port(Line(line.port, baud=4800)):
            assert cable.speed == 4800

    def test_a_full_line_costs_few_reads(self, cable: Pty, line: Line) -> None:
        with open_port(line) as port:
            cable.send(bytes(2000))
            reads = 0
            left = 2000
            while left > 0:
                left -= len(port.read(5))
                reads += 1
        assert reads <= 2

    def test_a_burst_larger_than_one_read_loses_nothing(self, cable: Pty, line: Line) -> None:
        burst = bytes(range(256)) * 40
        with open_port(line) as port:
            sender = threading.Thread(target=self.send_slowly, args=(cable, burst))
            sender.start()
            assert collected(port, len(burst)) == burst
            sender.join()
        assert len(burst) > LARGEST

    @staticmethod
    def send_slowly(cable: Pty, data: bytes) -> None:
        for start in range(0, len(data), 512):
            cable.send(data[start : start + 512])
            threading.Event().wait(0.005)

    @pytest.mark.parametrize(
        ("number", "kind", "advice"),
        [
            (13, CannotOpen, Advice.CHECK_PERMISSION),
            (16, CannotOpen, Advice.PORT_BUSY),
            (11, CannotOpen, Advice.PORT_BUSY),
            (2, NotAvailable, Advice.CHECK_CABLE),
            (19, NotAvailable, Advice.CHECK_CABLE),
            (5, NotAvailable, Advice.CHECK_CABLE),
        ],
    )
    def test_what_the_systems_numbers_mean(self, number: int, kind: type, advice: Advice) -> None:
        error = opening_error(Line("/dev/x"), OSError(number, os.strerror(number)))
        assert isinstance(error, kind)
        assert error.advice is advice
        assert error.retry


TIOCGEXCL = 0x80045440
"""Linux: whether a terminal is open exclusively."""


def exclusive(fd: int) -> bool:
    return fcntl.ioctl(fd, TIOCGEXCL, bytes(4)) != bytes(4)


def refuse_seven_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some kernels refuse seven bits on a pseudo terminal and some do not: have this one refuse."""
    setting = termios.tcsetattr

    def refusing(fd: int, when: int, attributes: list[Any]) -> None:
        if attributes[2] & termios.CSIZE == termios.CS7:
            raise termios.error(22, "Invalid argument")
        setting(fd, when, attributes)

    monkeypatch.setattr(termios, "tcsetattr", refusing)


class TestHardwareExpression:
    def test_the_first_device_whose_description_matches(
        self, cable: Pty, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def ports() -> list[ListPortInfo]:
            camera, scale = ListPortInfo("/dev/ttyUSB8"), ListPortInfo(str(cable.link))
            camera.description, scale.description = "CP2102 camera", "FTDI USB serial"
            return [camera, scale]

        monkeypatch.setattr("serial.tools.list_ports.comports", lambda *_, **__: ports())
        with open_port(Line("hwgrep://FTDI.*serial")) as port:
            cable.send(b"found")
            assert collected(port, 5) == b"found"

    def test_nothing_matches(self) -> None:
        with pytest.raises(NotAvailable), open_port(Line("hwgrep://no such thing")):
            pass

    def test_an_expression_that_is_none(self) -> None:
        with (
            pytest.raises(CannotOpen, match="no regular expression") as caught,
            open_port(Line("hwgrep://(")),
        ):
            pass
        assert not caught.value.retry


class TestSocket:
    @pytest.fixture
    def converter(self) -> Iterator[TcpEnd]:
        end = TcpEnd()
        yield end
        end.close()

    def line(self, converter: TcpEnd) -> Line:
        return Line(f"socket://127.0.0.1:{converter.number}", open_timeout=2)

    def test_bytes_travel_both_ways_and_not_one_by_one(self, converter: TcpEnd) -> None:
        with open_port(self.line(converter)) as port:
            converter.receive(5)
            converter.send(b"x" * 1000)
            assert port.read(5) == b"x" * 1000
            port.write(b"W\r")
            assert converter.receive(5) == b"W\r"

    def test_in_waiting_of_a_socket_says_one_at_the_most(self, converter: TcpEnd) -> None:
        device = serial.serial_for_url(f"socket://127.0.0.1:{converter.number}")
        converter.receive(5)
        converter.send(b"x" * 1000)
        device.timeout = 5
        device.read(1)
        assert device.in_waiting == 1
        device.close()

    def test_the_other_side_closes(self, converter: TcpEnd) -> None:
        with open_port(self.line(converter)) as port:
            converter.receive(5)
            converter.hang_up()
            with pytest.raises(OperationFailed) as caught:
                port.read(5)
        assert caught.value.advice is Advice.CHECK_CONVERTER

    def test_a_converter_that_falls_mute_gives_nothing_and_no_error(self, converter: TcpEnd) -> None:
        with open_port(self.line(converter)) as port:
            assert port.read(0.05) == b""
            assert port.away is None

    def test_the_kernel_finds_out_when_a_mute_converter_is_dead(self) -> None:
        with socket.socket() as connection:
            keep_alive(connection)
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            options = {name: connection.getsockopt(socket.IPPROTO_TCP, name) for name, _ in KEEP_ALIVE}
        assert options == dict(KEEP_ALIVE)
        idle, interval, count = (value for _, value in KEEP_ALIVE)
        assert idle + interval * count <= 15

    def test_nobody_is_there(self, converter: TcpEnd) -> None:
        converter.close()
        with pytest.raises(NotAvailable) as caught, open_port(self.line(converter)):
            pass
        assert caught.value.advice is Advice.CHECK_ADDRESS

    def test_an_address_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: object, **__: object) -> None:
            raise TimeoutError

        monkeypatch.setattr(socket, "create_connection", never)
        with pytest.raises(TimedOut), open_port(Line("socket://192.0.2.1:4001")):
            pass

    @pytest.mark.parametrize("url", ["socket://host", "socket://:4001", "socket://host:port", "listen://x"])
    def test_an_address_without_host_or_number(self, url: str) -> None:
        with pytest.raises(CannotOpen, match="host:port") as caught, open_port(Line(url)):
            pass
        assert not caught.value.retry

    def test_a_converter_that_takes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("drivers.tcp.WRITE_TIMEOUT", 0.05)
        with socket.create_server(("127.0.0.1", 0)) as server:
            line = Line(f"socket://127.0.0.1:{server.getsockname()[1]}")
            with open_port(line) as port, pytest.raises(TimedOut):
                port.write(bytes(50_000_000))


class TestListening:
    @pytest.fixture
    def port(self) -> Iterator[ListeningPort]:
        port = listen(Line("listen://127.0.0.1:0"))
        yield port
        port.close()

    def dial(self, port: ListeningPort) -> socket.socket:
        caller = socket.create_connection(("127.0.0.1", port.number))
        assert port.read(5) == b""
        return caller

    def test_nobody_has_called_yet(self, port: ListeningPort) -> None:
        assert port.read(0.01) == b""
        assert isinstance(port.away, NotAvailable)
        port.write(b"lost as on a cable")

    def test_a_converter_dials_in(self, port: ListeningPort) -> None:
        with self.dial(port) as caller:
            assert port.away is None
            caller.sendall(b"20 kg\r")
            assert port.read(5) == b"20 kg\r"
            port.write(b"W\r")
            assert caller.recv(10) == b"W\r"

    def test_hanging_up_is_no_error_and_it_may_call_again(self, port: ListeningPort) -> None:
        self.dial(port).close()
        assert port.read(5) == b""
        assert port.away is not None
        with self.dial(port) as caller:
            caller.sendall(b"again")
            assert port.read(5) == b"again"

    def test_the_newest_caller_counts_when_the_old_connection_seems_open(self, port: ListeningPort) -> None:
        with self.dial(port) as old, self.dial(port) as new:
            new.sendall(b"new")
            assert port.read(5) == b"new"
            assert old.recv(10) == b""

    def test_a_number_that_is_taken(self, port: ListeningPort) -> None:
        with pytest.raises(CannotOpen) as caught, open_port(Line(f"listen://127.0.0.1:{port.number}")):
            pass
        assert caught.value.advice is Advice.PORT_BUSY


def test_loop_reads_what_is_written() -> None:
    with open_port(Line("loop://")) as port:
        assert port.read(0.01) == b""
        port.write(b"round")
        assert port.read(5) == b"round"


def test_an_unknown_kind_of_port_is_named() -> None:
    with pytest.raises(CannotOpen, match="telnet") as caught, open_port(Line("telnet://host:23")):
        pass
    assert not caught.value.retry


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
class TestSer2net:
    """Debian's ser2net in front of a pseudo terminal."""

    @pytest.fixture
    def running(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        running: list[subprocess.Popen[bytes]] = []
        yield running
        for process in running:
            process.terminate()
            process.wait(10)

    @pytest.fixture
    def serve(
        self, cable: Pty, tmp_path: Path, until: Until, running: list[subprocess.Popen[bytes]]
    ) -> Callable[[str], int]:
        def start(kind: str) -> int:
            number = free_port()
            settings = tmp_path / "ser2net.yaml"
            accepter = "telnet(rfc2217),tcp" if kind == "rfc2217" else "tcp"
            settings.write_text(
                f"connection: &scale\n  accepter: {accepter},127.0.0.1,{number}\n"
                f"  connector: serialdev,{cable.name},9600n81,local\n"
                "  options:\n    kickolduser: true\n"
            )
            arguments = ["/usr/sbin/ser2net", "-d", "-u", "-c", str(settings)]
            running.append(subprocess.Popen(arguments, stderr=subprocess.DEVNULL))
            until(lambda: answers(number))
            return number

        return start

    def test_raw_tcp(self, cable: Pty, serve: Callable[[str], int]) -> None:
        with open_port(Line(f"socket://127.0.0.1:{serve('raw')}")) as port:
            assert echoed(cable, port)

    @pytest.mark.parametrize("options", ["?ign_set_control", ""])
    def test_rfc2217_sets_the_speed_of_the_far_line(
        self, cable: Pty, serve: Callable[[str], int], until: Until, options: str
    ) -> None:
        number = serve("rfc2217")
        line = Line(f"rfc2217://127.0.0.1:{number}{options}", baud=4800)
        with open_port(line) as port:
            until(lambda: cable.speed == 4800)
            assert echoed(cable, port)
            cable.send(b"\xff\x00\xff")
            assert collected(port, 3) == b"\xff\x00\xff"
            port.write(b"W\r")
            assert cable.receive(5) == b"W\r"

    @pytest.mark.parametrize(("kind", "scheme"), [("raw", "socket"), ("rfc2217", "rfc2217")])
    def test_a_converter_that_dies(
        self, serve: Callable[[str], int], running: list[subprocess.Popen[bytes]], kind: str, scheme: str
    ) -> None:
        with open_port(Line(f"{scheme}://127.0.0.1:{serve(kind)}")) as port:
            running[0].kill()
            running[0].wait(10)
            with pytest.raises(OperationFailed):
                for _ in range(10):
                    port.read(1)

    def test_rfc2217_against_a_raw_port_says_so(self, serve: Callable[[str], int]) -> None:
        number = serve("raw")
        url = f"rfc2217://127.0.0.1:{number}?timeout=0.3"
        with pytest.raises(DeviceError) as caught, open_port(Line(url)):
            pass
        assert caught.value.advice is Advice.CHECK_CONVERTER
        assert caught.value.retry

    @pytest.mark.parametrize(
        "url", ["rfc2217://127.0.0.1", "rfc2217://127.0.0.1:", "rfc2217://127.0.0.1:x", "rfc2217://:99999"]
    )
    def test_rfc2217_without_a_port_number_says_what_is_expected(self, url: str) -> None:
        with pytest.raises(CannotOpen, match=r"expected rfc2217://host:port") as caught, open_port(Line(url)):
            pass
        assert not caught.value.retry

    @pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
    def test_rfc2217_with_nobody_there(self) -> None:
        with pytest.raises(NotAvailable), open_port(Line(f"rfc2217://127.0.0.1:{free_port()}")):
            pass


def echoed(cable: Pty, port: Port) -> bool:
    """Whether bytes arrive from the far end; ser2net opens its device only when somebody calls."""
    for _ in range(100):
        cable.send(b"20 kg\r")
        if port.read(0.1):
            while port.read(0.1):
                pass
            return True
    return False


def answers(number: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", number), timeout=1).close()
    except OSError:
        return False
    return True


class TestSocat:
    """A pair of pseudo terminals by socat: killing it is the cable pulled."""

    def test_unplugging_and_plugging_in_again(self, tmp_path: Path, until: Until) -> None:
        near, far = tmp_path / "near", tmp_path / "far"
        line = Line(str(near))
        for _ in range(2):
            pair = self.pair(near, far)
            until(lambda: near.exists() and far.exists())
            with open_port(line) as port, open_port(Line(str(far))) as other:
                other.write(b"hello")
                assert collected(port, 5) == b"hello"
                pair.send_signal(signal.SIGTERM)
                pair.wait(10)
                with pytest.raises(OperationFailed):
                    port.read(5)
            with pytest.raises(NotAvailable), open_port(line):
                pass

    @staticmethod
    def pair(near: Path, far: Path) -> subprocess.Popen[bytes]:
        ends = [f"pty,raw,echo=0,link={each}" for each in (near, far)]
        return subprocess.Popen(["socat", *ends])
