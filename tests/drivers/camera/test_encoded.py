import pytest

from drivers.camera.encoded import JPEG, LARGEST, PNG, is_whole, media_type, picture
from drivers.readings import Picture, Skip, Skipped

WHOLE = b"\xff\xd8\xff\xe0" + b"pixels" * 20 + b"\xff\xd9"


def test_a_whole_jpeg_is_kept_as_it_came() -> None:
    assert picture(WHOLE) == Picture(WHOLE, JPEG)


def test_padding_after_the_end_is_allowed() -> None:
    assert is_whole(WHOLE + b"\r\n")
    assert is_whole(WHOLE + bytes(5000))


def test_a_whole_png_is_a_picture() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"pixels" + b"\0\0\0\0IEND\xaeB`\x82"
    assert media_type(png) == PNG
    assert picture(png) == Picture(png, PNG)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Skip.NOT_MINE),
        (b"<html>login</html>", Skip.NOT_MINE),
        (WHOLE[:-30], Skip.TOO_SHORT),
        (WHOLE[:3], Skip.TOO_SHORT),
        (b"\xff\xd8\xff" + bytes(LARGEST), Skip.IMPOSSIBLE),
    ],
    ids=["empty", "web page", "cut", "start only", "too large"],
)
def test_what_is_no_picture_has_a_reason(data: bytes, reason: Skip) -> None:
    skipped = picture(data)
    assert isinstance(skipped, Skipped)
    assert skipped.skip is reason
    assert len(skipped.raw) <= 64
