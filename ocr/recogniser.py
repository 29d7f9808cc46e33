"""What a line of text says: a recogniser of PP-OCR, cut down to the characters that a container shows."""

from pathlib import Path

import numpy as np

from ocr.network import Network
from ocr.quad import Picture
from ocr.slots import ALPHABET, Slots, from_steps

HEIGHT = 48
"""Pixels to which every line is brought: the network knows no other height."""
WIDEST = 640
NARROWEST = 64
LOWER = slice(1 + len(ALPHABET), None)


class Recogniser:
    """Reads one line of text at a time."""

    def __init__(self, path: Path) -> None:
        self._network = Network(path)

    def read(self, line: Picture) -> Slots:
        """The slots of an upright line, small letters taken as capitals."""
        chance = self._network.run(_tensor(line))[0]
        marks = chance[:, 1 : 1 + len(ALPHABET)].copy()
        marks[:, 10:] += chance[:, LOWER]
        return from_steps(marks)


def _tensor(line: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    import cv2

    high, wide = line.shape[:2]
    target = min(WIDEST, max(16, -(-HEIGHT * wide // high)))
    target = -(-target // 8) * 8
    small = cv2.resize(line, (target, HEIGHT), interpolation=cv2.INTER_LINEAR)
    planes = np.zeros((1, 3, HEIGHT, max(target, NARROWEST)), np.float32)
    for k in range(3):
        np.multiply(small[..., k], np.float32(1 / 127.5), out=planes[0, k, :, :target])
    planes[..., :target] -= np.float32(1)
    return planes
