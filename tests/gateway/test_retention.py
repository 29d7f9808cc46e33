"""What a sweep removes, and what it never touches."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.retention import DAY_S, Swept, sweep
from gateway.site.site import Retention

NOW = 2_000_000_000.0
RULES = Retention(crops=1000, pictures=10, tapes=20, personal=15)


def file(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (NOW - days * DAY_S,) * 2)
    return path


def run(folder: Path) -> Swept:
    return sweep(folder, RULES, lambda: NOW)


def test_a_picture_that_proves_a_draft_stays_for_years(tmp_path: Path) -> None:
    proof = file(tmp_path / "evidence" / "aa" / "aa11.jpg", 900)
    file(tmp_path / "evidence" / "aa" / "aa11.proof", 900)
    other = file(tmp_path / "evidence" / "bb" / "bb22.jpg", 11)
    young = file(tmp_path / "evidence" / "cc" / "cc33.jpg", 9)
    assert run(tmp_path) == Swept(pictures=1)
    assert (proof.exists(), other.exists(), young.exists()) == (True, False, True)


def test_personal_data_ends_at_its_own_age(tmp_path: Path) -> None:
    old = file(tmp_path / "evidence" / "aa" / "aa11.json", 16)
    assert run(tmp_path) == Swept(personal=1)
    assert not old.exists()


def test_tapes_hold_personal_data_too_and_end_with_it(tmp_path: Path) -> None:
    old = file(tmp_path / "tapes" / "carril-1" / "20260101T000000000Z-00.jsonl", 16)
    file(tmp_path / "tapes" / "carril-1" / "20260201T000000000Z-00.jsonl", 1)
    assert run(tmp_path) == Swept(tapes=1)
    assert not old.exists()


def test_the_newest_tape_of_a_lane_is_never_removed(tmp_path: Path) -> None:
    only = file(tmp_path / "tapes" / "carril-1" / "20260101T000000000Z-00.jsonl", 400)
    assert run(tmp_path) == Swept()
    assert only.exists()


def test_an_empty_gate_has_nothing_to_sweep(tmp_path: Path) -> None:
    assert run(tmp_path) == Swept()
