"""From a video of drawn frames, blurred by motion, to a fact: camera process, reading process, consensus."""

import hashlib
import threading
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera.source import Video
from drivers.camera.stream import StreamCamera
from drivers.readings import Picture
from ocr.consensus import Seen, consensus
from ocr.models import ModelsMissing, find
from ocr.reader import ContainerReader
from ocr.render import render_door
from ocr.sighting import Sighting
from ocr.worker import ReadingWorker

NUMBER = "MSKU6011672"
FRAMES = 4


def passing(frame: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A frame of a truck that slows down: the earlier, the more blurred along its way."""
    sharp = cv2.imdecode(
        np.frombuffer(render_door(NUMBER, "22G1", seed=4, frame=frame), np.uint8), cv2.IMREAD_COLOR
    )
    length = 2 * (FRAMES - frame) - 1
    kernel = np.full((1, length), 1 / length, np.float32)
    return np.asarray(cv2.filter2D(np.asarray(sharp), -1, kernel), np.uint8)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "passing.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 3, (1280, 720))
    for frame in range(FRAMES):
        writer.write(passing(frame))
    writer.release()
    return path


def test_a_truck_in_a_video_becomes_a_fact(video: Path) -> None:
    try:
        models = find()
    except ModelsMissing as missing:
        pytest.skip(f"no networks to read with: {missing}")
    sightings: list[Seen] = []
    enough, stop = threading.Event(), threading.Event()

    def take(sha256: str, at: float, seen: Sighting) -> None:
        sightings.append(Seen("rear", at, seen, sha256))
        if seen.number:
            enough.set()

    make = partial(ContainerReader, models, frozenset({NUMBER[:4]}))
    with ReadingWorker(make) as worker:
        camera = StreamCamera("rear", Video(video, repeat=True), interval=0.2)
        for at, heard in enumerate(camera.read(stop)):
            if isinstance(heard, Picture):
                sha256 = hashlib.sha256(heard.data).hexdigest()
                worker.submit("rear", heard.data, frozenset(), partial(take, sha256, float(at)))
            if enough.is_set():
                stop.set()
    [fact] = consensus(sightings).facts
    assert fact.number == NUMBER
    assert fact.faces[0].crop
