"""Three worse copies of every photograph: what is still read, and above all what is then read falsely.

    small    0.55 of the size (660 pixels on the longer side at most), strong JPEG
    blurred  900 pixels at most, Gaussian blur of 1.3 pixels, noise
    dark     0.75 of the size, little light with a steeper curve, noise

Copies of one photograph are no independent samples: the bound that is printed is too narrow by that.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading import Label, bound
from gateway.reading import container_reader

Image = NDArray[np.uint8]


def scaled(image: Image, factor: float, most: int) -> Image:
    import cv2

    longer = max(image.shape[:2])
    ratio = factor * min(longer, most) / longer
    return np.asarray(cv2.resize(image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)


def noisy(image: NDArray[np.floating], level: float) -> Image:
    noise = np.random.default_rng(1).normal(0, level, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def small(image: Image) -> Image:
    return scaled(image, 0.55, 1200)


def blurred(image: Image) -> Image:
    import cv2

    copy = scaled(image, 1.0, 900)
    width = 1.3 if max(copy.shape) >= 500 else 0.9
    return noisy(np.asarray(cv2.GaussianBlur(copy, (0, 0), width), np.float32), 8)


def dark(image: Image) -> Image:
    return noisy((scaled(image, 0.75, 1200) / np.float32(255)) ** 1.8 * 150, 5)


COPIES = {"small": (small, 50), "blurred": (blurred, 45), "dark": (dark, 60)}
"""Name, how it is made, JPEG quality."""


def run(known: Sequence[Label]) -> None:
    reader = container_reader()
    accepts, wrong, shown = 0, 0, []
    print("\ndegraded copies:")
    for name, (made, quality) in COPIES.items():
        right = 0
        for label in known:
            sighting = reader.read(copy_of(label.file, made, quality))
            accepts += len(sighting.numbers)
            false = [number for number in sighting.numbers if number not in label.numbers]
            wrong += len(false)
            shown += [f"    {label.file.name} {name}: {number}" for number in false]
            right += label.scored and sighting.number in label.numbers
        print(f"  {name:<8} {right} of {sum(label.scored for label in known)} accepted and right")
    print("\n".join((f"  false accepts {bound(wrong, accepts)}", *shown)))


def copy_of(file: Path, made: Callable[[Image], Image], quality: int) -> bytes:
    import cv2

    image = made(np.asarray(cv2.imread(str(file), cv2.IMREAD_COLOR), np.uint8))
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
