"""The check digit in its box, cut out alone: beside a rail, box and digit are no text to a recogniser.

┌────────┐┌───┐│
│ 452738 ││ 0 ││      the digit stands about 0.8 letters' heights to the right of the serial's end; windows
└────────┘└───┘│      of one digit's size are tried there, and the one that shows a digit most clearly counts
              rail
"""

import numpy as np

from ocr.quad import Picture, direction, height, normal, spanning, upright, width
from ocr.slots import DIGIT
from ocr.strip import Eyes, Strip

SERIAL = 6
SURE = -0.5
"""Mean log probability of the serial's digits from which its check digit is looked for."""
WIDEST, WIDEST_TWO = 1.42, 2.65
"""The widest distance of its digits, and the two widest together, against the mean: where one is hidden, the last
of six digits may be the check digit itself, and the rim of its box would be read as another. A recogniser tells
places to half a digit only, so that single distances say little."""
LETTERS = 0.68
"""Height of the letters in a detected box."""
OFFSETS = (0.7, 0.9, 1.15)
"""From the serial's end to the middle of the check digit, in heights of the letters."""
WIDE, HIGH = 0.8, 1.14
"""Size of a window in heights of the letters: inside the box's outline."""

SEEN = -0.5
"""The same of the check digit itself: on a bare wall the likeliest of ten digits is at -1 and less, and another one
makes the number valid."""


def check_digit(picture: Picture, serial: Strip, eyes: Eyes) -> Strip | None:
    """The clearest window beside a strip that holds a serial; None without a clear, whole serial,
    without a clear digit, or at the edge."""
    slots = serial.first(eyes)
    mean, first = slots.run(DIGIT, SERIAL)
    if mean < SURE or not len(slots.places):
        return None
    places = slots.places[first : first + SERIAL] * width(serial.quad)
    steps = np.sort(np.diff(places))
    pitch = float(steps.mean())
    if steps[-1] > WIDEST * pitch or steps[-2:].sum() > WIDEST_TWO * pitch:
        return None
    end = float(serial.quad[0] @ direction(serial.quad)) + float(places[-1]) + pitch / 2
    windows = [_window(picture, serial, end, offset) for offset in OFFSETS]
    seen = [(_clearness(window, eyes), window) for window in windows if window is not None]
    clearness, window = max(seen, key=lambda pair: pair[0], default=(-np.inf, None))
    return window if clearness >= SEEN else None


def _window(picture: Picture, serial: Strip, end: float, offset: float) -> Strip | None:
    along = direction(serial.quad)
    letters = LETTERS * height(serial.quad)
    middle = float(serial.quad.mean(0) @ normal(along))
    centre = end + offset * letters
    left, right = centre - WIDE / 2 * letters, centre + WIDE / 2 * letters
    quad = spanning(along, left, right, middle - HIGH / 2 * letters, middle + HIGH / 2 * letters)
    limit = np.array([picture.shape[1], picture.shape[0]], np.float32)
    if (quad < 0).any() or (quad > limit).any():
        return None
    return Strip(upright(picture, quad), quad)


def _clearness(window: Strip, eyes: Eyes) -> float:
    """How surely one digit, and nothing else, stands in a window (log probability)."""
    slots = window.first(eyes)
    if not len(slots):
        return -np.inf
    best = int(slots.marks[:, DIGIT].max(1).argmax())
    others = np.delete(slots.blank, best)
    return float(slots.marks[best, DIGIT].max() + others.sum())
