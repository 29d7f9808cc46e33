import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.camera.folder import SETTLE, FolderCamera
from drivers.errors import NotAvailable
from drivers.readings import Picture, Skip, Skipped


def jpeg(text: str) -> bytes:
    return b"\xff\xd8\xff\xe0" + text.encode() * 30 + b"\xff\xd9"


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path.stat().st_ctime)


@pytest.fixture
def looks(tmp_path: Path, clock: Clock) -> Iterator[Picture | Skipped | None]:
    return FolderCamera("drop", tmp_path, interval=0.0, clock=clock).read(threading.Event())


def put(folder: Path, name: str, data: bytes, order: int = 1) -> None:
    (folder / name).write_bytes(data)
    os.utime(folder / name, (order, order))


def test_new_files_come_once_and_oldest_first(
    tmp_path: Path, looks: Iterator[Picture | Skipped | None]
) -> None:
    assert next(looks) is None
    put(tmp_path, "a.jpg", jpeg("later"), order=200)
    put(tmp_path, "b.JPEG", jpeg("earlier"), order=100)
    assert [next(looks) for _ in range(3)] == [Picture(jpeg("earlier")), Picture(jpeg("later")), None]


def test_a_file_written_anew_is_a_new_picture(
    tmp_path: Path, looks: Iterator[Picture | Skipped | None]
) -> None:
    put(tmp_path, "snapshot.jpg", jpeg("one"), order=100)
    assert next(looks) == Picture(jpeg("one"))
    put(tmp_path, "snapshot.jpg", jpeg("two"), order=101)
    assert next(looks) == Picture(jpeg("two"))


def test_a_picture_says_how_long_it_lay_there(
    tmp_path: Path, clock: Clock, looks: Iterator[Picture | Skipped | None]
) -> None:
    put(tmp_path, "a.jpg", jpeg("one"))
    clock.now = (tmp_path / "a.jpg").stat().st_ctime + 12.5
    came = next(looks)
    assert isinstance(came, Picture)
    assert came.age_s == pytest.approx(12.5, abs=0.001)


def test_a_half_written_file_is_waited_for(tmp_path: Path, looks: Iterator[Picture | Skipped | None]) -> None:
    put(tmp_path, "a.jpg", jpeg("upload")[:50], order=100)
    assert next(looks) is None
    put(tmp_path, "a.jpg", jpeg("upload"), order=101)
    assert next(looks) == Picture(jpeg("upload"))


def test_a_file_that_stays_cut_is_skipped_and_holds_up_nothing(
    tmp_path: Path, looks: Iterator[Picture | Skipped | None], clock: Clock
) -> None:
    put(tmp_path, "a.jpg", jpeg("broken")[:50], order=100)
    put(tmp_path, "b.jpg", jpeg("good"), order=101)
    assert next(looks) == Picture(jpeg("good"))
    clock.now += SETTLE
    skipped = next(looks)
    assert isinstance(skipped, Skipped)
    assert skipped.skip is Skip.TOO_SHORT
    assert next(looks) is None


def test_pictures_from_long_before_are_passed_over(
    tmp_path: Path, looks: Iterator[Picture | Skipped | None], clock: Clock
) -> None:
    put(tmp_path, "yesterday.jpg", jpeg("another truck"))
    clock.now += 86_400
    assert next(looks) is None


def test_other_files_are_left_alone(tmp_path: Path, looks: Iterator[Picture | Skipped | None]) -> None:
    put(tmp_path, "notes.txt", b"text")
    put(tmp_path, ".hidden.jpg", jpeg("hidden"))
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    assert next(looks) is None


def test_an_opened_again_folder_repeats_nothing(tmp_path: Path, clock: Clock) -> None:
    camera = FolderCamera("drop", tmp_path, interval=0.0, clock=clock)
    put(tmp_path, "a.jpg", jpeg("one"))
    assert next(camera.read(threading.Event())) == Picture(jpeg("one"))
    assert next(camera.read(threading.Event())) is None


def test_a_missing_folder_cannot_be_opened(tmp_path: Path) -> None:
    camera = FolderCamera("drop", tmp_path / "gone")
    with pytest.raises(NotAvailable, match="gone"):
        next(camera.read(threading.Event()))


def test_the_stop_event_ends_it(tmp_path: Path, clock: Clock) -> None:
    stop = threading.Event()
    stop.set()
    put(tmp_path, "a.jpg", jpeg("one"))
    assert list(FolderCamera("drop", tmp_path, clock=clock).read(stop)) == []
