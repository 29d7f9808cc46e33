"""Numbers written from top to bottom: characters stacked upright, or a line turned on its side.

M      ┌─┐     A stacked column is cut between its rows and its cells are laid side by side; a turned
S      │∑│     line is turned back, both ways because nobody says which.
K      │S│
U      └─┘
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ocr.quad import Picture, Quad, height, is_tall, ordered, upright, warped, width
from ocr.scene import Scene
from ocr.slots import Slots
from ocr.strip import Assembly, Kind, Strip

SLIMMEST = 2.6
"""A column is at least so many times as high as wide."""
MOST_COLUMNS = 6
REACHES = ((0.15, 0.15), (0.3, 1.8), (5.0, 2.0))
"""How far above and below a column, in widths, more characters are looked for."""
CUTS = (0.28, 0.18)
"""How strong a row must be, between the faint and the strong rows of the column, to belong to a character."""
LIKELY = -2.5
"""Mean log probability of an owner or three digits from which a column is read beyond its ends."""
NUMBER = -0.5
"""The same of an owner and of four digits from which a turned column's direction is known."""
PENALTIES = {Kind.STACKED: 0.3, Kind.TURNED: 0.2}
CELL = 44
"""Pixels to which the height of a stacked character is brought."""
ROW = 40
"""Pixels to which a stacked column's width is brought."""
RIM = 4
"""Of these what lies beside the characters, left and right."""


def assemblies(scene: Scene, quads: list[Quad]) -> Iterator[Assembly]:
    """Every reading of the columns among the detector's quads, long and broad columns first."""
    tall = [quad for quad in quads if is_tall(quad)] + _columns_of_single_characters(quads)
    tall.sort(key=lambda q: float(np.ptp(q[:, 1])) * min(width(q), 30.0), reverse=True)
    for quad in tall[:MOST_COLUMNS] + _whole_picture(scene.picture):
        if height(quad) >= SLIMMEST * width(quad) and not scene.is_dismissed(quad):
            yield from _readings(scene, quad)


def _whole_picture(picture: Picture) -> list[Quad]:
    """The picture itself when it is as slim as a column: a camera's region of interest, cut to the number."""
    high, wide = picture.shape[:2]
    if high < SLIMMEST * wide:
        return []
    return [np.array([[0, 0], [wide - 1, 0], [wide - 1, high - 1], [0, high - 1]], np.float32)]


def _readings(scene: Scene, quad: Quad) -> Iterator[Assembly]:
    """A column as it was found, and farther up and down when that looks like part of a number."""
    seen: list[Strip] = []
    for above, below in REACHES:
        kinds = {strip.kind for strip in seen if _promises(strip.first(scene.eyes))}
        if seen and not kinds:
            break
        for strip in _strips(scene.picture, quad, above, below):
            if kinds and strip.kind not in kinds:
                continue
            seen.append(strip)
            yield Assembly((strip,), PENALTIES[strip.kind])
            if strip.kind is Kind.TURNED and _is_number(strip.first(scene.eyes)):
                break
    scene.dismiss(quad)


def _promises(slots: Slots) -> bool:
    return slots.owner() > LIKELY or slots.digits(3) > LIKELY


def _is_number(slots: Slots) -> bool:
    """Whether a turned column reads as a number's parts, so that it need not be turned the other way."""
    return slots.owner() > NUMBER and slots.digits(4) > NUMBER


def _strips(picture: Picture, quad: Quad, above: float, below: float) -> Iterator[Strip]:
    widths = set()
    for cut in CUTS:
        row = stacked(_leaning(picture, quad, above, below), cut)
        if row is not None and row.shape[1] not in widths:
            widths.add(row.shape[1])
            yield Strip(row, quad, Kind.STACKED)
    if above < 1:
        yield from _turned(picture, _longer(quad, above, below))


def short_strips(picture: Picture, quad: Quad) -> Iterator[Strip]:
    """A short column as it stands, stacked and turned both ways."""
    row = stacked(_leaning(picture, quad, 0.15, 0.15), CUTS[0], least=3)
    if row is not None:
        yield Strip(row, quad, Kind.STACKED)
    yield from _turned(picture, quad)


def _turned(picture: Picture, quad: Quad) -> Iterator[Strip]:
    side = upright(picture, quad)
    for turns in (1, 3):
        yield Strip(np.ascontiguousarray(np.rot90(side, turns)), quad, Kind.TURNED)


