"""What is painted on a drawn face, letter by letter."""

import numpy as np
import pytest

from ocr.lettering import FACE, Lettering


@pytest.mark.parametrize("text", ["ITLU", "TTKU", "VAVA", "LTYJ", "KAFT"])
def test_no_two_letters_touch(text: str) -> None:
    cv2 = pytest.importorskip("cv2")
    face = np.zeros((FACE[1], FACE[0], 3), np.uint8)
    written = Lettering(face, (255, 255, 255), condensed=1.0).write(text, (100, 100), 150)
    pieces, _ = cv2.connectedComponents((face[:, :, 0] > 64).astype(np.uint8))
    assert pieces - 1 == len(text) == len(written)


def test_every_letter_stands_within_its_rectangle() -> None:
    face = np.zeros((FACE[1], FACE[0], 3), np.uint8)
    written = Lettering(face, (255, 255, 255), condensed=0.8).write("ITTU", (100, 100), 150)
    centres = [(left + right) // 2 for left, _, right, _ in written]
    for (left, _, right, _), centre in zip(written, centres, strict=True):
        columns = np.flatnonzero(face[100:250, left:right, 0].any(axis=0)) + left
        assert columns.min() <= centre <= columns.max()
    assert centres == sorted(centres)
