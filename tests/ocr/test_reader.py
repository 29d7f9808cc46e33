import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr.reader import ContainerReader
from ocr.render import Door, Layout, render_door
from ocr.shot import Shot
from ocr.sighting import Sighting, Status
from record.identifiers.container import check_digit

PHOTOGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"
SAMPLE = (
    "lin-kuanch_013.jpg",
    "container-_048.png",
    "paaskall_068.png",
    "alimustoof_101.jpg",
    "lamnguyenk_129.png",
    "macarize_149.jpg",
)
"""Small pictures of several layouts and places, quickly read."""

NUMBER = "MSKU4135329"
CLOSE = Shot(0.05, 0.02, 1.0, 1.2, (0.5, 0.1), 1.0, 0.3, 0, 2.0, 90)
PLAIN = replace(Door.drawn(np.random.default_rng(3)), rods=False, dirt=0.0, depth=0.1)
WHITE = replace(PLAIN, paint=(205, 205, 200), lettering=(20, 20, 20))


def painted(number: str = NUMBER, layout: Layout = Layout.TWO_LINES, door: Door = PLAIN) -> bytes:
    return render_door(number, "45G1", seed=3, layout=layout, width=640, height=480, shot=CLOSE, door=door)


def pixels(data: bytes) -> np.ndarray:
    import cv2

    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def encoded(image: np.ndarray, kind: str = ".png") -> bytes:
    import cv2

    return cv2.imencode(kind, image)[1].tobytes()


def written(*lines: str) -> bytes:
    """A sheet with lines of text."""
    import cv2

    sheet = np.full((60 + 60 * len(lines), 640, 3), 60, np.uint8)
    for k, line in enumerate(lines):
        cv2.putText(sheet, line, (20, 60 + 60 * k), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (240, 240, 240), 3)
    return encoded(sheet)


@pytest.mark.parametrize("layout", list(Layout))
def test_every_layout_is_read(reader: ContainerReader, layout: Layout) -> None:
    sighting = reader.read(painted(layout=layout))
    assert (sighting.status, sighting.number) == (Status.ACCEPTED, NUMBER)
    assert sighting.numbers == (NUMBER,)
    assert sighting.candidates[0].number == NUMBER
    assert sighting.cost is not None and sighting.cost < 3
    assert sighting.margin is not None and sighting.margin > 3
    assert sighting.cpu_ms > 0


@pytest.mark.parametrize("layout", [Layout.TWO_LINES, Layout.OWNER_ABOVE])
def test_the_size_type_below_the_number_is_read(reader: ContainerReader, layout: Layout) -> None:
    assert reader.read(painted(layout=layout)).type_code == "45G1"


def test_boxes_are_where_the_number_is(reader: ContainerReader) -> None:
    sighting = reader.read(painted())
    x, y = np.array(sighting.boxes).reshape(-1, 2).mean(0)
    blank = pixels(painted(number=" " * 11)).astype(int)
    rows, columns = np.nonzero(np.abs(pixels(painted()).astype(int) - blank).max(2) > 60)
    assert columns.min() < x < columns.max()
    assert rows.min() < y < rows.max()
    assert sighting.crop is not None
    assert min(pixels(sighting.crop).shape[:2]) >= 8


@pytest.mark.parametrize(
    "turned",
    [
        lambda image: image[::-1, ::-1],
        lambda image: np.rot90(image),
        lambda image: np.rot90(image, 3),
    ],
    ids=["upside down", "on its left side", "on its right side"],
)
def test_a_camera_may_hang_any_way(
    reader: ContainerReader, turned: Callable[[np.ndarray], np.ndarray]
) -> None:
    assert reader.read(encoded(turned(pixels(painted())))).number == NUMBER


def test_two_containers_in_one_picture_are_two_numbers(reader: ContainerReader) -> None:
    other = "TRLU6689574"
    both = np.hstack([pixels(painted()), pixels(painted(other, door=WHITE))])
    sighting = reader.read(encoded(both))
    assert set(sighting.numbers) == {NUMBER, other}
    assert sighting.number in sighting.numbers


def test_a_small_number_behind_a_near_one_comes_second(reader: ContainerReader) -> None:
    [(name, numbers)] = labelled(("lin-kuanch_007.jpg",))
    near, behind = reader.read((PHOTOGRAPHS / name).read_bytes()).numbers
    assert {near, behind} == numbers
    assert near == "MEDU2484381"


def test_a_wrong_check_digit_is_said_to_be_invalid(reader: ContainerReader) -> None:
    sighting = reader.read(painted("MSKU4135320"))
    assert (sighting.status, sighting.number, sighting.seen) == (Status.INVALID, None, "MSKU4135320")


