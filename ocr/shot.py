"""A drawn face before a camera: where it stands, perspective, light, blur and noise."""

from dataclasses import dataclass

import numpy as np

from ocr.quad import Picture, Quad

POST = (70, 90, 95)
"""Blue, green, red of a weathered post."""


@dataclass(frozen=True, slots=True)
class Shot:
    """How the camera stands before the face and what it makes of it.

    `turn` and `tilt` are the share by which the far edge is shorter, `roll` degrees, `size` a share of the
    picture's height, `place` shares of the room that is left, `light` 1 in full light, `blur`, `motion`
    and `noise` pixels and levels, `quality` the JPEG's.
    """

    turn: float
    tilt: float
    roll: float
    size: float
    place: tuple[float, float]
    light: float
    blur: float
    motion: float
    noise: float
    quality: int
    post: tuple[float, float] | None = None
    """Left and right edge of a post that stands between camera and face, as shares of the picture's width."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Shot":
        """A camera by chance, as they hang at gates."""
        return cls(
            turn=float(rng.uniform(-0.22, 0.22)),
            tilt=float(rng.uniform(-0.08, 0.12)),
            roll=float(rng.uniform(-4, 4)),
            size=float(rng.uniform(0.85, 1.25)),
            place=(float(rng.uniform(0.2, 0.8)), float(rng.uniform(0, 0.25))),
            light=float(rng.uniform(0.35, 1.1)),
            blur=float(rng.uniform(0, 0.9)),
            motion=float(rng.choice([0, 0, 0, 2, 3])),
            noise=float(rng.uniform(1, 8)),
            quality=int(rng.integers(60, 93)),
        )


def photographed(face: Picture, shot: Shot, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """The face as the camera sees it in a picture of `size` (width, height); `rng` is the sensor's noise."""
    import cv2

    picture = ground(size)
    high, wide = face.shape[:2]
    corners = corners_of(shot, size, wide / high)
    source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    small = _reduced(face, source, corners)
    matrix = cv2.getPerspectiveTransform(source * (small.shape[1] / wide), corners)
    picture = np.asarray(
        cv2.warpPerspective(
            small, matrix, size, dst=picture.copy(), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
        ),
        np.uint8,
    )
    if shot.post is not None:
        left, right = (round(share * size[0]) for share in shot.post)
        picture[:, max(0, left) : max(0, right)] = POST
    return exposed(picture, shot, rng)


def ground(size: tuple[int, int]) -> Picture:
    """The lane's concrete, lighter far away."""
    wide, high = size
    shades = np.linspace(0.55, 0.3, high, dtype=np.float32)[:, None, None]
    return np.broadcast_to(shades * np.array([205, 200, 190], np.float32), (high, wide, 3)).astype(np.uint8)


def _reduced(face: Picture, source: Quad, corners: Quad) -> Picture:
    """The face brought down by averaging, so that the perspective does not skip its pixels."""
    import cv2

    ratio = float(np.ptp(corners[:, 1]) / np.ptp(source[:, 1]))
    if ratio >= 0.9:
        return face
    scaled = cv2.resize(face, None, fx=ratio * 1.1, fy=ratio * 1.1, interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)


def corners_of(shot: Shot, size: tuple[int, int], shape: float) -> Quad:
    """Where the corners of a face, `shape` times as wide as high, come to lie in the picture."""
    high = size[1] * shot.size
    wide = high * shape * (1 - abs(shot.turn))
    left, right = high * (1 - max(0.0, shot.turn)), high * (1 - max(0.0, -shot.turn))
    narrow = wide * abs(shot.tilt) / 2
    top, bottom = (narrow if shot.tilt > 0 else 0.0), (narrow if shot.tilt < 0 else 0.0)
    points = np.array(
        [
            [top, (high - left) / 2],
            [wide - top, (high - right) / 2],
            [wide - bottom, (high + right) / 2],
            [bottom, (high + left) / 2],
        ]
    )
    angle = np.radians(shot.roll)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = points.mean(0)
    points = (points - centre) @ rotation + centre
    free = np.array([size[0] - wide, size[1] - high])
    return np.asarray(points + free * np.array(shot.place), np.float32)


def exposed(picture: Picture, shot: Shot, rng: np.random.Generator) -> Picture:
    """Light, blur and noise of a shot."""
    import cv2

    out = picture.astype(np.float32)
    if shot.blur > 0.2:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), shot.blur), np.float32)
    if shot.motion >= 2:
        kernel = np.zeros((1, int(shot.motion)), np.float32) + 1 / int(shot.motion)
        out = np.asarray(cv2.filter2D(out, -1, kernel), np.float32)
    slope = np.linspace(1.05, 0.85, picture.shape[1], dtype=np.float32)[None, :, None]
    out = out * shot.light * slope + rng.normal(0, shot.noise, out.shape).astype(np.float32)
    return np.clip(out, 0, 255).astype(np.uint8)
