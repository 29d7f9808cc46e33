"""A simulated indicator: plays weights in any protocol, over a real pseudo terminal or a real socket.

It plays what it is given and knows nothing of trucks: a weight that stands until another is set, or a
timeline of ``(seconds, weight)``. A protocol that speaks only when asked answers when it is asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

from drivers.readings import Kind, Stability, Unit, Weight
from drivers.scale.protocol import SEVEN_BITS, CannotEncode, Protocol, Settings
from drivers.scale.protocols import protocol
from drivers.simulator.cable import OnACable
from drivers.simulator.pty import DialEnd, End, Pty, TcpEnd
from drivers.simulator.uart import Wire

Timeline = Iterable[tuple[float, Weight]]
"""Weights with the second, from the start of the playing, at which each begins to stand."""


class ScaleSimulator(OnACable):
    """An indicator at ``at``: a path for a pseudo terminal, or an address as in `end_at` (port 0: any free
    one).

    ``rate_hz`` is frames per second of an indicator that speaks by itself. ``settings`` are the protocol's
    own. ``wire`` is how its line is set (the protocol's usual one by default); ``seven_bit`` sends seven
    data bits with even parity whatever the protocol's usual line is. Used as a context manager or by `start`
    and `close`.
    """

    def __init__(
        self,
        at: Path | str,
        protocol_id: str,
        rate_hz: float = 10.0,
        settings: Settings | None = None,
        *,
        seven_bit: bool = False,
        wire: Wire | None = None,
    ) -> None:
        self.protocol = protocol(protocol_id)
        self._settings = settings or Settings()
        self._period = 1.0 / rate_hz
        self._request = self.protocol.request(self._settings)
        self._frame = b""
        self._lock = threading.Lock()
        wire = _wire(self.protocol.serial, wire, seven_bit)
        self._seven_bits = wire.bits == 7
        super().__init__(end_at(at, wire), f"scale-simulator-{protocol_id}")
        self.set(shown(self.protocol, Decimal(0), self._settings))

    def set(self, weight: Weight) -> None:
        """Let the scale show this weight. Raises `CannotEncode` when the protocol has no place for it."""
        self.set_frame(self.protocol.encode(weight, self._settings))

    def set_frame(self, frame: bytes) -> None:
        """Let the scale send these bytes as its frame: an overload, a blanked display, nonsense, nothing."""
        with self._lock:
            self._frame = frame

    def play(self, timeline: Timeline, wait: Callable[[float], object] | None = None) -> None:
        """Set each weight at its second; returns when the last one stands or the simulator is closed."""
        wait = wait or self._stop.wait
        start = time.monotonic()
        for second, weight in timeline:
            wait(max(0.0, start + second - time.monotonic()))
            if self._stop.is_set():
                return
            self.set(weight)

    def _run(self) -> None:
        due = time.monotonic()
        asked = b""
        while not self._stop.is_set():
            wait = 0.05 if self._request else max(0.0, min(0.2, due - time.monotonic()))
            heard = self.end.receive(wait)
            if self._request is not None:
                asked = self._answer((asked + heard)[-64:])
            elif time.monotonic() >= due:
                due = max(due + self._period, time.monotonic() - self._period)
                self._send()

    def _answer(self, asked: bytes) -> bytes:
        """Answer a request that has arrived whole; what is left of the bytes heard."""
        if not self._request or not self._asks(self._request, asked):
            return asked
        self._send()
        return b""

    def _asks(self, request: bytes, asked: bytes) -> bool:
        """Whether the request was heard; an indicator of seven bits takes bit 7 for parity."""
        return request in (asked.translate(SEVEN_BITS) if self._seven_bits else asked)

    def _send(self) -> None:
        with self._lock:
            frame = self._frame
        if frame:
            self.end.send(frame)


def shown(
    spoken: Protocol,
    value: Decimal,
    settings: Settings | None = None,
    unit: Unit | None = None,
    *,
    moving: bool = False,
) -> Weight:
    """A weight of this value that says no more than the protocol's frames can carry: it may be encoded.

    Raises `CannotEncode` when the value has no place in a frame.
    """
    settings = settings or Settings()
    refused = CannotEncode(f"{spoken.id} has no frame for {value}")
    known = Stability.MOVING if moving else Stability.STABLE
    choices = product(written(value), (known, Stability.UNKNOWN), (Kind.GROSS, Kind.NET, Kind.UNKNOWN))
    for digits, stability, kind in choices:
        weight = Weight(digits, unit or settings.unit or Unit.KG, stability, kind)
        try:
            spoken.encode(weight, settings)
        except CannotEncode as error:
            refused = error
        else:
            return weight
    raise refused


def written(value: Decimal) -> Iterator[Decimal]:
    """The same value as it is, and with more zeros behind the point, up to four decimals."""
    yield value
    for places in range(max(0, -int(value.as_tuple().exponent)) + 1, 5):
        yield value.quantize(Decimal(1).scaleb(-places))


def _wire(usual: object, wire: Wire | None, seven_bit: bool) -> Wire:
    if wire is None:
        wire = Wire(*(getattr(usual, key) for key in ("baud", "bits", "parity", "stop")))
    return Wire(wire.baud, 7, "E", wire.stop) if seven_bit and wire.bits != 7 else wire


def end_at(at: Path | str, wire: Wire | None) -> End:
    """The far end of a cable: a path makes a pseudo terminal, an address a converter.

    ``host:port`` and ``tcp://host:port`` wait for callers, ``rfc2217://host:port`` too and lets them set the
    line, ``dial://host:port`` calls. Raises `ValueError` for an address that is none.
    """
    if isinstance(at, Path) or ":" not in at:
        return Pty(Path(at), wire)
    scheme, _, address = at.rpartition("://")
    host, _, number = address.rpartition(":")
    if not host or not number.isdigit():
        raise ValueError(f"{at}: expected a path, or tcp://, rfc2217:// or dial:// with host:port")
    if scheme in ("", "tcp"):
        return TcpEnd(host, int(number))
    if scheme == "dial":
        return DialEnd(host, int(number))
    if scheme == "rfc2217":
        from drivers.simulator.rfc2217 import Rfc2217End

        return Rfc2217End(host, int(number), wire)
    raise ValueError(f"{at}: unknown kind of port {scheme!r}; known are tcp, rfc2217 and dial")
