"""Stacked characters that stand too far apart, or lean too much, for a detector of text.

    Y  ┐            Spots of one size that stand out from their surroundings, one above the other at a
    O  │ pitch      regular distance, are a chain. Each is a character; the cells at their places are laid
    I  ┘            side by side. Where the pitch leaves a gap, a cell keeps the place.
    U

No network is asked, so that it costs a few milliseconds only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.quad import Picture
from ocr.strip import Assembly, Kind, Strip

SIDE = 1280
"""Pixels on the longer side at which spots are looked for."""
NEIGHBOURHOODS = (17, 41)
"""Pixels over which a spot's surroundings are averaged."""
CONTRAST = 9
"""Grey levels by which a spot differs from its surroundings."""
SMALLEST, TALLEST = 8, 0.1
"""Height of a character: pixels, share of the picture's height."""
MOST_SPOTS = 1500
SHORTEST, LONGEST = 6, 16
"""Characters in a chain."""
WHOLE = 11
"""Characters of a number: a shorter chain is looked for beyond its ends."""
MOST_CHAINS = 3
CELL = 44

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chain:
    """Characters one above the other: centres (n, 2), and the usual width and height in pixels."""

    centres: Floats
    wide: float
    high: float
    spots: int
    """How many of the characters were seen."""


def assemblies(picture: Picture) -> Iterator[Assembly]:
    """The longest chains of light and of dark spots, each as one row."""
    chains = [
        chain
        for around in NEIGHBOURHOODS
        for light in (True, False)
        for chain in _chains(*_spots(picture, light, around))
    ]
    chains.sort(key=lambda chain: chain.spots, reverse=True)
    for chain in chains[:MOST_CHAINS]:
        yield Assembly((_row(picture, chain),), 0.3)


def _spots(picture: Picture, light: bool, around: int) -> tuple[Floats, Floats]:
    """Centres and sizes, both (n, 2), of what may be a character, in pixels; upper ones first."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = min(1.0, SIDE / max(grey.shape))
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.adaptiveThreshold(
        grey if light else cv2.bitwise_not(grey),
        255,
        cv2.ADAPTIVE_THRESH_MEAN_C,
        cv2.THRESH_BINARY,
        around,
        -CONTRAST,
    )
    _, _, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    wide, high, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    fits = (high >= SMALLEST) & (high <= TALLEST * len(grey)) & (wide < 1.3 * high) & (wide > 0.1 * high)
    fits &= area > 0.15 * wide * high
    kept = np.flatnonzero(fits)[:MOST_SPOTS]
    middles = boxes[kept, :2] + boxes[kept, 2:4] / 2
    order = np.argsort(middles[:, 1], kind="stable")
    sizes = boxes[kept, 2:4].astype(np.float32)
    return (middles[order] / scale).astype(np.float32), sizes[order] / np.float32(scale)


def _chains(centres: Floats, sizes: Floats) -> list[Chain]:
    if len(centres) < SHORTEST:
        return []
    below = _below(centres, sizes[:, 1])
    taken: set[int] = set()
    found = []
    for start in range(len(centres)):
        if start in taken:
            continue
        links = _followed(start, below, centres)
        chain = _straight(links, centres, sizes)
        if chain is not None:
            taken.update(links)
            found.append(chain)
    return found


def _below(centres: Floats, heights: Floats) -> NDArray[np.int64]:
    """For each spot the next one of its size below it; -1 where there is none."""
    shift = centres[None] - centres[:, None]
    across, down = np.abs(shift[..., 0]), shift[..., 1]
    taller = np.maximum(heights[:, None], heights[None])
    alike = taller < 1.45 * np.minimum(heights[:, None], heights[None])
    near = (down > 0.8 * taller) & (down < 3.6 * taller) & (across < 0.3 * down) & alike
    away = np.where(near, down + 2 * across, np.inf)
    nearest = away.argmin(1)
    return np.where(np.isfinite(away[np.arange(len(away)), nearest]), nearest, -1)


def _followed(start: int, below: NDArray[np.int64], centres: Floats) -> list[int]:
    """Links from one spot downwards while their distance stays near one or two pitches."""
    links, pitch = [start], 0.0
    while len(links) < LONGEST:
        following = int(below[links[-1]])
        if following < 0:
            break
        step = float(centres[following, 1] - centres[links[-1], 1])
        if pitch and not 0.7 * pitch < step < 2.4 * pitch:
            break
        pitch = min(pitch, step) if pitch else step
        links.append(following)
    return links


def _straight(links: list[int], centres: Floats, sizes: Floats) -> Chain | None:
    """The chain of these links; None when it is short, crooked or irregular."""
    if len(links) < SHORTEST:
        return None
    points = centres[links]
    high = float(np.median(sizes[links, 1]))
    slope, offset = np.polyfit(points[:, 1], points[:, 0], 1)
    astray = np.abs(points[:, 0] - slope * points[:, 1] - offset)
    steps = np.diff(points[:, 1])
    pitch = float(np.median(steps))
    regular = np.mean(np.abs(steps - pitch) < 0.25 * pitch) > 0.6
    if not regular or float(np.median(astray)) > 0.25 * high:
        return None
    return Chain(_filled(points, pitch), float(np.percentile(sizes[links, 0], 80)), high, len(links))


def _filled(points: Floats, pitch: float) -> Floats:
    """The places of all characters: gaps of a pitch filled, and what may be missing at the ends."""
    places = [points[0]]
    for point in points[1:]:
        gap = point - places[-1]
        missing = max(0, round(float(gap[1]) / pitch) - 1)
        places += [places[-1] + gap * (k + 1) / (missing + 1) for k in range(missing)]
        places.append(point)
    step = (points[-1] - points[0]) / max(1.0, float(points[-1, 1] - points[0, 1])) * pitch
    more = range(1, max(1, WHOLE - len(places)) + 1)
    before, after = [places[0] - step * k for k in reversed(more)], [places[-1] + step * k for k in more]
    return np.stack([*before, *places, *after]).astype(np.float32)


def _row(picture: Picture, chain: Chain) -> Strip:
    import cv2

    wide, high = max(0.6 * chain.high, 1.25 * chain.wide), 1.3 * chain.high
    size = (max(14, round(CELL * wide / high)), CELL)
    cells = []
    for x, y in chain.centres:
        patch = (max(2, round(wide)), max(2, round(high)))
        cell = cv2.getRectSubPix(picture, patch, (float(x), float(y)))
        cells.append(cv2.resize(cell, size, interpolation=cv2.INTER_CUBIC))
    (x1, y1), (x2, y2) = chain.centres[0], chain.centres[-1]
    half, over = wide / 2, high / 2
    quad = [[x1 - half, y1 - over], [x1 + half, y1 - over], [x2 + half, y2 + over], [x2 - half, y2 + over]]
    row = np.ascontiguousarray(np.hstack(cells))
    return Strip(np.asarray(row, np.uint8), np.array(quad, np.float32), Kind.STACKED)
