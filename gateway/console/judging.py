"""Whether a device does what it is there for: pure, from what the bench heard and what the technician says.

known weight   what stands on the scale is known; the settled reading may differ by the tolerance
stability      a minute and more of the scale, with nothing moved on it: spread and longest silence
camera         the aim of its newest picture: height and tilt of the letters, sharpness
scanner        its newest scan is the code that was held before it, character for character
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from drivers.camera.condition import DULL
from gateway.aiming import LETTERS, TILT
from gateway.bench import Heard, Point
from gateway.bytes_shown import ascii_of, hex_of
from gateway.console.aims import Aim
from gateway.console.checkbook import Kind, Outcome
from gateway.console.plot import GAP_S, steadiness
from record.base import plain
from record.errors import IieError
from record.identifiers.identifier import Identifier
from record.identifiers.identifier import Kind as IdentifierKind

NOW_S = 2.0
"""A settled reading is the one of so many seconds, and none of them is older."""

LEAST_S = 60.0
"""Of a scale's steadiness less is no proof."""

KILOGRAMS = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?")
"""Without marks of thousands: 12.340 could be either."""

PERSONAL = frozenset({IdentifierKind.CEDULA, IdentifierKind.PASSPORT})
FRAME = 200
"""Bytes of a frame or a scan that are kept with a check."""


class CannotJudge(IieError):
    """There is nothing to judge yet; ``code`` says why, a text of the catalogue."""

    def __init__(self, code: str) -> None:
        self.code = f"page.check.cannot.{code}"
        super().__init__(code)


def kilograms(written: str) -> Decimal:
    """Kilograms as a person writes them. Raises `CannotJudge`."""
    text = written.strip()
    if KILOGRAMS.fullmatch(text) is None:
        raise CannotJudge("kilograms")
    return Decimal(text.replace(",", "."))


def known_weight(
    device: str, known: Decimal, tolerance: Decimal, points: Sequence[Point], now: float, still_kg: Decimal
) -> Outcome:
    """The settled reading against a weight that is known; kilograms. Raises `CannotJudge`."""
    reading = settled(points, now, still_kg)
    difference = reading.kg - known
    figures = {
        "known_kg": plain(known),
        "reading_kg": plain(reading.kg),
        "difference_kg": f"{difference:+f}",
        "tolerance_kg": plain(tolerance),
        "frame": ascii_of(reading.raw[:FRAME]),
    }
    return Outcome(Kind.WEIGHT, device, abs(difference) <= tolerance, figures)


def settled(points: Sequence[Point], now: float, still_kg: Decimal) -> Point:
    """The newest reading of a scale that stands still. Raises `CannotJudge`."""
    recent = [point for point in points if now - point.monotonic <= NOW_S]
    if not recent:
        raise CannotJudge("no_weight")
    spread = max(point.high for point in recent) - min(point.low for point in recent)
    if spread > still_kg or any(point.moving for point in recent):
        raise CannotJudge("not_still")
    return recent[-1]


def stability(device: str, points: Sequence[Point], still_kg: Decimal) -> Outcome:
    """How steady the scale was. Raises `CannotJudge` where it was heard for less than a minute."""
    found = steadiness(points)
    if found is None or found.seconds < LEAST_S:
        raise CannotJudge("too_short")
    figures = {
        "seconds": f"{found.seconds:g}",
        "readings": str(found.readings),
        "spread_kg": plain(found.spread_kg),
        "allowed_kg": plain(still_kg),
        "gap_s": f"{found.longest_gap_s:g}",
    }
    passed = found.spread_kg <= still_kg and found.longest_gap_s <= GAP_S
    return Outcome(Kind.STABILITY, device, passed, figures)


def camera(device: str, aim: Aim | None) -> Outcome:
    """The aim of a camera. Raises `CannotJudge` where no picture has been read yet."""
    if aim is None:
        raise CannotJudge("no_picture")
    line = aim.lines[0] if aim.lines else None
    figures = {
        "letters_px": f"{line.letters:g}" if line else "–",
        "letters_needed": f"{LETTERS:g}",
        "tilt": f"{line.tilt:g}" if line else "–",
        "tilt_most": f"{TILT:g}",
        "detail": f"{aim.look.detail:.2f}" if aim.look else "–",
        "detail_needed": f"{DULL:g}",
        "number": aim.number or "–",
        "picture": aim.digest,
    }
    return Outcome(Kind.CAMERA, device, not aim.advice, figures)


def scanner(
    device: str, expected: str, scans: Sequence[Heard], identify: Callable[[str], Identifier]
) -> Outcome:
    """The newest scan against what its label says. Raises `CannotJudge` without a scan or an expectation."""
    if not scans:
        raise CannotJudge("no_scan")
    wanted, scan = expected.strip(), scans[0].scan
    if not wanted:
        raise CannotJudge("no_label")
    kind = identify(scan.text).kind
    secret = kind in PERSONAL
    figures = {
        "expected": last_four(wanted) if secret else wanted[:FRAME],
        "scan": last_four(scan.text) if secret else ascii_of(scan.text[:FRAME].encode()),
        "hex": "–" if secret else hex_of(scan.raw[:FRAME]),
        "recognised": kind.value,
        "symbology": scan.symbology or "–",
    }
    return Outcome(Kind.SCANNER, device, scan.text == wanted, figures)


def last_four(text: str) -> str:
    """What a screen may show of a person's number."""
    return f"…{text[-4:]}"
