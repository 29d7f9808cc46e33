"""From what was heard to what may be said: one protocol, the group that nothing heard can tell apart, or
unknown.

The rules, in this order:

1.  Enough frames: `ENOUGH` with a checksum, `ENOUGH_UNCHECKED` without. Overload and blanks count as frames.
2.  They hang together: next to nothing between them belongs to no frame, weights are what a scale can show
    and stay as they are now and then, and a protocol that sometimes has a checksum always has it.
3.  Who answers a request speaks a protocol that makes it, if one of those is left.
4.  A checksum that always fits proves what it protects; what has none is not named beside it.
5.  Who leaves out bytes that another explains is not named beside it.

Whoever is left is named. Nothing is ever named because it comes nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from drivers.port import Line
from drivers.probe.hearing import Heard
from drivers.readings import Weight
from drivers.scale.protocol import Settings

ENOUGH = 4
"""Frames with a fitting checksum that name a protocol: by chance so many fit less than once in 60,000
times."""

ENOUGH_UNCHECKED = 8
"""Frames without a checksum that name a protocol."""

COVERED = 0.85
"""The part of the bytes between the first frame and the last that must belong to frames."""

VARIED = 3
"""Different weights beside zero that two protocols must read alike before either of them serves."""

STEADY = 0.2
"""The part of the frames, of those without checksum that come unasked, that must repeat the weight before."""


class Decider(StrEnum):
    """What would tell the members of a group apart, or bring something to be heard."""

    KNOWN_WEIGHT = "known_weight"
    MOVE_THE_LOAD = "move_the_load"
    EITHER = "either"
    LISTEN_LONGER = "listen_longer"
    LET_IT_STAND = "let_it_stand"
    RESTLESS = "restless"
    ASK = "ask"
    TURN_OUTPUT_ON = "turn_output_on"
    NO_SCALE = "no_scale"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of a line: no candidate is *unknown*, one is *named*, several are a *group*.

    ``candidates`` are in the order in which they should be tried, ``decider`` says what would settle it.
    ``heard`` is the number of bytes on all lines, ``sample`` some of them.
    """

    candidates: tuple[Heard, ...]
    decider: Decider | None
    heard: int = 0
    sample: bytes = b""

    @property
    def named(self) -> Heard | None:
        """The one protocol, None where it is unknown or a group."""
        return self.candidates[0] if len(self.candidates) == 1 else None

    @property
    def unknown(self) -> bool:
        """Whether nothing may be said."""
        return not self.candidates


def judge(heard: Iterable[Heard], *, total: int = 0, sample: bytes = b"", asked: bool = False) -> Verdict:
    """What may be said after all that was heard, on whatever lines."""
    everything = list(heard)
    left = _least_left_out(_proved(_asking([each for each in everything if _hangs_together(each)])))
    if left:
        return Verdict(tuple(left), _decider(left) if len(left) > 1 else None, total, sample)
    return Verdict((), _what_next(everything, total, asked), total, sample)


def ranked(heard: Iterable[Heard]) -> list[Heard]:
    """Everything that was understood at all, the likeliest first: what is shown while listening goes on."""
    return sorted(heard, key=lambda each: (-each.checked, -each.coverage * (each.good + each.states)))


def _hangs_together(heard: Heard) -> bool:
    enough = ENOUGH if heard.checked else ENOUGH_UNCHECKED
    sometimes_checked = 0 < heard.checked < 0.9 * heard.good
    return (
        heard.good > 0
        and heard.good + heard.states >= enough
        and heard.coverage >= COVERED
        and heard.plausible
        and not sometimes_checked
        and (heard.checked > 0 or heard.request is not None or _steady(heard))
    )


def _steady(heard: Heard) -> bool:
    """Whether values stay now and then. A scale sends the same weight again; codes of a scanner jump."""
    values = [weight.kg for weight in heard.weights]
    same = sum(one == other for one, other in pairwise(values))
    return same >= STEADY * (len(values) - 1)


def _asking(candidates: Sequence[Heard]) -> Sequence[Heard]:
    """Of the answers to a request, those of protocols that make this request by themselves."""
    mine = [each for each in candidates if each.request in (None, each.protocol.request(Settings()))]
    return mine or candidates


def _proved(candidates: Sequence[Heard]) -> Sequence[Heard]:
    checked = [each for each in candidates if each.checked]
    return checked or candidates


def _least_left_out(candidates: Sequence[Heard]) -> list[Heard]:
    """Who leaves out no more than a frame's length beyond the best one; who tells more comes first."""
    if not candidates:
        return []
    most = max(each.good + each.states for each in candidates)
    least = min(each.bad_bytes for each in candidates)
    left = [
        each
        for each in candidates
        if each.bad_bytes <= least + each.longest and each.good + each.states >= 0.7 * most
    ]
    return sorted(left, key=lambda each: -len(each.protocol.tells))


def _decider(group: Sequence[Heard]) -> Decider:
    """What tells these apart: a weight that they read differently, a motion that some do not see.

    Zero is read alike from either end, and so are some other weights: only several of them say that it makes no
    difference.
    """
    first = group[0]
    pairs = [pair for other in group[1:] for pair in _same_frames(first, other)]
    if any(one.kg != other.kg for one, other in pairs):
        return Decider.KNOWN_WEIGHT
    if any(one.stability is not other.stability for one, other in pairs):
        return Decider.MOVE_THE_LOAD
    if len({one.kg for one, _ in pairs if one.kg}) < VARIED:
        return Decider.MOVE_THE_LOAD
    return Decider.EITHER


def _same_frames(one: Heard, other: Heard) -> list[tuple[Weight, Weight]]:
    """What two protocols made of the same bytes."""
    theirs = {weight.raw.strip(b"\r\n"): weight for weight in other.weights}
    found = []
    for raw, weight in {weight.raw.strip(b"\r\n"): weight for weight in one.weights}.items():
        match = next((theirs[each] for each in theirs if each in raw or raw in each), None)
        if match is not None:
            found.append((weight, match))
    return found


def _what_next(heard: Sequence[Heard], total: int, asked: bool) -> Decider:
    if total == 0:
        return Decider.TURN_OUTPUT_ON if asked else Decider.ASK
    if any(each.states >= ENOUGH and not each.good for each in heard):
        return Decider.LET_IT_STAND
    if any(
        each.good >= ENOUGH_UNCHECKED and each.coverage >= COVERED and not _steady(each) for each in heard
    ):
        return Decider.RESTLESS
    promising = [each for each in heard if each.plausible and each.coverage >= COVERED and each.good >= 2]
    return Decider.LISTEN_LONGER if promising else Decider.NO_SCALE


def framing(heard: Heard) -> Line:
    """The line with the bits and parity that the frames themselves show.

    The probe hears every line with eight bits. Where bit 7 of all bytes makes their number of ones even,
    seven bits with even parity were sent; an odd number, odd parity; where it is never set, eight bits
    without.
    """
    raw = b"".join(weight.raw for weight in heard.weights)
    line = heard.line
    if not any(byte & 0x80 for byte in raw):
        return line
    odd = {byte.bit_count() & 1 for byte in raw}
    if len(odd) == 2:
        return line
    return Line(line.port, line.baud, 7, "O" if odd == {1} else "E", line.stop)
