"""Serial devices of this machine, and those behind an RFC 2217 converter, through pyserial.

Three of pyserial's habits are dealt with here. It raises `termios.error`, which is no `OSError`, when a
device refuses seven data bits, as a pseudo terminal may; such a line is then heard with eight bits and the
parity bit is masked. ``in_waiting`` raises a bare `OSError` on an unplugged device, so it is not used. DTR
and RTS are set before the opening: after it a device without modem lines would refuse them.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import termios
import time
from collections.abc import Callable

import serial
from serial import SerialBase

from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed, TimedOut
from drivers.port import COLLECT, LARGEST, WRITE_TIMEOUT, Line
from drivers.tcp import address, keep_alive

FAILURES = (serial.SerialException, OSError, termios.error)
"""Everything that pyserial may raise of a device. It is also a `ValueError` when the setting is nonsense."""

HWGREP = "hwgrep://"


def open_device(line: Line) -> DevicePort:
    """Open a device path or the first device that a ``hwgrep://`` expression finds."""
    opener: type[serial.Serial] = serial.Serial
    if line.port.startswith(HWGREP):
        opener = _hwgrep(line)
    try:
        device = _opened(opener, line, bits=line.bits)
        return DevicePort(line, device, masked=line.bits == 7 and _hears_eight_bits(device))
    except termios.error as error:
        if line.bits != 7:
            raise _refused(line, error) from error
    try:
        return DevicePort(line, _opened(opener, line, bits=8), masked=True)
    except termios.error as error:
        raise _refused(line, error) from error


def _hears_eight_bits(device: serial.Serial) -> bool:
    """Whether a device took seven bits in silence and goes on with eight, as some pseudo terminals do."""
    return bool(termios.tcgetattr(device.fileno())[2] & termios.CSIZE != termios.CS7)


def _hwgrep(line: Line) -> type[serial.Serial]:
    """pyserial's opener, once it is known that the expression is one."""
    from serial.urlhandler.protocol_hwgrep import Serial

    try:
        re.compile(line.port.removeprefix(HWGREP).partition("&")[0])
    except re.error as error:
        message = f"{line.port}: no regular expression ({error})"
        raise CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False) from error
    return Serial


def _opened(opener: Callable[[], serial.Serial], line: Line, *, bits: int) -> serial.Serial:
    device = opener()
    try:
        device.port = line.port
        _settings(device, line, bits)
        device.write_timeout = WRITE_TIMEOUT
        device.exclusive = True
        device.open()
        fcntl.ioctl(device.fileno(), termios.TIOCEXCL)
    except (serial.SerialException, OSError) as error:
        raise opening_error(line, error) from error
    except ValueError as error:
        raise _refused(line, error) from error
    return device


def _settings(device: SerialBase, line: Line, bits: int) -> None:
    device.baudrate = line.baud
    device.bytesize = bits
    device.parity = line.parity if bits == line.bits else serial.PARITY_NONE
    device.stopbits = line.stop if bits == line.bits else serial.STOPBITS_ONE
    device.timeout = 0
    device.dtr = line.dtr
    device.rts = line.rts


def opening_error(line: Line, error: Exception) -> DeviceError:
    """The error of ours that an error of the system means, when opening ``line`` failed."""
    number = _number(error)
    if number == errno.EACCES:
        return CannotOpen(f"{line.port}: no permission", advice=Advice.CHECK_PERMISSION)
    if number in (errno.EBUSY, errno.EWOULDBLOCK):
        return CannotOpen(f"{line.port}: another program holds it", advice=Advice.PORT_BUSY)
    if number in (errno.ENOTTY, errno.EISDIR):
        return CannotOpen(f"{line.port}: it is no serial device", advice=Advice.CHECK_SETTINGS)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO):
        return NotAvailable(f"{line.port}: there is no such device", advice=Advice.CHECK_CABLE)
    if "no ports found" in str(error):
        return NotAvailable(f"{line.port}: no device matches", advice=Advice.CHECK_CABLE)
    return CannotOpen(f"{line.port}: {error}", advice=Advice.CHECK_CABLE)


def _number(error: Exception) -> object:
    """The system's number of what went wrong; pyserial keeps that of a terminal's settings to itself."""
    inner = error.__context__
    if isinstance(inner, termios.error) and inner.args:
        return inner.args[0]
    return getattr(error, "errno", None)


def _refused(line: Line, error: Exception) -> CannotOpen:
    message = f"{line.port}: the device refuses {line.framing} ({error})"
    return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)


