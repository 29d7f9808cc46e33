"""Evidence: a file is named by what it holds, and is there whole or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gateway.evidence import EvidenceStore
from record.proof import sha256


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_found_under_its_hash(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    digest = store.keep(b"a picture")
    assert digest == sha256(b"a picture")
    assert store.path(digest).read_bytes() == b"a picture"
    assert store.path(digest).relative_to(tmp_path) == Path("evidence", digest[:2], f"{digest}.jpg")


def test_the_same_file_is_kept_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    first = store.path(store.keep(b"a picture"))
    written = first.stat().st_mtime_ns
    assert store.path(store.keep(b"a picture")).stat().st_mtime_ns == written
    assert files(tmp_path) == [first]


def test_other_kinds_of_files_have_their_own_suffix(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    digest = store.keep(b"{}", ".json")
    assert [path.name for path in files(tmp_path)] == [f"{digest}.json"]


def test_many_threads_may_keep_the_same_file_at_once(tmp_path: Path) -> None:
    store, start, kept = EvidenceStore(tmp_path), threading.Barrier(8), list[str]()

    def keep() -> None:
        start.wait()
        for number in range(20):
            kept.append(store.keep(b"%d" % number * 1000))

    threads = [threading.Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 160
    assert len(files(tmp_path)) == 20
    assert all(sha256(path.read_bytes()) == path.stem for path in files(tmp_path))


def test_where_nothing_can_be_written_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where the folder should be")
    store = EvidenceStore(tmp_path / "evidence")
    with pytest.raises(OSError, match="evidence"):
        store.keep(b"a picture")


def test_a_write_that_fails_leaves_no_part_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    store = EvidenceStore(tmp_path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.keep(b"a picture")
    assert files(tmp_path) == []
    monkeypatch.undo()
    assert store.path(store.keep(b"a picture")).exists()
