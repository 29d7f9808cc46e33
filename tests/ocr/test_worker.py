import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ocr.sighting import Sighting, Status
from ocr.worker import MEGABYTE, ReadingWorker, WorkerState

READERS = """
import os, resource, time
from ocr.sighting import Sighting, Status

def seen(text):
    return Sighting(text, (text,), None, Status.ACCEPTED, 0.0, 9.0, (), (), None, 1.0)

class Reader:
    def __init__(self, greeting):
        self.greeting = greeting
        self.count = 0

    def read(self, data, expected):
        self.count += 1
        if data == b"die":
            os._exit(3)
        if data == b"abort":
            os.abort()
        if data == b"hang":
            time.sleep(60)
        if data == b"raise":
            raise ValueError("no such picture")
        if data == b"eat":
            bytearray(1 << 31)
        if data.startswith(b"wait for "):
            while not os.path.exists(data[9:]):
                time.sleep(0.01)
        if data == b"nice":
            return seen(str(os.nice(0)))
        return seen(f"{self.greeting} {data.decode()} {self.count} {sorted(expected)}")

def make(greeting="read"):
    return Reader(greeting)

def refuse():
    raise FileNotFoundError("no networks")

class Length:
    def read(self, data, expected):
        return len(data)

class Following(Length):
    def follow(self, data, expected, series):
        return f"{series}: {len(data)}"
"""


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module that the reading process can import as well as this one."""
    name = f"readers_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(READERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return __import__(name)


@pytest.fixture
def worker(readers: Any) -> Iterator[ReadingWorker]:
    others = {"length": readers.Length, "following": readers.Following}
    with ReadingWorker(readers.make, others=others, give_up_after=1.0) as worker:
        yield worker


class Answers:
    """Collects what a worker answers, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Any] = queue.Queue()

    def __call__(self, seen: Any) -> None:
        self._queue.put(seen)

    def next(self) -> Any:
        return self._queue.get(timeout=30)


def ask(worker: ReadingWorker, data: bytes, key: str = "front") -> Sighting:
    answers = Answers()
    worker.submit(key, data, frozenset(), answers)
    seen = answers.next()
    assert isinstance(seen, Sighting)
    return seen


def test_a_picture_is_read_in_another_process(worker: ReadingWorker) -> None:
    answers = Answers()
    worker.submit("front", b"picture", frozenset({"MSKU6011672"}), answers)
    assert answers.next().number == "read picture 1 ['MSKU6011672']"
    assert worker.pid not in (None, os.getpid())


def test_the_process_starts_at_the_first_picture_and_is_kept(worker: ReadingWorker) -> None:
    assert worker.pid is None
    first = ask(worker, b"one"), worker.pid
    second = ask(worker, b"two"), worker.pid
    assert (first[0].number, second[0].number) == ("read one 1 []", "read two 2 []")
    assert first[1] == second[1]


def test_the_process_is_polite(worker: ReadingWorker) -> None:
    assert ask(worker, b"nice").number == str(min(19, os.nice(0) + 10))


@pytest.mark.parametrize("deadly", [b"die", b"abort", b"hang", b"raise", b"eat"])
def test_a_deadly_picture_costs_itself_only(worker: ReadingWorker, deadly: bytes) -> None:
    assert ask(worker, deadly).status is Status.UNREADABLE
    assert ask(worker, b"next").status is Status.ACCEPTED


def test_what_went_wrong_is_counted(worker: ReadingWorker) -> None:
    for data in (b"die", b"hang", b"raise", b"fine"):
        ask(worker, data)
    status = worker.status
    assert (status.lost, status.slow, status.failed, status.read) == (1, 1, 1, 1)
    assert status.state is WorkerState.READY
    assert status.error is not None
    assert "no such picture" in status.error


def test_only_the_newest_picture_of_a_camera_waits(worker: ReadingWorker, tmp_path: Path) -> None:
    answers, gate = Answers(), tmp_path / "open"
    worker.submit("front", b"wait for " + os.fsencode(gate), frozenset(), answers)
    while worker.status.state is not WorkerState.READING or worker._queue:
        time.sleep(0.005)
    for data in (b"first", b"second", b"third"):
        worker.submit("front", data, frozenset(), answers)
        worker.submit("rear", data, frozenset(), answers)
    gate.touch()
    numbers = [str(answers.next().number).split()[1] for _ in range(3)]
    assert numbers == ["wait", "third", "third"]
    assert worker.status.replaced == 4


def test_another_reader_answers_beside_it(worker: ReadingWorker) -> None:
    answers = Answers()
    worker.submit("documents", b"12345", frozenset(), answers, reader="length")
    assert answers.next() == 5
    with pytest.raises(KeyError, match="unknown"):
        worker.submit("documents", b"12345", frozenset(), answers, reader="unknown")


def test_a_reader_that_puts_pictures_together_hears_whose_they_are(worker: ReadingWorker) -> None:
    answers = Answers()
    worker.submit("entry/rear/visit-7", b"12345", frozenset(), answers, reader="following")
    assert answers.next() == "entry/rear/visit-7: 5"


def test_a_quiet_process_ends_and_comes_back(readers: Any) -> None:
    with ReadingWorker(partial(readers.make, "hello"), idle_after=0.05) as worker:
        assert ask(worker, b"one").number == "hello one 1 []"
        while worker.pid is not None:
            time.sleep(0.01)
        assert worker.status.state is WorkerState.RESTING
        assert ask(worker, b"two").number == "hello two 1 []"


def test_a_reader_that_cannot_be_made_is_said(readers: Any) -> None:
    with ReadingWorker(readers.refuse) as worker:
        assert ask(worker, b"one").status is Status.UNREADABLE
        assert worker.status.state is WorkerState.FAILING
        assert "no networks" in (worker.status.error or "")


def test_a_fault_of_the_taker_does_not_end_the_worker(
    worker: ReadingWorker, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(_: Sighting) -> None:
        raise RuntimeError("a fault downstream")

    worker.submit("front", b"one", frozenset(), faulty)
    while worker.status.read < 1:
        time.sleep(0.005)
    assert ask(worker, b"two").status is Status.ACCEPTED
    assert "a fault downstream" in caplog.text


def test_stopping_interrupts_a_slow_picture(readers: Any) -> None:
    answers = Answers()
    worker = ReadingWorker(readers.make, give_up_after=50.0)
    worker.start()
    worker.submit("front", b"hang", frozenset(), answers)
    while worker.status.state is not WorkerState.READING:
        time.sleep(0.005)
    worker.stop(timeout=20.0)
    assert not worker._thread.is_alive()
    assert worker.pid is None


def test_memory_is_bounded(readers: Any) -> None:
    with ReadingWorker(readers.make, memory=300 * MEGABYTE) as worker:
        assert ask(worker, b"fine").status is Status.ACCEPTED
        assert ask(worker, b"eat").status is Status.UNREADABLE
        assert "MemoryError" in (worker.status.error or "")


def test_the_gateway_stays_free_of_picture_libraries() -> None:
    code = "import sys, ocr.worker; sys.exit(bool({'cv2', 'numpy', 'onnxruntime'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
