"""Number plates as a camera at a gate would see them, drawn: for tests, benchmarks and simulated cameras.

    ┌───────────────┐
    │    ECUADOR    │   a plate with its country's ground and name on a bumper, then a camera before it:
    │  GBA-0123     │   perspective, light, blur, noise, JPEG
    └───────────────┘

No plate of a real vehicle and no country's own lettering: what is read here says that the reader works, not
how well it does outside.
"""

from __future__ import annotations

import numpy as np

from ocr.picture import jpeg
from ocr.quad import Picture
from record.identifiers.plate import written

SIZE = (404, 154)
"""Width and height of a plate in millimetres, and of the drawn one in pixels."""

GROUNDS = {"EC": ((250, 250, 250), (60, 140, 235)), "CO": ((60, 200, 245), (240, 240, 240))}
GROUNDS["PE"] = ((250, 250, 250), (60, 210, 245))
"""Blue, green, red of the grounds by country; the second one is rarer."""
INK = (25, 25, 25)
NAMES = {"EC": "ECUADOR", "CO": "GUAYATA", "PE": "PERU"}


def render_plate(plate: str, country: str, *, seed: int = 0, width: int = 1280, height: int = 720) -> bytes:
    """A JPEG of a truck's front with this plate, without hyphen, of EC, CO or PE; the same for the same seed.

    Raises `KeyError` for another country.
    """
    import cv2

    random = np.random.default_rng((seed, 7))
    size = float(random.uniform(0.12, 0.3)) * width
    scene = _front(width, height, random)
    corners = _corners(size, width, height, random)
    source = np.array([[0, 0], [SIZE[0], 0], [SIZE[0], SIZE[1]], [0, SIZE[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    face = cv2.warpPerspective(_plate(plate, country, random), matrix, (width, height), flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((SIZE[1], SIZE[0]), 255, np.uint8), matrix, (width, height))
    scene[inside > 127] = face[inside > 127]
    light = float(random.uniform(0.4, 1.1))
    seen = cv2.GaussianBlur(scene.astype(np.float32) * light, (0, 0), float(random.uniform(0.4, 1.2)))
    noise = random.normal(0, float(random.uniform(1, 7)), seen.shape)
    return jpeg(np.clip(seen + noise, 0, 255).astype(np.uint8), int(random.integers(65, 92)))


def _plate(plate: str, country: str, random: np.random.Generator) -> Picture:
    import cv2

    ground = GROUNDS[country][int(random.random() < 0.3)]
    face = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
    cv2.rectangle(face, (4, 4), (SIZE[0] - 5, SIZE[1] - 5), (30, 30, 30), 3)
    shown = plate if country == "CO" else written(plate)
    _centred(face, NAMES[country], 0.87 if country == "CO" else 0.15, 18, 3)
    _centred(face, shown, 0.42 if country == "CO" else 0.6, 84, 11)
    return face


def _centred(face: Picture, text: str, middle: float, high: int, thick: int) -> None:
    """Text of this height in pixels, narrowed to the face, around a share of the face's height."""
    import cv2

    line = _lettered(text, high, thick, face[20, 20])
    wide = min(line.shape[1], SIZE[0] - 36)
    line = np.asarray(cv2.resize(line, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
    top, left = round(middle * SIZE[1] - high / 2), (SIZE[0] - wide) // 2
    face[top : top + high, left : left + wide] = line


def _lettered(text: str, high: int, thick: int, ground: Picture) -> Picture:
    """Bold capitals and digits, cut to their edges; a hyphen is a short dash."""
    import cv2

    font = cv2.FONT_HERSHEY_SIMPLEX
    scale = cv2.getFontScaleFromHeight(font, high, thick)
    line = np.full((3 * high, len(text) * 2 * high, 3), ground, np.uint8)
    x = high
    for character in text:
        if character == "-":
            cv2.line(line, (x + thick, 3 * high // 2), (x + 2 * thick, 3 * high // 2), INK, thick)
            x += 4 * thick
            continue
        cv2.putText(line, character, (x, 2 * high), font, scale, INK, thick, cv2.LINE_AA)
        x += cv2.getTextSize(character, font, scale, thick)[0][0]
    inked = (line != ground).any(2)
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    return line[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _front(width: int, height: int, random: np.random.Generator) -> Picture:
    """A cab, a grille, a bumper, a maker's name and a telephone number."""
    import cv2

    colour = [int(level) for level in random.integers(40, 210, 3)]
    scene = np.full((height, width, 3), colour, np.uint8)
    for y in range(height // 4, height // 2, 22):
        cv2.line(scene, (width // 5, y), (4 * width // 5, y), (40, 40, 45), 9)
    scene[height // 2 :] = (scene[height // 2 :] * 0.6).astype(np.uint8)
    maker = str(random.choice(["NORTE", "ANDINO", "CARGO", "SIERRA"]))
    phone = f"09{random.integers(10_000_000, 99_999_999)}"
    cv2.putText(scene, maker, (width // 3, height // 6), cv2.FONT_HERSHEY_DUPLEX, 2.0, (235, 235, 235), 5)
    cv2.putText(scene, phone, (width // 8, height - 30), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (235, 235, 235), 3)
    return scene


def _corners(
    size: float, width: int, height: int, random: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Where the plate's corners stand: ``size`` pixels wide, turned and shortened a little."""
    high = size * SIZE[1] / SIZE[0]
    left = float(random.uniform(0.1, 0.9)) * (width - size)
    top = float(random.uniform(0.5, 0.85)) * (height - high)
    flat = np.array([[0, 0], [size, 0], [size, high], [0, high]], np.float32)
    shorter = float(random.uniform(0, 0.12)) * high
    flat[[1, 2] if random.random() < 0.5 else [0, 3], 1] += np.array([shorter, -shorter], np.float32)
    angle = np.radians(float(random.uniform(-6, 6)))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    return np.asarray(flat @ turn + np.array([left, top], np.float32), np.float32)
