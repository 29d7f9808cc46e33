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

from dataclasses import dataclass, field

import numpy as np

from ocr.lettering import FACE, ROD, RODS, Colour, Layout, Lettering, Rectangle
from ocr.picture import jpeg
from ocr.quad import Picture
from ocr.shot import Shot, exposed, ground, photographed

__all__ = ["Door", "Face", "Layout", "draw_face", "render_door", "render_face", "render_lane"]

PROUD = 29.0
"""Pixels of the face, 5 cm, that a lock rod's middle stands before it."""
AWAY = 2.1
"""Sine of the camera's angle to the side for a `turn` of 1, from about five metres."""

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
    clear: bool = True
    """Whether the number was kept off the rods, as painters do; `drawn` has one in eight that is not."""

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
            clear=bool(rng.random() < 7 / 8),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A flat face with all but its lock rods, which stand before it: how they hide it depends on the camera.

    ``characters`` are the rectangles of the number's characters in pixels of the face.
    """

    door: Door
    picture: Picture = field(repr=False)
    characters: tuple[Rectangle, ...]

    def before(self, shot: Shot) -> Picture:
        """The face as it stands before one camera, its rods over what they hide."""
        picture = self.picture.copy()
        for left, right in self.rods(shot):
            _rod(picture, left, right, self.door)
        return picture

    def rods(self, shot: Shot) -> list[tuple[int, int]]:
        """First pixel of the face that each rod hides from a camera, and the one after the last."""
        if not self.door.rods:
            return []
        angle = np.arcsin(np.clip(AWAY * shot.turn, -0.9, 0.9))
        shift = -PROUD * float(np.tan(angle))
        starts = [round(FACE[0] * share + shift) - ROD // 2 for share in RODS]
        return [(start, start + ROD) for start in starts]


def draw_face(
    number: str,
    type_code: str = "",
    *,
    seed: int = 0,
    layout: Layout | str = Layout.TWO_LINES,
    door: Door | None = None,
) -> Face:
    """A face with `number` (painted as given, valid or not) and `type_code`.

    `seed` chooses the door unless it is given, and its dirt. Raises `ValueError` for an unknown layout.
    """
    layout = Layout(layout)
    door = door or Door.drawn(np.random.default_rng((seed, 0)))
    picture = np.empty((FACE[1], FACE[0], 3), np.uint8)
    picture[:] = door.paint
    lettering = Lettering(picture, door.lettering, door.condensed, door.clear and door.rods)
    lettering.paint(number, type_code, door.logo, layout)
    worn = _worn(picture, door, np.random.default_rng((seed, 2)))
    return Face(door, worn, tuple(lettering.characters))


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
    face = draw_face(number, type_code, seed=seed, layout=layout, door=door)
    return render_face(face, seed=seed, width=width, height=height, frame=frame, shot=shot)


def render_face(
    face: Face,
    *,
    seed: int = 0,
    width: int = 1280,
    height: int = 720,
    frame: int = 0,
    shot: Shot | None = None,
) -> bytes:
    """A JPEG of a face that was drawn; `seed` and `frame` choose the camera unless it is given, and noise."""
    rng = np.random.default_rng((seed, 1, frame))
    shot = shot or Shot.drawn(rng)
    return jpeg(photographed(face.before(shot), shot, (width, height), rng), shot.quality)


def render_lane(seed: int = 0, width: int = 1280, height: int = 720) -> bytes:
    """A JPEG of a lane on which nothing stands; `seed` chooses light and noise."""
    rng = np.random.default_rng((seed, 3))
    shot = Shot.drawn(rng)
    return jpeg(exposed(ground((width, height)), shot, rng), shot.quality)


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
    return face


def _rod(face: Picture, left: int, right: int, door: Door) -> None:
    middle = (left + right) // 2
    for x in range(max(left, 0), min(right, FACE[0])):
        light = 0.4 + 0.9 * (1 - abs(x - middle + 3) / 12)
        face[:, x] = np.clip(np.array(door.paint, np.float32) * light + 25 * light, 0, 255).astype(np.uint8)
