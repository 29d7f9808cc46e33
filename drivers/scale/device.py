"""A scale: one protocol on one line, read for as long as the line holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

from drivers.device import Device, Heard
from drivers.errors import Advice, CannotOpen
from drivers.port import Line, Port, Tap, open_port
from drivers.readings import Skip, Skipped, Weight
from drivers.scale.protocol import Decoder, Protocol, Settings
from drivers.scale.protocols import protocol
from drivers.scale.register_map import RegisterMap, settled

MODBUS = "modbus"
"""The protocol of indicators that are read by registers and send no frames."""

HEARTBEAT = 0.2
"""Seconds that a read waits at the most."""

POLL, READ = 0.5, 0.1
"""Seconds between two requests for a frame, and between two for registers."""

SILENCE = 1.0
"""Seconds without a byte after which a frame that was begun is given up."""


class Scale:
    """An indicator on a line. Yields `Weight` and `Skipped`.

    ``poll_interval`` is seconds between two requests to an indicator that speaks only when asked (`POLL` for
    frames, `READ` for registers where nothing is said). What an
    earlier connection left half said is never joined with what a later one says. With ``modbus`` as its
    protocol it is read by registers, whose map (`drivers.scale.register_map`) is ``settings.declared``.

    Raises `drivers.scale.protocols.UnknownProtocol`, or `CannotOpen` when what has to be declared is not.
    """

    def __init__(
        self,
        name: str,
        line: Line,
        protocol_id: str,
        settings: Settings | None = None,
        poll_interval: float | None = None,
        *,
        tap: Tap | None = None,
    ) -> None:
        self.name = name
        self.protocol = protocol_id
        self._line = line
        self._settings = settings or Settings()
        self._poll_interval = poll_interval or POLL
        self._tap = tap
        self._protocol = None if protocol_id == MODBUS else protocol(protocol_id)
        interval = poll_interval or READ
        self._registers = registers(name, line, self._settings, interval) if self._protocol is None else None
        if (
            self._protocol is not None
            and "declared" in self._protocol.fields
            and self._settings.declared is None
        ):
            raise _undeclared(name, protocol_id)

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        if self._protocol is None:
            yield from self._registers.read(stop) if self._registers else ()
        else:
            yield from self._bytes(self._protocol, stop)

    def _bytes(self, spoken: Protocol, stop: threading.Event) -> Iterator[Heard]:
        with open_port(self._line, self._tap) as port:
            yield port.away
            asking = Asking(port, spoken.request(self._settings), self._poll_interval)
            listening = Listening(spoken, self._settings)
            while not stop.is_set():
                asking.ask(time.monotonic())
                data = port.read(HEARTBEAT)
                if port.away:
                    listening.renew()
                found = listening.hear(data, time.monotonic())
                yield from found
                if not found:
                    yield port.away


def registers(name: str, line: Line, settings: Settings, interval: float = READ) -> Device:
    """An indicator that is read by registers. Raises `CannotOpen` when no map of them is declared."""
    from drivers.scale.modbus import ModbusScale

    if not isinstance(settings.declared, RegisterMap):
        raise _undeclared(name, MODBUS)
    return ModbusScale(name, line, settled(settings.declared, settings), interval)


def _undeclared(name: str, protocol_id: str) -> CannotOpen:
    message = f"{name}: {protocol_id} needs a declaration of its frames or registers"
    return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)


class Asking:
    """Sends the request of a polled protocol again and again; nothing where there is none."""

    def __init__(self, port: Port, request: bytes | None, interval: float) -> None:
        self._port = port
        self._request = request
        self._interval = interval
        self._next = float("-inf")

    def ask(self, now: float) -> None:
        """Send the request if it is due at ``now``."""
        if self._request is not None and now >= self._next:
            self._next = now + self._interval
            self._port.write(self._request)


class Listening:
    """A decoder on a live line, where a silence ends what was begun.

    Whoever joins a line may hear the end of a frame first, and a decoder that is told so does not take it for a
    smaller number. A line on which nothing was heard for `SILENCE` is not joined in the middle: there the first
    frame counts too, as it must with an indicator that sends one when a key is pressed.
    """

    def __init__(self, spoken: Protocol, settings: Settings) -> None:
        self._protocol = spoken
        self._settings = settings
        self._quiet_since: float | None = None
        self._begun = False
        self._decoder: Decoder
        self.renew()

    def renew(self) -> None:
        """Begin anew: whoever speaks next may be in the middle of a frame."""
        self._decoder = self._protocol.decoder(self._settings, joined=True)
        self._quiet_since = None
        self._begun = False

    def hear(self, data: bytes, now: float) -> list[Weight | Skipped]:
        """What ``data``, read at ``now``, completes; ``b""`` says that nothing came."""
        if data:
            self._quiet_since = None
            self._begun = True
            return self._decoder.feed(data)
        if self._quiet_since is None:
            self._quiet_since = now
        if now - self._quiet_since < SILENCE:
            return []
        return self._silence()

    def _silence(self) -> list[Weight | Skipped]:
        if not self._begun:
            self._decoder = self._protocol.decoder(self._settings)
            return []
        return list(self._given_up(self._decoder.flush()))

    def _given_up(self, found: Iterable[Weight | Skipped]) -> Iterator[Skipped]:
        """A number that a silence cut short may be a part of another, so it is never a weight."""
        for each in found:
            yield each if isinstance(each, Skipped) else Skipped(Skip.TOO_SHORT, each.raw)