class DevicePort:
    """A serial device, read from its file descriptor. ``masked``: seven bits heard as eight."""

    away = None

    def __init__(self, line: Line, device: serial.Serial, *, masked: bool) -> None:
        self._line = line
        self._device = device
        self._masked = masked

    def read(self, timeout: float) -> bytes:
        """As `drivers.port.Port.read`."""
        try:
            fd = self._device.fileno()
            if not select.select([fd], [], [], timeout)[0]:
                return b""
            time.sleep(COLLECT)
            data = os.read(fd, LARGEST)
        except FAILURES as error:
            raise _gone(self._line, error) from error
        if not data:
            raise _gone(self._line, "it was unplugged")
        return bytes(byte & 0x7F for byte in data) if self._masked else data

    def write(self, data: bytes) -> None:
        """As `drivers.port.Port.write`."""
        if self._masked:
            data = with_parity(data, self._line.parity)
        _write(self._line, self._device, data)

    def close(self) -> None:
        """As `drivers.port.Port.close`."""
        with contextlib.suppress(*FAILURES):
            fcntl.ioctl(self._device.fileno(), termios.TIOCNXCL)
        _close(self._device)


def with_parity(data: bytes, parity: str) -> bytes:
    """Seven-bit bytes with their parity in bit 7: what an eight-bit receiver hears of a seven-bit line.

    Without parity (N) the receiver takes the stop bit for bit 7, so it is 1, as with mark parity (M).
    """
    return bytes(_parity_byte(byte & 0x7F, parity) for byte in data)


def _parity_byte(byte: int, parity: str) -> int:
    odd = byte.bit_count() & 1
    bit = {"E": odd, "O": 1 - odd, "M": 1, "S": 0, "N": 1}[parity]
    return byte | bit << 7


def open_url(line: Line) -> UrlPort:
    """Open an ``rfc2217://`` or ``loop://`` address."""
    if line.port.startswith("rfc2217://"):
        address(line)
    try:
        device = serial.serial_for_url(_lenient(line.port), do_not_open=True)
    except ValueError as error:
        raise _refused(line, error) from error
    try:
        _settings(device, line, line.bits)
        device.timeout = COLLECT
        device.open()
        if line.port.startswith("rfc2217://"):
            keep_alive(device._socket)  # type: ignore[attr-defined]
    except (serial.SerialException, OSError) as error:
        _close(device)
        raise _url_error(line, error) from error
    except ValueError as error:
        _close(device)
        raise _refused(line, error) from error
    return UrlPort(line, device)


def _close(device: SerialBase) -> None:
    with contextlib.suppress(*FAILURES):
        device.close()


def _lenient(url: str) -> str:
    """ser2net does not acknowledge modem lines; without this option pyserial waits for it in vain."""
    if not url.startswith("rfc2217://") or "ign_set_control" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}ign_set_control"


def _url_error(line: Line, error: Exception) -> DeviceError:
    text = str(error)
    if "refused" in text or "unreachable" in text.lower() or "not known" in text:
        return NotAvailable(f"{line.port}: {text}", advice=Advice.CHECK_ADDRESS)
    if "timeout" in text.lower() or "timed out" in text:
        return TimedOut(f"{line.port}: {text}", advice=Advice.CHECK_CONVERTER)
    return CannotOpen(f"{line.port}: {text}", advice=Advice.CHECK_CONVERTER)


class UrlPort:
    """A port that pyserial itself reads, in a thread of its own.

    Its time-out is set once: each change of it would negotiate the whole line anew over RFC 2217.
    """

    away = None

    def __init__(self, line: Line, device: SerialBase) -> None:
        self._line = line
        self._device = device

    def read(self, timeout: float) -> bytes:
        """As `drivers.port.Port.read`."""
        try:
            deadline = time.monotonic() + timeout
            while not (data := self._device.read(LARGEST)):
                if time.monotonic() >= deadline:
                    return b""
            return bytes(data)
        except FAILURES as error:
            raise _gone(self._line, error) from error

    def write(self, data: bytes) -> None:
        """As `drivers.port.Port.write`."""
        _write(self._line, self._device, data)

    def close(self) -> None:
        """As `drivers.port.Port.close`."""
        _close(self._device)


def _write(line: Line, device: SerialBase, data: bytes) -> None:
    try:
        device.write(data)
    except serial.SerialTimeoutException as error:
        raise TimedOut(
            f"{line.port}: the line does not take what is sent", advice=Advice.CHECK_CABLE
        ) from error
    except FAILURES as error:
        raise _gone(line, error) from error


def _gone(line: Line, reason: object) -> OperationFailed:
    return OperationFailed(f"{line.port}: the device has gone away ({reason})", advice=Advice.CHECK_CABLE)