def test_a_number_that_is_cut_off_is_partial(reader: ContainerReader) -> None:
    sighting = reader.read(written("MSKU 4135"))
    assert (sighting.status, sighting.number, sighting.seen) == (Status.PARTIAL, None, "MSKU4135")


@pytest.mark.parametrize(
    "lines",
    [
        ("TEL. 0987654321", "FAX 04 2345678"),
        ("MAX.GROSS 30,480 KG", "67,200 LB", "TARE 2,230 KG"),
        ("CSC SAFETY APPROVAL", "GB-LR 1234567 03/2019", "STACKING 192000 KG"),
    ],
    ids=["telephone", "weights", "safety plate"],
)
def test_other_texts_are_no_numbers(reader: ContainerReader, lines: tuple[str, ...]) -> None:
    sighting = reader.read(written(*lines))
    assert sighting.number is None
    assert sighting.numbers == ()
    assert sighting.status is not Status.ACCEPTED


@pytest.mark.parametrize(
    "image",
    [
        np.full((480, 640, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8),
    ],
    ids=["one colour", "noise"],
)
def test_a_picture_of_nothing_is_said_to_show_nothing(reader: ContainerReader, image: np.ndarray) -> None:
    sighting = reader.read(encoded(image))
    assert (sighting.status, sighting.candidates, sighting.boxes) == (Status.NOTHING, (), ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>401</body></html>",
        painted()[:5000],
        encoded(np.zeros((16, 16, 3), np.uint8)),
        encoded(np.zeros((2, 4000, 3), np.uint8)),
    ],
    ids=["no bytes", "html", "cut off", "16 pixels", "a line"],
)
def test_what_is_no_picture_is_unreadable(reader: ContainerReader, data: bytes) -> None:
    sighting = reader.read(data)
    assert (sighting.status, sighting.number, sighting.candidates) == (Status.UNREADABLE, None, ())


def _large(image: np.ndarray) -> bytes:
    import cv2

    return encoded(cv2.resize(image, (5200, 3900)), ".jpg")


@pytest.mark.parametrize(
    "changed",
    [
        _large,
        lambda image: encoded(image[..., 0]),
        lambda image: encoded(np.dstack([image, np.full(image.shape[:2], 9, np.uint8)])),
        lambda image: encoded(image.astype(np.uint16) * 257),
    ],
    ids=["20 megapixels", "grey", "alpha", "16 bits"],
)
def test_unusual_pictures_are_read(reader: ContainerReader, changed: Callable[[np.ndarray], bytes]) -> None:
    assert reader.read(changed(pixels(painted()))).number == NUMBER


def test_boxes_of_a_large_picture_are_in_its_own_pixels(reader: ContainerReader) -> None:
    large = np.array(reader.read(_large(pixels(painted()))).boxes).reshape(-1, 2).mean(0)
    small = np.array(reader.read(painted()).boxes).reshape(-1, 2).mean(0)
    assert np.allclose(large / (5200 / 640), small, atol=12)


def read_twice(reader: ContainerReader, data: bytes) -> tuple[Sighting, Sighting]:
    first, second = (replace(reader.read(data), cpu_ms=0.0) for _ in range(2))
    return first, second


def test_the_same_picture_is_read_the_same_way(reader: ContainerReader) -> None:
    first, second = read_twice(reader, painted())
    assert first == second


@pytest.mark.long
def test_300_doors_none_falsely(reader: ContainerReader, owners: frozenset[str]) -> None:
    listed, read = sorted(owners), 0
    for seed in range(300):
        rng = np.random.default_rng((seed, 9))
        first = listed[int(rng.integers(len(listed)))] + f"{int(rng.integers(10**6)):06d}"
        right = f"{first}{check_digit(first)}"
        sighting = reader.read(render_door(right, "22G1", seed=seed, layout=list(Layout)[seed % 5]))
        assert sighting.numbers in ((), (right,)), f"seed {seed}: {right} read as {sighting.numbers}"
        read += sighting.number == right
    assert read >= 270


def labelled(names: tuple[str, ...]) -> list[tuple[str, frozenset[str]]]:
    if not (PHOTOGRAPHS / "labels.csv").is_file():
        pytest.skip(f"NO PHOTOGRAPHS: {PHOTOGRAPHS} is absent, reading of real doors is NOT tested")
    with (PHOTOGRAPHS / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: frozenset(row["number"].split(";")) for row in csv.DictReader(file)}
    return [(name, rows[name]) for name in names]


def test_a_sample_of_photographs_is_read(reader: ContainerReader) -> None:
    for name, numbers in labelled(SAMPLE):
        sighting = reader.read((PHOTOGRAPHS / name).read_bytes())
        assert sighting.number in numbers, f"{name}: {sighting.status} {sighting.candidates[:1]}"
