"""What every scale protocol is made of, and the one way in which bytes are cut into frames.

A protocol file gives two pure functions: ``cut`` says where a frame may end, ``decode`` says what the frame
means. The `Decoder` here does the rest for all of them:

    bytes ─▶ next start byte ─▶ cut ─▶ decode ─▶ Weight
                  ▲                      │
                  └── one byte further ◀─┘ no frame, wrong checksum, impossible value

The result never depends on how the bytes were split into reads. What is no weight is never dropped in
silence: it comes out as a `Skipped` with its reason, junk in pieces of at most 64 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers.readings import Checksum, Kind, Skip, Skipped, Unit, Weight
from drivers.scale.checks import even_handed

BUFFER_LIMIT = 4096
"""Bytes kept at most while a frame is incomplete."""

JUNK_LIMIT = 64
"""Bytes of junk that make one `Skipped`."""

SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
"""Translation that clears the parity bit: a 7E1 line read as 8N1 carries it in bit 7."""

MORE = 0
"""`Cut`: the frame is not complete yet."""

NO_FRAME = -1
"""`Cut`: no frame begins here."""

STATES = frozenset({Skip.OVER, Skip.UNDER, Skip.BLANK, Skip.ERROR})
"""Reasons of whole, valid frames in which the indicator says that it has no weight."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site may say about a scale's frames where the frames themselves do not.

    ``decimals``: places of a number sent without a point (None: the protocol's own habit).
    ``unit``: unit of a frame that carries none (None: kilograms).
    ``checksum``: name of the variant, one of `Protocol.checksums` (None: found out from the frames).
    ``address``: the indicator's address on a shared line, as its menu shows it.
    ``untared``: nobody tares at this indicator, so the net weight that is all it sends is the gross.
    ``poll``: request to send instead of the protocol's own; empty: an indicator that speaks by itself.
    ``declared``: what a `pattern` or `modbus` entry declares, in the form of that file.
    """

    decimals: int | None = None
    unit: Unit | None = None
    checksum: str | None = None
    address: str | None = None
    untared: bool | None = None
    poll: bytes | None = None
    declared: object | None = None

    def unit_or(self, default: Unit = Unit.KG) -> Unit:
        """The site's unit, or ``default`` where the site says none."""
        return default if self.unit is None else self.unit

    def places_or(self, default: int = 0) -> int:
        """The site's decimal places, or ``default`` where the site says none."""
        return default if self.decimals is None else self.decimals

    @property
    def net(self) -> Kind:
        """What the weight of a protocol is that calls it net whether something was tared or not."""
        return Kind.GROSS if self.untared else Kind.NET


Cut = Callable[[bytes, int, bool], int]
"""``cut(data, at, final)``: length of the frame that begins at ``at``, `MORE`, or `NO_FRAME`.

``final`` says that nothing will follow. Only an answer `MORE` may change with a longer ``data``.
"""

Decode = Callable[[bytes, Settings], Weight | Skip]
"""``decode(frame, settings)``: the frame's weight, or the reason why it has none. Never raises."""

Encode = Callable[[Weight, Settings], bytes]
"""``encode(weight, settings)``: the frame that says this; raises `CannotEncode`."""


class CannotEncode(ValueError):
    """The weight has something that this protocol's frame has no place for."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How frames lie in the bytes.

    ``start``: matches one byte, with which a frame may begin.
    ``resync``: after a failed frame go on one byte further; False for lines without a start mark, of which
    a remainder would look like a smaller number: there the whole line is given up.
    ``between``: bytes between frames that mean nothing.
    ``seven_bit``: the protocol is ASCII, so bit 7 is parity; a frame that shows it must show it consistently.
    """

    start: re.Pattern[bytes]
    cut: Cut
    resync: bool = True
    between: bytes = b"\r\n"
    seven_bit: bool = True


class Decoder:
    """Bytes in, weights and skips out, for one line and one protocol."""

    def __init__(self, framing: Framing, decode: Decode, settings: Settings, *, joined: bool = False):
        """``joined``: the line was joined while the indicator may have been talking.

        Then a line without a start mark is believed only after the end of another one was seen.
        """
        self.settings = settings
        self._framing = framing
        self._decode = decode
        self._buffer = b""
        self._reported = 0
        self._junk = bytearray()
        self._partial = joined and not framing.resync
        self._give_up = False

    def feed(self, data: bytes) -> list[Weight | Skipped]:
        """What these bytes complete."""
        self._buffer += data
        found = self._drain(final=False)
        if len(self._buffer) > BUFFER_LIMIT:
            self._junk += self._buffer[:-JUNK_LIMIT]
            self._buffer = self._buffer[-JUNK_LIMIT:]
            self._reported = 0
            self._partial = not self._framing.resync
            self._sweep(found)
        return found

    def flush(self) -> list[Weight | Skipped]:
        """What is left at the end of a capture, or after a silence: also a frame without its terminator.

        Should the line speak on after that, the rest of a line without a start mark is not believed.
        """
        broken_off = bool(self._buffer) and not self._framing.resync
        found = self._drain(final=True)
        self._partial = self._partial or broken_off
        self._sweep(found, everything=True)
        return found

    def interpret(self, frame: bytes) -> Weight | Skip:
        """One frame's meaning; a protocol whose variants show only over several frames overrides it.

        It may set ``_give_up``: then nothing within this frame is searched for another one.
        """
        return self._decode(frame, self.settings)

    def _drain(self, final: bool) -> list[Weight | Skipped]:
        raw = self._buffer
        data = raw.translate(SEVEN_BITS) if self._framing.seven_bit else raw
        found: list[Weight | Skipped] = []
        at = 0
        while at < len(data):
            begin = self._framing.start.search(data, at)
            if begin is None:
                at = self._discard(raw, at, len(data), found)
                break
            at = self._discard(raw, at, begin.start(), found)
            length = self._framing.cut(data, at, final)
            if length == MORE and not final:
                break
            if length > 0:
                at = self._take(raw, data, at, length, found)
            elif length == MORE:
                at = self._fail(Skip.TOO_SHORT, raw, at, len(data) - at, found)
            else:
                at = self._discard(raw, at, at + 1, found)
        self._buffer = raw[at:]
        self._reported = max(0, self._reported - at)
        return found

    def _take(self, raw: bytes, data: bytes, at: int, length: int, found: list[Weight | Skipped]) -> int:
        frame = data[at : at + length]
        result = Skip.NOT_MINE if self._partial else self.interpret(frame)
        self._partial = False
        if isinstance(result, Weight):
            sent = raw[at : at + length]
            if result.checksum is Checksum.ABSENT and self._framing.seven_bit and not even_handed(sent):
                return self._fail(Skip.CHECKSUM, raw, at, length, found)
            self._sweep(found, everything=True)
            found.append(result if sent == result.raw else replace(result, raw=sent))
            return at + length
        if result in STATES:
            self._sweep(found, everything=True)
            found.append(Skipped(result, raw[at : at + length]))
            return at + length
        return self._fail(result, raw, at, length, found)

    def _fail(self, skip: Skip, raw: bytes, at: int, length: int, found: list[Weight | Skipped]) -> int:
        further = 1 if self._framing.resync and not self._give_up else length
        self._give_up = False
        if skip is Skip.NOT_MINE:
            return self._discard(raw, at, at + further, found)
        if at >= self._reported:
            self._sweep(found, everything=True)
            found.append(Skipped(skip, raw[at : at + length]))
        self._reported = max(self._reported, at + length)
        return at + further

    def _discard(self, raw: bytes, at: int, end: int, found: list[Weight | Skipped]) -> int:
        """Bytes that belong to nothing become junk, unless a failed frame has already reported them."""
        fresh = raw[max(at, self._reported) : end]
        if fresh:
            self._junk += fresh.translate(None, self._framing.between)
            self._sweep(found)
        return end

    def _sweep(self, found: list[Weight | Skipped], *, everything: bool = False) -> None:
        while len(self._junk) >= JUNK_LIMIT or (everything and self._junk):
            found.append(Skipped(Skip.NOT_MINE, bytes(self._junk[:JUNK_LIMIT])))
            del self._junk[:JUNK_LIMIT]


@dataclass(frozen=True, slots=True)
class Serial:
    """Line settings that an indicator leaves the factory with, or that most sites use."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: int = 1


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way in which indicators speak.

    ``poll`` is the request of a protocol that speaks only when asked (None: it speaks by itself).
    ``tells`` names the fields of `Weight` that its frames carry: stability, kind, unit, zero, alibi.
    ``fields`` are the names of `Settings` that mean something for it; ``checksums`` its variants.
    """

    id: str
    title: str
    framing: Framing
    decode: Decode
    encode: Encode
    tells: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    checksums: tuple[str, ...] = ()
    serial: Serial = field(default_factory=Serial)
    poll: bytes | None = None
    poll_at: Callable[[str], bytes] | None = None
    make: Callable[[Framing, Decode, Settings, bool], Decoder] | None = None

    def decoder(self, settings: Settings | None = None, *, joined: bool = False) -> Decoder:
        """A fresh decoder; ``joined`` as in `Decoder`."""
        settings = settings or Settings()
        if self.make is not None:
            return self.make(self.framing, self.decode, settings, joined)
        return Decoder(self.framing, self.decode, settings, joined=joined)

    def request(self, settings: Settings) -> bytes | None:
        """What to send for a weight under these settings, None where nothing is to be sent."""
        if settings.poll is not None:
            return settings.poll or None
        if self.poll_at is not None and settings.address is not None:
            return self.poll_at(settings.address)
        return self.poll
