import struct
import zlib

import numpy as np
import pytest

from ocr.picture import LARGEST, Flaw, announced_size, decode, flaw, is_cut_off, working_size


def encoded(image: np.ndarray, kind: str = ".png") -> bytes:
    import cv2

    return cv2.imencode(kind, image)[1].tobytes()


COLOUR = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)


@pytest.mark.parametrize(
    "image",
    [
        COLOUR,
        COLOUR[..., 0],
        np.dstack([COLOUR, np.full((60, 80), 40, np.uint8)]),
        COLOUR.astype(np.uint16) * 256,
        COLOUR[..., 0].astype(np.uint16) * 256,
    ],
    ids=["colour", "grey", "alpha", "16 bits", "grey of 16 bits"],
)
def test_every_kind_of_picture_becomes_eight_bit_colour(image: np.ndarray) -> None:
    picture = decode(encoded(image))
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((60, 80, 3), np.uint8)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"<html>404</html>", b"\x89PNG\r\n\x1a\n", bytes(1000), encoded(COLOUR)[:40]],
)
def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert decode(data) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Flaw.EMPTY),
        (encoded(COLOUR)[:40], Flaw.CUT_OFF),
        (encoded(np.zeros((16, 40, 3), np.uint8)), Flaw.TOO_SMALL),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 10_000, 10_000) + b"IEND", Flaw.TOO_LARGE),
        (b"<html>404</html>", None),
        (encoded(COLOUR), None),
    ],
)
def test_what_is_wrong_with_a_picture_is_known_before_it_is_opened(data: bytes, why: Flaw | None) -> None:
    assert flaw(data) is why


def test_a_picture_too_small_for_a_number_is_none() -> None:
    assert decode(encoded(np.zeros((16, 16, 3), np.uint8))) is None


@pytest.mark.parametrize("kind", [".png", ".jpg"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_picture_that_is_cut_off_is_none(kind: str, share: float) -> None:
    data = encoded(COLOUR.repeat(8, 0).repeat(8, 1), kind)
    assert not is_cut_off(data)
    assert is_cut_off(data[: int(len(data) * share)])
    assert decode(data[: int(len(data) * share)]) is None


def test_what_a_camera_adds_after_a_jpeg_does_no_harm() -> None:
    assert decode(encoded(COLOUR, ".jpg") + bytes(3000)) is not None


@pytest.mark.parametrize("kind", [".png", ".jpg"])
def test_the_head_tells_the_size(kind: str) -> None:
    assert announced_size(encoded(COLOUR, kind)) == (80, 60)


def test_a_picture_that_would_fill_the_memory_is_not_opened() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk
    assert announced_size(bomb) == (60_000, 60_000)
    assert decode(bomb) is None


def test_large_and_small_pictures_are_brought_to_a_working_size() -> None:
    large, scale = working_size(np.zeros((3000, 5200, 3), np.uint8))
    assert (max(large.shape), scale) == (LARGEST, 2.0)
    small, scale = working_size(np.zeros((100, 200, 3), np.uint8))
    assert (small.shape, scale) == ((200, 400, 3), 0.5)
    same, scale = working_size(COLOUR.repeat(8, 0).repeat(8, 1))
    assert (same.shape, scale) == ((480, 640, 3), 1.0)
