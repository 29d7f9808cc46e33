"""Real photographs in a rehearsal: only those whose container a person has read and the site can weigh."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.rehearsal.photos import photos
from record.identifiers import container

HEADER = "file,number,type_code,scored,check_ok,layout\n"
GOOD = "a.jpg,MSCU1234566,22G1,1,1,h1\n"


def folder(at: Path, rows: str) -> Path:
    (at / "labels.csv").write_text(HEADER + rows, encoding="utf-8")
    (at / "a.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    return at


def test_a_usable_photograph_is_found_with_its_label(tmp_path: Path) -> None:
    (photo,) = photos(folder(tmp_path, GOOD), {"22G1"})
    assert (photo.path, photo.number, photo.type_code) == (tmp_path / "a.jpg", "MSCU1234566", "22G1")


@pytest.mark.parametrize(
    "row",
    [
        "a.jpg,MSCU1234566,22G1,0,1,h1\n",
        "a.jpg,MSCU1234566,22G1,1,0,h1\n",
        "a.jpg,MSCU1234566,22G1,1,1,v1\n",
        "a.jpg,MSCU1234566,45G1,1,1,h1\n",
        "a.jpg,MSCU123,22G1,1,1,h1\n",
        "a.png,MSCU1234566,22G1,1,1,h1\n",
        "absent.jpg,MSCU1234566,22G1,1,1,h1\n",
    ],
)
def test_what_a_rehearsal_cannot_use_is_left_out(tmp_path: Path, row: str) -> None:
    assert photos(folder(tmp_path, row), {"22G1"}) == []


def test_no_folder_is_no_photographs(tmp_path: Path) -> None:
    assert photos(tmp_path / "absent", {"22G1"}) == []


def test_the_photographs_at_hand_have_right_numbers() -> None:
    house = Path(__file__).resolve().parents[3]
    at_hand = house.parent / "shared" / "data" / "photos"
    if not at_hand.is_dir():
        pytest.skip(f"no photographs at {at_hand}")
    found = photos(at_hand, {"22G1", "42G1", "45G1", "45R1", "22R1"})
    assert found
    assert all(container.check_digit(photo.number[:10]) == int(photo.number[10]) for photo in found)
