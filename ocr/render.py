"""Container faces as a camera at a gate would see them, drawn: for tests, benchmarks and simulated cameras.

    ┌───────────┬───────────┐
    │  ║     ║  │║MSKU4135329║   the face is drawn flat: paint, lettering, corrugation, dirt, lock rods;
    │  ║ LOGO║  │║ 22G1     ║│   then a camera looks at it: perspective, light, blur, noise, JPEG
    │  ║     ║  │║ MAX.GROSS║│
    └───────────┴───────────┘

The same seed draws the same door, on one version of OpenCV to the byte; frame numbers move the camera
before it. A drawn door is easier than a real one: what is read here says that the reader works, not how
well it does outside.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ocr.picture import jpeg
from ocr.quad import Picture
from ocr.shot import Shot, exposed, ground, photographed

FACE = (1400, 1480)
"""Width and height of the flat face in pixels."""

Colour = tuple[int, int, int]

PAINTS: tuple[Colour, ...] = (
    (38, 60, 140),
    (120, 70, 30),
    (60, 90, 40),
    (40, 130, 200),
    (205, 205, 200),
    (90, 90, 95),
    (30, 40, 170),
    (150, 120, 60),
    (45, 45, 60),
    (120, 190, 215),
)
"""Blue, green, red of common liveries."""


class Layout(StrEnum):
    """How the number stands on the face."""

    ONE_LINE = "one_line"
    TWO_LINES = "two_lines"
    """The number in one line, the size-type below it: the usual one on doors."""
    OWNER_ABOVE = "owner_above"
    STACKED = "stacked"
    TURNED = "turned"


@dataclass(frozen=True, slots=True)
class Door:
    """A face: colours (blue, green, red), corrugation (depth 0 to 1, pixels from wave to wave), wear."""

    paint: Colour
    lettering: Colour
    depth: float
    wave: int
    rods: bool
    dirt: float
    logo: str
    condensed: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Door":
        """A door by chance: dark lettering on light paint or light on dark."""
        paint = PAINTS[int(rng.integers(len(PAINTS)))]
        dark = sum(paint) < 420
        level = int(rng.integers(215, 250) if dark else rng.integers(15, 45))
        return cls(
            paint=paint,
            lettering=(level, level, level),
            depth=float(rng.uniform(0.05, 0.3)),
            wave=int(rng.integers(60, 120)),
            rods=bool(rng.random() < 0.9),
            dirt=float(rng.uniform(0, 0.25)),
            logo="".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVW"), 4)),
            condensed=float(rng.uniform(0.78, 0.9)),
        )


def render_door(
    number: str,
    type_code: str = "",
    *,
    seed: int = 0,
    layout: Layout | str = Layout.TWO_LINES,
    width: int = 1280,
    height: int = 720,
    frame: int = 0,
    door: Door | None = None,
    shot: Shot | None = None,
) -> bytes:
    """A JPEG of a container's face with `number` (painted as given, valid or not) and `type_code`.

    `seed` chooses door and camera unless they are given; `frame` 1, 2 … are more pictures of one door.
    Raises `ValueError` for an unknown layout.
    """
    layout = Layout(layout)
    door = door or Door.drawn(np.random.default_rng((seed, 0)))
    rng = np.random.default_rng((seed, 1, frame))
    shot = shot or Shot.drawn(rng)
    face = _worn(
        _lettered(_panel(door), door, number, type_code, layout), door, np.random.default_rng((seed, 2))
    )
    return jpeg(photographed(face, shot, (width, height), rng), shot.quality)


def render_lane(seed: int = 0, width: int = 1280, height: int = 720) -> bytes:
    """A JPEG of a lane on which nothing stands; `seed` chooses light and noise."""
    rng = np.random.default_rng((seed, 3))
    shot = Shot.drawn(rng)
    return jpeg(exposed(ground((width, height)), shot, rng), shot.quality)


def _panel(door: Door) -> Picture:
    face = np.empty((FACE[1], FACE[0], 3), np.uint8)
    face[:] = door.paint
    return face


def _lettered(face: Picture, door: Door, number: str, type_code: str, layout: Layout) -> Picture:
    high = 52
    left, right, top = 110, int(FACE[0] * 0.56), 150
    beside = (right, 620)
    if layout is Layout.STACKED:
        _stack(face, door, number, (FACE[0] - 210, top))
        _write(face, type_code, (right + 60, top), high, door)
        beside = (left, 700)
    elif layout is Layout.TURNED:
        side = np.ascontiguousarray(np.rot90(face))
        _number(side, number, (160, 160), 70, door)
        face = np.ascontiguousarray(np.rot90(side, 3))
        beside = (left, 700)
    elif layout is Layout.OWNER_ABOVE:
        _write(face, number[:4], (right, top), high, door)
        _number(face, number[4:], (right, top + 85), high, door)
        _write(face, type_code, (right, top + 170), high, door)
    else:
        _number(face, number, (right, top), high, door)
        if layout is Layout.TWO_LINES:
            _write(face, type_code, (right + 120, top + 90), high, door)
    _weights(face, door, beside)
    _write(face, door.logo, (left, 300), 150, door)
    return face


def _number(face: Picture, number: str, place: tuple[int, int], high: int, door: Door) -> None:
    """Owner, serial and the boxed check digit with their gaps."""
    import cv2

    x, y = place
    parts = [number[:-7], number[-7:-1]] if len(number) > 7 else [number[:-1]]
    for part in parts:
        x = _write(face, part, (x, y), high, door) + high // 2
    end = _write(face, number[-1:], (x, y), high, door)
    edge = high // 5
    cv2.rectangle(
        face,
        (x - edge, y - edge),
        (end + edge, y + high + edge),
        door.lettering,
        max(2, high // 14),
        cv2.LINE_AA,
    )


def _stack(face: Picture, door: Door, number: str, place: tuple[int, int]) -> None:
    x, y = place
    for k, character in enumerate(number):
        y += 25 if k in (4, 10) else 0
        _write(face, character, (x, y), 62, door)
        y += 84


def _weights(face: Picture, door: Door, place: tuple[int, int]) -> None:
    lines = (
        "MAX.GROSS 30,480 KG",
        "67,200 LB",
        "TARE 2,230 KG",
        "4,920 LB",
        "NET 28,250 KG",
        "CU.CAP. 33.2 CU.M",
    )
    for k, line in enumerate(lines):
        _write(face, line, (place[0], place[1] + 62 * k), 34, door)


def _write(face: Picture, text: str, place: tuple[int, int], high: int, door: Door) -> int:
    """Bold sans-serif capitals of `high` pixels from their upper left corner; returns where they end."""
    import cv2

    if not text:
        return place[0]
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, max(2, round(high / 5.5))
    scale = cv2.getFontScaleFromHeight(font, high, 1)
    (wide, tall), base = cv2.getTextSize(text, font, scale, thick)
    mask = np.zeros((tall + base + 2 * thick, wide + 2 * thick), np.uint8)
    cv2.putText(mask, text, (thick, tall + thick), font, scale, (255,), thick, cv2.LINE_AA)
    size = (max(1, int(mask.shape[1] * door.condensed)), len(mask))
    mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
    x, y = place[0], place[1] - thick
    room = face[y : y + len(mask), x : x + mask.shape[1]]
    share = mask[: len(room), : room.shape[1], None].astype(np.float32) / 255
    room[:] = (room * (1 - share) + np.array(door.lettering, np.float32) * share).astype(np.uint8)
    return x + mask.shape[1]


def _worn(face: Picture, door: Door, rng: np.random.Generator) -> Picture:
    """Corrugation, dirt and lock rods over the lettering."""
    import cv2

    high, wide = face.shape[:2]
    columns = np.arange(wide, dtype=np.float32)
    ripple = 1 - door.depth * (0.5 + 0.5 * np.tanh(3 * np.sin(2 * np.pi * columns / door.wave)))
    blotches = cv2.resize(rng.random((9, 8)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    specks = cv2.GaussianBlur(rng.random((high, wide), np.float32), (0, 0), 2)
    worn = (specks > 0.5 + 0.12 * (1 - door.dirt))[..., None]
    shade = ripple[None, :] * (1 - door.dirt * np.clip(blotches, 0, 1))
    out = np.where(worn, np.array(door.paint, np.float32), face.astype(np.float32)) * shade[..., None]
    face = np.clip(out, 0, 255).astype(np.uint8)
    edge = tuple(int(c * 0.45) for c in door.paint)
    cv2.rectangle(face, (0, 0), (wide - 1, high - 1), edge, 26)
    cv2.line(face, (wide // 2, 0), (wide // 2, high), edge, 12)
    if door.rods:
        for share in (0.12, 0.4, 0.535, 0.965):
            _rod(face, int(wide * share), door)
    return face


def _rod(face: Picture, x: int, door: Door) -> None:
    for offset in range(-9, 10):
        light = 0.4 + 0.9 * (1 - abs(offset + 3) / 12)
        column = face[:, min(max(x + offset, 0), FACE[0] - 1)]
        column[:] = np.clip(np.array(door.paint, np.float32) * light + 25 * light, 0, 255).astype(np.uint8)