def _longer(quad: Quad, above: float, below: float) -> Quad:
    down = (quad[3] - quad[0]) / max(height(quad), 1e-6)
    longer = quad.copy()
    longer[:2] -= down * above * width(quad)
    longer[2:] += down * below * width(quad)
    return longer


def _leaning(picture: Picture, quad: Quad, above: float, below: float) -> Picture:
    """A column as a parallelogram: its rows stay level, so that stacked characters stay upright."""
    top, bottom = (quad[0] + quad[1]) / 2, (quad[3] + quad[2]) / 2
    down = (bottom - top) / max(1e-6, float(np.hypot(*(bottom - top))))
    wide = width(quad)
    top, bottom = top - down * above * wide, bottom + down * below * wide
    half = np.array([0.5 * wide * 1.15, 0], np.float32)
    corners = np.stack([top - half, top + half, bottom + half, bottom - half]).astype(np.float32)
    return warped(picture, corners, max(8, int(2 * half[0])), max(16, int(bottom[1] - top[1])))


def stacked(column: Picture, cut: float, least: int = 6) -> Picture | None:
    """A column of stacked characters as one row; None when it falls into fewer than `least`."""
    import cv2

    high, wide = column.shape[:2]
    if wide < 8:
        return None
    scaled = cv2.resize(column, (ROW, max(60, high * ROW // wide)), interpolation=cv2.INTER_CUBIC)
    runs = [run for run in _rows(np.asarray(scaled, np.uint8), cut) if run[1] - run[0] >= 8]
    if len(runs) < least:
        return None
    usual = float(np.median([end - start for start, end in runs]))
    cells = [_cell(np.asarray(scaled, np.uint8), *part) for run in runs for part in _parts(run, usual)]
    return np.ascontiguousarray(np.hstack(cells))


def _rows(column: Picture, cut: float) -> list[tuple[int, int]]:
    """Stretches of rows with upright edges in them: first row and the row after the last."""
    import cv2

    grey = cv2.cvtColor(column, cv2.COLOR_BGR2GRAY)
    edges = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3))[:, RIM : ROW - RIM].mean(1)
    profile = cv2.GaussianBlur(edges.reshape(-1, 1), (1, 5), 0).ravel()
    faint, strong = np.percentile(profile, 8), np.percentile(profile, 85)
    return _stretches(profile > faint + cut * (strong - faint))


def _stretches(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    change = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    return [(int(a), int(b)) for a, b in zip(*(np.flatnonzero(change == s) for s in (1, -1)), strict=True)]


def _parts(run: tuple[int, int], usual: float) -> list[tuple[float, float]]:
    """A run of several characters without a gap, cut into equal parts."""
    start, end = run
    length = end - start
    count = max(1, round(length / usual)) if length > 1.55 * usual else 1
    return [(start + length * k / count, start + length * (k + 1) / count) for k in range(count)]


def _cell(column: Picture, start: float, end: float) -> Picture:
    import cv2

    cell = column[int(max(0, start - 2)) : int(min(len(column), end + 2)), RIM : ROW - RIM]
    wide = max(14, round((ROW - 2 * RIM) * CELL / len(cell))) if len(cell) > 20 else 28
    return np.asarray(cv2.resize(cell, (wide, CELL), interpolation=cv2.INTER_CUBIC), np.uint8)[:, :60]


def _columns_of_single_characters(quads: list[Quad]) -> list[Quad]:
    """Boxes of one character each that stand above one another, as one box."""
    import cv2

    rest = sorted(quads, key=lambda q: float(q[:, 1].mean()))
    columns = []
    while rest:
        group = [rest.pop(0)]
        for quad in list(rest):
            if _stands_under(quad, group[-1]):
                group.append(quad)
        points = np.concatenate(group)
        wide, high = np.ptp(points, axis=0)
        if len(group) > 1 and high > 3.2 * wide:
            rest = [quad for quad in rest if not any(quad is member for member in group)]
            columns.append(ordered(np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), np.float32)))
    return columns


def _stands_under(lower: Quad, upper: Quad) -> bool:
    (x1, y1), (x2, y2) = upper.mean(0), lower.mean(0)
    (w1, h1), (w2, h2) = np.ptp(upper, axis=0), np.ptp(lower, axis=0)
    return bool(
        y2 > y1
        and abs(x2 - x1) < 0.7 * max(w1, w2)
        and y2 - y1 < (h1 + h2) / 2 + 1.6 * max(min(w1, w2), 6)
        and 0.4 < w2 / max(1, w1) < 2.5
    )
