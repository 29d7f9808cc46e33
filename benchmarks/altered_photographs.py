"""Photographs altered in ways that no limit was set with: what is still read, and above all what falsely.

    jpeg        quality 30                              left, right   turned by 8 degrees
    oblique     a sixth of the right edge lost          pale, deep    gamma 0.45 and 2.2
    moving      blurred along 9 pixels of 1000          rails         dark bars over a tenth of the width
    cut         the left 60 % only                      mirrored      as in a mirror: nothing can be right
    overhead    upside down                             patched       a grey patch over a ninth

Each way takes every so-manyth photograph, the next way the ones after. A number counts as false when it is
not on the label, in a mirror whenever one is accepted.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading import Label, bound
from gateway.reading import container_reader

Image = NDArray[np.uint8]
MIRRORED = "mirrored"


def turned(image: Image, degrees: float) -> Image:
    import cv2

    high, wide = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def oblique(image: Image) -> Image:
    import cv2

    high, wide = image.shape[:2]
    whole = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    seen = np.array([[0, 0], [wide * 0.85, high / 12], [wide * 0.85, high * 11 / 12], [0, high]], np.float32)
    return np.asarray(
        cv2.warpPerspective(image, cv2.getPerspectiveTransform(whole, seen), (wide, high)), np.uint8
    )


def curved(image: Image, gamma: float) -> Image:
    return np.asarray((image / np.float32(255)) ** gamma * 255, np.uint8)


def moving(image: Image) -> Image:
    import cv2

    length = max(2, round(max(image.shape[:2]) * 9 / 1000))
    return np.asarray(cv2.filter2D(image, -1, np.full((1, length), 1 / length, np.float32)), np.uint8)


def rails(image: Image) -> Image:
    out, wide = image.copy(), image.shape[1]
    for place in range(wide // 20, wide, wide // 10):
        out[:, place : place + max(1, wide // 100)] = (40, 40, 45)
    return out


def patched(image: Image) -> Image:
    out, (high, wide) = image.copy(), image.shape[:2]
    rng = np.random.default_rng((high, wide))
    top, left = int(rng.integers(0, high * 2 // 3)), int(rng.integers(0, wide * 2 // 3))
    out[top : top + high // 3, left : left + wide // 3] = (128, 128, 128)
    return out


WAYS: dict[str, tuple[Callable[[Image], Image], int]] = {
    "jpeg": (lambda image: image, 30),
    "left": (lambda image: turned(image, 8), 90),
    "right": (lambda image: turned(image, -8), 90),
    "oblique": (oblique, 90),
    "pale": (lambda image: curved(image, 0.45), 90),
    "deep": (lambda image: curved(image, 2.2), 90),
    "moving": (moving, 90),
    "rails": (rails, 90),
    "cut": (lambda image: image[:, : image.shape[1] * 3 // 5], 90),
    MIRRORED: (lambda image: image[:, ::-1], 90),
    "overhead": (lambda image: image[::-1, ::-1], 90),
    "patched": (patched, 90),
}
"""Name, how it is made, JPEG quality."""


def run(known: Sequence[Label], every: int) -> None:
    reader = container_reader()
    accepts, wrong, shown = 0, 0, []
    print(f"\naltered photographs, one in {every} for each way:")
    for k, (name, (made, quality)) in enumerate(WAYS.items()):
        right, some = 0, list(islice(known, k % every, None, every))
        for label in some:
            numbers = reader.read(copy_of(label, made, quality)).numbers
            false = [n for n in numbers if name == MIRRORED or n not in label.numbers]
            accepts, wrong = accepts + len(numbers), wrong + len(false)
            shown += [f"    {label.file.name} {name}: {number}" for number in false]
            right += label.scored and bool(label.numbers & set(numbers))
        print(f"  {name:<9} {right} of {sum(label.scored for label in some)} read", flush=True)
    print("\n".join((f"  false accepts {bound(wrong, accepts)}", *shown)))


def copy_of(label: Label, made: Callable[[Image], Image], quality: int) -> bytes:
    import cv2

    image = np.ascontiguousarray(made(np.asarray(cv2.imread(str(label.file), cv2.IMREAD_COLOR), np.uint8)))
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
