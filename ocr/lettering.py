"""What is painted on a drawn face: the number in its layout, the size-type, the weights, the owner's name.

Every character of the number comes back with the rectangle that it covers, so that it can be said later what
a camera sees of it.
"""

import itertools
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ocr.quad import Picture

FACE = (1400, 1480)
"""Width and height of a flat face in pixels, 2.44 m wide."""
RODS = (0.12, 0.4, 0.535, 0.965)
"""Where the lock rods stand, as shares of the width."""
ROD = 19
"""Pixels that a rod is wide."""
CLEARANCE = 12
"""Pixels that a painter leaves between the check digit's box and a rod."""
BAR = 0.5
"""The least room between two letters, as a share of their strokes."""
INK = 64
"""From here on a pixel of a mask, 0 to 255, is paint and no soft edge."""

Colour = tuple[int, int, int]
Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the face."""


class Layout(StrEnum):
    """How the number stands on the face."""

    ONE_LINE = "one_line"
    TWO_LINES = "two_lines"
    """The number in one line, the size-type below it: the usual one on doors."""
    OWNER_ABOVE = "owner_above"
    STACKED = "stacked"
    TURNED = "turned"


@dataclass
class Lettering:
    """A face that is being painted; ``condensed`` is the width of letters against those of the font.

    ``characters`` are those of the number that were painted so far. ``clear`` says whether the painter kept
    the number off the lock rods.
    """

    face: Picture
    colour: Colour
    condensed: float
    clear: bool = True
    characters: list[Rectangle] = field(default_factory=list)

    def paint(self, number: str, type_code: str, logo: str, layout: Layout) -> None:
        """Everything that stands on a face; an empty number leaves its place free."""
        high = 52
        left, right, top = 110, int(FACE[0] * 0.56), 150
        beside = (right, 620)
        if not number:
            self.write(type_code, (right + 120, top + 90), high)
        elif layout is Layout.STACKED:
            self._stack(number, (FACE[0] - 210, top))
            self.write(type_code, (right + 60, top), high)
            beside = (left, 700)
        elif layout is Layout.TURNED:
            self._turned(number, (160, 160), 70)
            beside = (left, 700)
        elif layout is Layout.OWNER_ABOVE:
            self.characters += self.write(number[:4], (right, top), high)
            self._number(number[4:], (right, top + 85), high)
            self.write(type_code, (right, top + 170), high)
        else:
            self._between_rods(number, (right, top), high)
            if layout is Layout.TWO_LINES:
                self.write(type_code, (right + 120, top + 90), high)
        self._weights(beside)
        self.write(logo, (left, 300), 150)

    def write(self, text: str, place: tuple[int, int], high: int) -> list[Rectangle]:
        """Bold sans-serif capitals of `high` pixels from their upper left corner; where each one stands."""
        import cv2

        if not text:
            return []
        thick = _stroke(high)
        mask, ends = _stencil(text, high, thick)
        size = (max(1, int(mask.shape[1] * self.condensed)), len(mask))
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
        x, y = place[0], place[1] - thick
        room = self.face[y : y + len(mask), x : x + mask.shape[1]]
        share = mask[: len(room), : room.shape[1], None].astype(np.float32) / 255
        room[:] = (room * (1 - share) + np.array(self.colour, np.float32) * share).astype(np.uint8)
        places = [x + round((thick / 2 + end) * self.condensed) for end in ends]
        return [(one, place[1], other, place[1] + high) for one, other in itertools.pairwise(places)]

    def _number(self, number: str, place: tuple[int, int], high: int) -> None:
        """Owner, serial and the boxed check digit with their gaps."""
        import cv2

        x, y = place
        parts = [number[:-7], number[-7:-1]] if len(number) > 7 else [number[:-1]]
        for part in parts:
            written = self.write(part, (x, y), high)
            self.characters += written
            x = self._end(written) + high // 2
        written = self.write(number[-1:], (x, y), high)
        self.characters += written
        edge = high // 5
        corner, opposite = (x - edge, y - edge), (self._end(written) + edge, y + high + edge)
        cv2.rectangle(self.face, corner, opposite, self.colour, max(2, high // 14), cv2.LINE_AA)

    def _end(self, written: list[Rectangle]) -> int:
        """Where a text that was written ends, its margin included."""
        return written[-1][2] + round(1.5 * _stroke(written[-1][3] - written[-1][1]) * self.condensed)

    def _between_rods(self, number: str, place: tuple[int, int], high: int) -> None:
        """The number where it fits between the rods of the right door, smaller when it must be."""
        if not self.clear:
            self._number(number, place, high)
            return
        first, last = (round(FACE[0] * share) for share in RODS[2:])
        left, right = first + ROD // 2 + CLEARANCE, last - ROD // 2 - CLEARANCE
        trial = Lettering(np.zeros_like(self.face), self.colour, self.condensed)
        trial._number(number, (0, place[1]), high)
        wide = trial._end(trial.characters) + high // 5
        if wide > right - left:
            high = high * (right - left) // wide
            wide = right - left
        self._number(number, (min(place[0], right - wide), place[1]), high)

    def _turned(self, number: str, place: tuple[int, int], high: int) -> None:
        """The number on its side, to be read from the left with the head bent."""
        side = Lettering(np.ascontiguousarray(np.rot90(self.face)), self.colour, self.condensed)
        side._number(number, place, high)
        self.face[:] = np.rot90(side.face, 3)
        wide = self.face.shape[1]
        self.characters += [(wide - y1, x0, wide - y0, x1) for x0, y0, x1, y1 in side.characters]

    def _stack(self, number: str, place: tuple[int, int]) -> None:
        x, y = place
        for k, character in enumerate(number):
            y += 25 if k in (4, 10) else 0
            self.characters += self.write(character, (x, y), 62)
            y += 84

    def _weights(self, place: tuple[int, int]) -> None:
        lines = (
            "MAX.GROSS 30,480 KG",
            "67,200 LB",
            "TARE 2,230 KG",
            "4,920 LB",
            "NET 28,250 KG",
            "CU.CAP. 33.2 CU.M",
        )
        for k, line in enumerate(lines):
            self.write(line, (place[0], place[1] + 62 * k), 34)


def _stencil(text: str, high: int, thick: int) -> tuple[Picture, list[int]]:
    """A mask of the text, `thick` pixels around it, and where each letter begins and the last one ends.

    The font's own letters touch (IT, TT, KA): those of a stencil have a bar between them.
    """
    import cv2

    font = cv2.FONT_HERSHEY_SIMPLEX
    scale = cv2.getFontScaleFromHeight(font, high, 1)
    (wide, tall), base = cv2.getTextSize(text, font, scale, thick)
    mask = np.zeros((tall + base + 2 * thick, wide + 2 * thick + len(text) * thick), np.uint8)
    widths = [cv2.getTextSize(text[:k], font, scale, thick)[0][0] for k in range(len(text) + 1)]
    ends, moved = widths[:1], 0
    for letter, begin, end in zip(text, widths[:-1], widths[1:], strict=True):
        alone = np.zeros_like(mask)
        place = (begin - widths[0] + thick + moved, tall + thick)
        cv2.putText(alone, letter, place, font, scale, (255,), thick, cv2.LINE_AA)
        lacking = max(0, round(BAR * thick) - _between(mask, alone))
        mask |= np.roll(alone, lacking, axis=1)
        moved += lacking
        ends.append(end + moved)
    return mask[:, : ends[-1] + 2 * thick], ends


def _between(before: Picture, letter: Picture) -> int:
    """The fewest pixels of any row between what is painted and the letter after it, below 0 where they overlap; as
    many as the mask is wide where no row has both."""
    wide = int(before.shape[1])
    painted, follows = before > INK, letter > INK
    both = painted.any(axis=1) & follows.any(axis=1)
    if not both.any():
        return wide
    last = wide - 1 - painted[both, ::-1].argmax(axis=1)
    return int(np.min(follows[both].argmax(axis=1) - last - 1))


def _stroke(high: int) -> int:
    """How thick the strokes of letters of this height are, in pixels before they are condensed."""
    return max(2, round(high / 5.5))
