import os
import signal
import socket
import subprocess
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera.login import Login
from drivers.camera.source import Opening, Rtsp, Source, Usb, Video
from drivers.camera.stream import KeptCamera, StreamCamera
from drivers.camera.web import Timeouts
from drivers.errors import Advice, CannotOpen, OperationFailed, TimedOut
from drivers.readings import Picture

SERVER = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"
MODULES = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer, Gst"
)
ENCODER = "Gst.init(None); assert Gst.ElementFactory.find('x264enc')"
FRAMES, RATE = 30, 90


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty frames in a third of a second, each brighter than the one before."""
    path = tmp_path_factory.mktemp("video") / "gate.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (64, 48))
    for number in range(FRAMES):
        writer.write(np.full((48, 64, 3), 8 * number, np.uint8))
    writer.release()
    return path


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    ready = (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run(
            [SYSTEM_PYTHON, "-c", f"{MODULES}; {ENCODER}"], check=False, capture_output=True
        ).returncode
    )
    if not ready:
        pytest.skip(
            "no GStreamer RTSP server: install python3-gi, gir1.2-gst-rtsp-server-1.0 and x264's plugin"
        )
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process
        process.kill()


def url(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return f"rtsp://127.0.0.1:{server.stdout.readline().strip()}/test"


def brightness(picture: Picture) -> float:
    pixels = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return float(pixels.mean())


def pictures(
    source: Source, stop: threading.Event | None = None, **more: float
) -> Generator[Picture, None, None]:
    waits = Timeouts(open=more.pop("open", 20.0), read=more.pop("read", 20.0))
    camera = StreamCamera("gate", source, timeouts=waits, interval=more.pop("interval", 0.0))
    return (heard for heard in camera.read(stop or threading.Event()) if isinstance(heard, Picture))


def test_a_video_is_played_in_order(video: Path) -> None:
    stream = pictures(Video(video))
    levels = [brightness(next(stream)) for _ in range(5)]
    stream.close()
    assert levels == sorted(levels)
    assert len(set(levels)) == 5


def test_frames_nobody_asked_for_are_passed_over(video: Path) -> None:
    levels = []
    with pytest.raises(OperationFailed, match="ended"):
        for each in pictures(Video(video), interval=0.1):
            levels.append(brightness(each))
    assert levels == sorted(levels)
    assert 1 < len(levels) <= FRAMES // 2


def test_a_video_ends_or_is_repeated(video: Path) -> None:
    with pytest.raises(OperationFailed, match="ended"):
        list(pictures(Video(video)))
    stream = pictures(Video(video, repeat=True))
    levels = [brightness(next(stream)) for _ in range(2 * FRAMES)]
    stream.close()
    assert levels != sorted(levels)


def test_what_is_no_video_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "page.avi").write_text("<html></html>")
    for source in (Video(tmp_path / "page.avi"), Video(tmp_path / "gone.avi"), Usb(tmp_path / "video9")):
        with pytest.raises(CannotOpen):
            next(pictures(source))


def test_the_process_ends_with_the_reading(video: Path) -> None:
    before = children_of(os.getpid())
    stop = threading.Event()
    stream = pictures(Video(video, repeat=True), stop)
    next(stream)
    children = children_of(os.getpid()) - before
    stop.set()
    assert list(stream) == []
    assert children
    assert not children & children_of(os.getpid())


def children_of(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def test_a_process_that_dies_is_an_error(video: Path) -> None:
    before = children_of(os.getpid())
    stream = pictures(Video(video, repeat=True))
    next(stream)
    [child] = children_of(os.getpid()) - before
    os.kill(int(child), signal.SIGKILL)
    with pytest.raises(OperationFailed, match="process ended"):
        list(stream)


def look(camera: KeptCamera) -> Picture:
    stream = camera.read(threading.Event())
    assert isinstance(stream, Generator)
    found = next(heard for heard in stream if isinstance(heard, Picture))
    stream.close()
    return found


def test_many_looks_are_made_by_one_process(video: Path) -> None:
    before = children_of(os.getpid())
    with StreamCamera("gate", Video(video), interval=0.0).kept() as camera:
        levels = [brightness(look(camera)) for _ in range(3)]
        assert len(children_of(os.getpid()) - before) == 1
        assert max(levels) < 5 * 8, "a look began where the one before had ended"
    assert children_of(os.getpid()) <= before


def test_a_kept_process_is_renewed_now_and_then(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.camera.stream.LIVES", 2)
    before = children_of(os.getpid())
    with StreamCamera("gate", Video(video), interval=0.0).kept() as camera:
        seen = set[str]()
        for _ in range(3):
            look(camera)
            seen |= children_of(os.getpid()) - before
        assert len(seen) == 2


def test_a_kept_process_that_hangs_is_ended_and_another_looks(video: Path) -> None:
    before = children_of(os.getpid())
    waits = Timeouts(open=5.0, read=2.0)
    with StreamCamera("gate", Video(video, repeat=True), interval=0.0, timeouts=waits).kept() as camera:
        stream = camera.read(threading.Event())
        next(heard for heard in stream if isinstance(heard, Picture))
        [child] = children_of(os.getpid()) - before
        os.kill(int(child), signal.SIGSTOP)
        with pytest.raises(TimedOut, match="no picture"):
            list(stream)
        assert child not in children_of(os.getpid())
        assert look(camera)


def test_a_kept_process_opens_later_what_it_could_not(video: Path, tmp_path: Path) -> None:
    before, late = children_of(os.getpid()), tmp_path / "late.avi"
    with StreamCamera("gate", Video(late), interval=0.0).kept() as camera:
        with pytest.raises(CannotOpen):
            look(camera)
        process = children_of(os.getpid()) - before
        late.write_bytes(video.read_bytes())
        assert look(camera)
        assert process == children_of(os.getpid()) - before


def test_an_rtsp_stream_is_read_and_its_end_noticed(server: subprocess.Popen[str]) -> None:
    stream = pictures(Rtsp(url(server)), read=2.0)
    first = [next(stream) for _ in range(3)]
    assert all(brightness(picture) > 0 for picture in first)
    assert len({picture.data for picture in first}) > 1
    server.kill()
    with pytest.raises((OperationFailed, TimedOut)):
        list(stream)


def test_an_rtsp_stream_that_stalls_is_given_up(server: subprocess.Popen[str]) -> None:
    stream = pictures(Rtsp(url(server)), read=1.0)
    next(stream)
    server.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises((TimedOut, OperationFailed), match=r"no picture|the stream ended"):
            list(stream)
    finally:
        server.send_signal(signal.SIGCONT)


def test_an_rtsp_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises((CannotOpen, TimedOut)):
        next(pictures(Rtsp(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/test"), open=0.5))


def test_a_stream_is_shown_without_what_could_be_secret() -> None:
    source = Rtsp("rtsp://camera:554/live?token=hunter2", Login("gate", lambda: "p@ss/word"))
    assert source.opening().target == "rtsp://gate:p%40ss%2Fword@camera:554/live?token=hunter2"
    for shown in (str(source), repr(source.opening()), repr(StreamCamera("gate", source))):
        assert "hunter2" not in shown
        assert "word" not in shown


@pytest.mark.parametrize(
    "url", ["rtsp://gate:hunter2@camera/live", "http://camera/live", "rtsp:///live", "camera"]
)
def test_a_url_that_is_no_stream_or_has_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="stream's URL") as raised:
        Rtsp(url)
    assert "hunter2" not in str(raised.value)


def test_an_opening_never_prints_its_target() -> None:
    assert "secret" not in repr(Opening("rtsp://gate:secret@camera/", Rtsp("rtsp://c/").opening().backend))


def test_what_to_check_follows_from_what_the_camera_is(tmp_path: Path) -> None:
    for source, advice in (
        (Video(tmp_path / "gone.avi"), Advice.CHECK_FOLDER),
        (Usb(tmp_path / "video9"), Advice.CHECK_CABLE),
    ):
        with pytest.raises(CannotOpen) as raised:
            next(pictures(source))
        assert raised.value.advice is advice
