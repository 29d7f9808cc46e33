"""Boxes over pictures: the size from the first bytes, and corners brought back to the whole picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.drawing import Sizes, drawing
from gateway.console.picture_size import picture_size
from ocr.picture import jpeg
from ocr.render import render_door
from ocr.view import View


def test_the_size_of_a_real_picture_is_found() -> None:
    import cv2
    import numpy as np

    pixels = np.zeros((90, 160, 3), np.uint8)
    assert picture_size(jpeg(pixels)) == (160, 90)
    for kind in (".png", ".bmp", ".jpg"):
        assert picture_size(cv2.imencode(kind, pixels)[1].tobytes()) == (160, 90)
    assert picture_size(render_door("CSQU3054383")) is not None


@given(
    st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff", b"BM", b"\x89PNG\r\n\x1a\n"])
)
def test_anything_else_has_none_or_a_size_above_nothing(data: bytes, head: bytes) -> None:
    found = picture_size(head + data)
    assert found is None or min(found) > 0


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_corner_goes_back_to_where_the_view_took_it_from(turn: int, mirror: bool) -> None:
    import cv2
    import numpy as np

    from ocr.view import applied

    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[30:34, 120:124] = 255
    view = View((0.25, 0.1, 0.9, 0.8), turn, mirror)
    seen = cv2.imdecode(np.frombuffer(applied(cv2.imencode(".png", pixels)[1].tobytes(), view), np.uint8), 0)
    rows, columns = np.nonzero(seen > 100)
    spot = (float(columns.mean()) + 0.5, float(rows.mean()) + 0.5)
    made = drawing((200, 100), [(spot,) * 4], view)
    assert made is not None
    x, y = map(float, made.polygons[0].split()[0].split(","))
    assert abs(x - 122) <= 1
    assert abs(y - 32) <= 1


def test_sizes_are_remembered_and_bounded(tmp_path: Path) -> None:
    sizes = Sizes(lambda digest: tmp_path / digest)
    assert sizes.of("a") is None
    (tmp_path / "a").write_bytes(b"BM" + b"\0" * 16 + b"\x02\0\0\0\x03\0\0\0")
    assert sizes.of("a") == (2, 3)
    (tmp_path / "a").unlink()
    assert sizes.of("a") == (2, 3)
    for number in range(300):
        (tmp_path / str(number)).write_bytes(b"no picture")
        sizes.of(str(number))
    assert sizes.of("a") is None
