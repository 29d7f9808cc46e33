"""What every protocol makes of the same bytes: frames that hold, frames that fail, and what lies between.

A head and a tail that were cut by joining and leaving the line count for nothing. What fails between two good
frames counts against a protocol: it is heard only where the protocol is not the one that speaks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from drivers.port import Line
from drivers.readings import Checksum, Skip, Skipped, Weight
from drivers.scale.protocol import STATES, Protocol
from drivers.scale.protocols import PROTOCOLS

SAMPLE = 512
"""Bytes of a line that are kept to be shown."""

KEPT = 200
"""Weights of a protocol that are kept to be compared."""

HEAVIEST_KG = Decimal(300_000)
"""No truck scale shows more, in kilograms: a protocol that reads more reads something else."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one protocol made of one line.

    ``good`` counts frames with a weight, ``states`` frames that say there is none (overload, blank, error),
    ``checked`` good frames whose checksum fitted. ``good_bytes`` and ``bad_bytes`` lie between the first and
    the last good frame; ``longest`` is the longest good frame, ``request`` what was sent to hear it.
    ``weights`` are the newest ones, oldest first.
    """

    protocol: Protocol
    line: Line
    good: int
    states: int
    checked: int
    good_bytes: int
    bad_bytes: int
    longest: int
    weights: tuple[Weight, ...]
    request: bytes | None = None

    @property
    def coverage(self) -> float:
        """The part of the bytes that belongs to frames, 0 to 1."""
        everything = self.good_bytes + self.bad_bytes
        return self.good_bytes / everything if everything else 0.0

    @property
    def last(self) -> Weight | None:
        """The newest weight."""
        return self.weights[-1] if self.weights else None

    @property
    def plausible(self) -> bool:
        """Whether a truck scale can show all that was read."""
        return all(abs(weight.kg) <= HEAVIEST_KG for weight in self.weights)


class Hearing:
    """One protocol's decoder on one line."""

    def __init__(self, spoken: Protocol, line: Line, request: bytes | None = None) -> None:
        self.protocol = spoken
        self._line = line
        self._request = request
        self._decoder = spoken.decoder(joined=request is None)
        self._good = self._states = self._checked = 0
        self._good_bytes = self._bad_bytes = self._since_good = self._longest = 0
        self._weights: deque[Weight] = deque(maxlen=KEPT)

    def feed(self, data: bytes) -> None:
        """More bytes of the line."""
        self._count(self._decoder.feed(data))

    def pause(self) -> None:
        """The line fell silent: what was begun is over."""
        self._count(each for each in self._decoder.flush() if isinstance(each, Skipped))

    @property
    def result(self) -> Heard:
        """What was heard so far."""
        return Heard(
            protocol=self.protocol,
            line=self._line,
            good=self._good,
            states=self._states,
            checked=self._checked,
            good_bytes=self._good_bytes,
            bad_bytes=self._bad_bytes,
            longest=self._longest,
            weights=tuple(self._weights),
            request=self._request,
        )

    def _count(self, found: Iterable[Weight | Skipped]) -> None:
        for each in found:
            if isinstance(each, Weight):
                self._good_frame(each)
            elif each.skip in STATES:
                self._states += 1
                if self._good:
                    self._good_bytes += len(each.raw)
            elif self._good and each.skip is not Skip.TOO_SHORT:
                self._since_good += len(each.raw)

    def _good_frame(self, weight: Weight) -> None:
        self._good += 1
        self._checked += weight.checksum is Checksum.OK
        self._good_bytes += len(weight.raw)
        self._bad_bytes += self._since_good
        self._since_good = 0
        self._longest = max(self._longest, len(weight.raw))
        self._weights.append(weight)


class Ear:
    """All protocols on one line, which speaks by itself or answers one ``request``."""

    def __init__(
        self,
        line: Line,
        protocols: Iterable[Protocol] = tuple(PROTOCOLS.values()),
        *,
        request: bytes | None = None,
    ) -> None:
        self.line = line
        self.bytes = 0
        self.sample = b""
        self._hearings = [Hearing(each, line, request) for each in protocols if "declared" not in each.fields]

    def feed(self, data: bytes) -> None:
        """More bytes of the line."""
        self.bytes += len(data)
        self.sample = (self.sample + data)[-SAMPLE:]
        for hearing in self._hearings:
            hearing.feed(data)

    def pause(self) -> None:
        """The line fell silent, or is left for a while."""
        for hearing in self._hearings:
            hearing.pause()

    @property
    def clarity(self) -> float:
        """The part of the sample that is text, 0 to 1: a wrong speed makes little of it."""
        text = sum(0x20 <= byte < 0x7F or byte in b"\r\n" for byte in self.sample)
        return text / len(self.sample) if self.sample else 0.0

    @property
    def results(self) -> list[Heard]:
        """What every protocol that understood anything made of it."""
        return [result for hearing in self._hearings if (result := hearing.result).good or result.states]
