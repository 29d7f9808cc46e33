"""Numbers written from left to right: alone in a box, in several boxes of a line, the owner above the serial.

┌────┐ ┌──────┐ ┌─┐      ┌────┐           the boxed check digit is often missed by the detector,
│MSKU│ │413532│ │9│      │MSKU│           so that the last box is also read with what stands
└────┘ └──────┘ └─┘      │413532 9│       to the right of it
one line                 owner above serial
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ocr import cell
from ocr.quad import Picture, Quad, Vector, direction, height, normal, spanning, upright, width
from ocr.scene import Scene
from ocr.strip import Assembly, Strip

BATCH = 3
"""Boxes read before their combinations are tried."""
MOST_BOXES = 36
LONGEST_BOX = 14.0
"""Widths in heights; longer ones are rails."""
LOGO = 0.12
"""Boxes taller than this share of the picture are read last."""
LOWER = 0.5
"""Share of its height that the lowest text loses while the order is made."""
GAP = 5.0
"""Widest gap inside a line, in heights."""
MOST_EXTENDED = 5
CLEAR = -1.0
"""Mean log probability of six digits above which an owner is looked for that no detector has found, and the owner's
from which it is one."""


@dataclass(eq=False, slots=True)
class Piece:
    """A box that was read, and how well it would do as a part of a number (mean log probabilities)."""

    strip: Strip
    owner: float
    serial: float
    digits: float
    count: int
    extended: Strip | None = None
    digit: Strip | None = None
    """The check digit beside it, cut out alone."""
    height: float = field(init=False)
    """Of its text, in pixels."""
    centre: Vector = field(init=False)
    """Mean of its corners."""

    def __post_init__(self) -> None:
        self.height = height(self.strip.quad)
        self.centre = np.asarray(self.strip.quad.mean(0), np.float32)

    @property
    def quad(self) -> Quad:
        """Where it is."""
        return self.strip.quad

    def is_seed(self) -> bool:
        """Whether it looks like an owner code, a serial or a part of one."""
        return self.owner > -2.5 or self.serial > -2.0 or (self.digits > -1 and self.count >= 3)


def reading_order(quads: list[Quad], picture: Picture) -> list[Quad]:
    """Tall and upper text first, since a number stands over the weights of its face; logos last, rails not at all."""
    lines = sorted((q for q in quads if width(q) / height(q) <= LONGEST_BOX), key=height, reverse=True)
    lines = lines[:MOST_BOXES]
    middles = [float(quad[:, 1].mean()) for quad in lines]
    top, bottom = min(middles, default=0.0), max(middles, default=0.0)

    def last(quad: Quad) -> tuple[bool, float]:
        low = (float(quad[:, 1].mean()) - top) / max(1.0, bottom - top)
        return height(quad) > LOGO * picture.shape[0], -height(quad) * (1 - LOWER * low)

    return sorted(lines, key=last)


@dataclass
class Lines:
    """The horizontal boxes of one look at a scene, read as they are needed."""

    scene: Scene
    quads: list[Quad]

    def __post_init__(self) -> None:
        self.pieces: list[Piece] = []

    def found(self) -> Iterator[Assembly]:
        """What the detector found, alone and together, tall text first."""
        order = reading_order(self.quads, self.scene.picture)
        for start in range(0, len(order), BATCH):
            for quad in order[start : start + BATCH]:
                if self.scene.is_dismissed(quad):
                    continue
                piece = self._read(quad)
                self.pieces.append(piece)
                if not piece.is_seed():
                    self.scene.dismiss(quad)
                elif piece.count >= 10:
                    yield Assembly((piece.strip,))
            yield from self._whole_lines()
            yield from self._owner_above_serial()

    def missed(self, least: float = -8.0) -> Iterator[Assembly]:
        """The same with what the detector may have missed at the ends, for lines of `least` promise."""
        yield from self._longer_lines(least)
        yield from self._owner_above_serial()

    def _read(self, quad: Quad) -> Piece:
        strip = self.scene.strip(quad)
        slots = strip.first(self.scene.eyes)
        return Piece(strip, slots.owner(), slots.digits(6), slots.digits(3), len(slots))

    def _whole_lines(self) -> Iterator[Assembly]:
        for piece in self.pieces:
            if piece.is_seed():
                line = self._line(piece)
                if len(line) > 1:
                    yield Assembly(tuple(part.strip for part in line))

    def _line(self, piece: Piece) -> list[Piece]:
        """The pieces of similar height beside this one, without a wide gap, left to right."""
        along = direction(piece.quad)
        across = normal(along)
        level = [
            other
            for other in self.pieces
            if abs(float((other.centre - piece.centre) @ across)) < 0.55 * max(piece.height, other.height)
            and 0.45 < other.height / piece.height < 2.2
        ]
        level.sort(key=lambda other: float(other.centre @ along))
        first = last = level.index(piece)
        reach = GAP * piece.height
        while last + 1 < len(level) and _gap(level[last], level[last + 1]) < reach:
            last += 1
        while first > 0 and _gap(level[first - 1], level[first]) < reach:
            first -= 1
        return level[first : last + 1]

    def _owner_above_serial(self) -> Iterator[Assembly]:
        for owner in self.pieces:
            if owner.owner <= -1.5 or owner.count > 7:
                continue
            for serial in self.pieces:
                if serial is not owner and serial.digits > -2 and _is_below(serial, owner):
                    yield from self._stacked_lines(owner, serial)

    def _stacked_lines(self, owner: Piece, serial: Piece) -> Iterator[Assembly]:
        along = direction(owner.quad)
        level = (
            piece
            for piece in self.pieces
            if abs(float((piece.centre - serial.centre) @ normal(along))) < 0.5 * serial.height
            and 0.4 < piece.height / serial.height < 2.5
            and abs(float((piece.centre - owner.centre) @ along)) < 9 * owner.height
        )
        line = sorted(level, key=lambda piece: float(piece.centre @ along))
        strips = tuple(piece.strip for piece in line)
        yield Assembly((owner.strip, *strips), 0.2)
        extended = line[-1].extended if line else None
        if extended is not None:
            yield Assembly((owner.strip, *strips[:-1], extended), 0.3)
        digit = line[-1].digit if line else None
        if digit is not None:
            yield Assembly((owner.strip, *strips, digit), 0.3)

    def _longer_lines(self, least: float) -> Iterator[Assembly]:
        """The most promising lines with what stands to their right, and as one strip from end to end."""
        for line in self._promising_lines(least):
            along = direction(line[0].quad)
            high = float(np.median([piece.height for piece in line]))
            last = line[-1]
            if max(last.serial, last.digits) > -2:
                longer = last.quad.copy()
                longer[1:3] += along * 2.4 * last.height
                last.extended = Strip(upright(self.scene.picture, longer), longer)
                yield Assembly((*(piece.strip for piece in line[:-1]), last.extended), 0.1)
            has_owner = max(piece.owner for piece in line) > -2.5
            yield from self._with_cell(line, has_owner, high)
            for before in (0.3,) if has_owner else (0.3, 4.5):
                whole = _around([piece.quad for piece in line], along, before * high, 2.2 * high, 0.05 * high)
                if width(whole) / height(whole) <= 22:
                    yield Assembly((Strip(upright(self.scene.picture, whole), whole),), 0.2)

    def _with_cell(self, line: list[Piece], has_owner: bool, high: float) -> Iterator[Assembly]:
        """A line with its check digit cut out alone, and with an owner above it that the detector missed."""
        strips = tuple(piece.strip for piece in line)
        digit = line[-1].digit = cell.check_digit(self.scene.picture, strips[-1], self.scene.eyes)
        lines = [strips] if digit is None else [strips, (*strips, digit)]
        if digit is not None:
            yield Assembly(lines[-1], 0.3)
        if not has_owner and _is_serial(line, self.scene) and not self._has_owner_above(line[0]):
            owner = _above(line, high)
            above = Strip(upright(self.scene.picture, owner), owner)
            if above.first(self.scene.eyes).owner() > CLEAR:
                yield from (Assembly((above, *each), 0.3) for each in lines)

    def _has_owner_above(self, serial: Piece) -> bool:
        return any(piece.owner > CLEAR and _is_below(serial, piece) for piece in self.pieces)

    def _promising_lines(self, least: float) -> list[list[Piece]]:
        lines: dict[tuple[Strip, ...], list[Piece]] = {}
        for piece in self.pieces:
            if piece.is_seed():
                line = self._line(piece)
                lines.setdefault(tuple(part.strip for part in line), line)
        with_digits = [line for line in lines.values() if _digits(line) > -2.5 and _promise(line) > least]
        return sorted(with_digits, key=_promise, reverse=True)[:MOST_EXTENDED]


def _promise(line: list[Piece]) -> float:
    return max(max(piece.owner for piece in line), -4.0) + max(_digits(line), -4.0)


def _digits(line: list[Piece]) -> float:
    return max(max(piece.serial, piece.digits) for piece in line)


def _gap(left: Piece, right: Piece) -> float:
    along = direction(left.quad)
    return float((right.quad @ along).min() - (left.quad @ along).max())


def _is_below(serial: Piece, owner: Piece) -> bool:
    """Whether a serial may belong to the owner code above it, upside down or not."""
    along = direction(owner.quad)
    drop = float((serial.centre - owner.centre) @ normal(along))
    begins = float((serial.quad @ along).min()) < float((owner.quad @ along).max())
    return 0.6 * owner.height < drop < 2.8 * owner.height and begins


def _is_serial(line: list[Piece], scene: Scene) -> bool:
    """Whether a line is a serial and nothing else: where letters stand, a part of the owner is hidden."""
    text = "".join(piece.strip.first(scene.eyes).text() for piece in line)
    return max(piece.serial for piece in line) > CLEAR and text.isdigit()


def _above(line: list[Piece], high: float) -> Quad:
    """Where an owner code may stand over a serial."""
    along = direction(line[0].quad)
    left = float((line[0].quad @ along).min())
    middle = float(line[0].centre @ normal(along))
    return spanning(along, left - 0.4 * high, left + 3.2 * high, middle - 1.75 * high, middle - 0.5 * high)


def _around(quads: list[Quad], along: Vector, before: float, after: float, around: float) -> Quad:
    points = np.concatenate(quads)
    u, v = points @ along, points @ normal(along)
    return spanning(
        along,
        float(u.min()) - before,
        float(u.max()) + after,
        float(v.min()) - around,
        float(v.max()) + around,
    )
