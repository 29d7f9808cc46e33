import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.camera.login import Login
from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.web import Timeouts
from drivers.errors import Advice, CannotOpen, NotAvailable, OperationFailed, TimedOut
from drivers.readings import Picture, Skip, Skipped
from drivers.simulator.camera import CameraSimulator, Fault
from gateway.rehearsal.broker import free_port

QUICK = Timeouts(open=20.0, read=0.2)
PATIENT = Timeouts(open=20.0, read=1.0)


def jpeg(number: int, size: int = 50) -> bytes:
    return b"\xff\xd8\xff\xe0" + str(number).encode() + bytes(size) + b"\xff\xd9"


@pytest.fixture
def simulator() -> Iterator[CameraSimulator]:
    with CameraSimulator(rate_hz=50) as simulator:
        simulator.show(jpeg(1))
        yield simulator


@contextmanager
def answering(*pieces: bytes) -> Iterator[str]:
    """A server that sends these bytes to whoever asks, whatever is asked, and keeps the connection open."""
    listener = socket.create_server(("127.0.0.1", 0))
    release = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)
            release.wait(10)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/video"
    finally:
        release.set()
        thread.join()
        listener.close()


def readings(camera: MjpegCamera) -> Iterator[Picture | Skipped]:
    return (reading for reading in camera.read(threading.Event()) if reading is not None)


def test_the_picture_shown_is_read_byte_for_byte(simulator: CameraSimulator) -> None:
    pictures = readings(MjpegCamera("front", simulator.stream_url))
    assert next(pictures) == Picture(jpeg(1))


def test_only_the_newest_picture_is_handed_on(simulator: CameraSimulator) -> None:
    pictures = readings(MjpegCamera("front", simulator.stream_url))
    next(pictures)
    for number in range(2, 30):
        simulator.show(jpeg(number, size=200_000))
    seen = [next(pictures)]
    while seen[-1] != Picture(jpeg(29, size=200_000)):
        seen.append(next(pictures))
    assert len(seen) < 28


def test_an_interval_thins_the_stream(simulator: CameraSimulator) -> None:
    pictures = readings(MjpegCamera("front", simulator.stream_url, interval=0.1))
    next(pictures)
    began = time.monotonic()
    for _ in range(4):
        next(pictures)
    assert time.monotonic() - began > 0.25, "the stream has fifty a second"


def test_a_stalled_stream_times_out(simulator: CameraSimulator) -> None:
    pictures = readings(MjpegCamera("front", simulator.stream_url, timeouts=PATIENT))
    next(pictures)
    simulator.misbehave(Fault.STALLED)
    with pytest.raises(TimedOut) as raised:
        list(pictures)
    assert raised.value.retry


def test_a_stream_that_ends_is_an_error_and_opens_again(simulator: CameraSimulator) -> None:
    camera = MjpegCamera("front", simulator.stream_url)
    pictures = readings(camera)
    next(pictures)
    simulator.misbehave(Fault.CUT)
    with pytest.raises(OperationFailed):
        list(pictures)
    assert next(readings(camera)) == Picture(jpeg(1))


def test_a_web_page_is_no_stream(simulator: CameraSimulator) -> None:
    simulator.misbehave(Fault.HTML)
    with pytest.raises(CannotOpen, match="text/html") as raised:
        next(readings(MjpegCamera("front", simulator.stream_url)))
    assert raised.value.advice is Advice.CHECK_ADDRESS


def test_a_path_that_is_not_there_is_named(simulator: CameraSimulator) -> None:
    with pytest.raises(CannotOpen, match="404"):
        next(readings(MjpegCamera("front", f"{simulator.url}/nothing?user=gate&password=hunter2")))


@pytest.mark.parametrize("digest", [True, False], ids=["digest", "basic"])
def test_it_logs_in_when_asked(digest: bool) -> None:
    with CameraSimulator(login=("gate", "hunter2"), digest=digest) as simulator:
        simulator.show(jpeg(1))
        camera = MjpegCamera("front", simulator.stream_url, login=Login("gate", lambda: "hunter2"))
        assert next(readings(camera)) == Picture(jpeg(1))


def test_a_wrong_password_is_not_tried_for_ever() -> None:
    with CameraSimulator(login=("gate", "hunter2")) as simulator:
        camera = MjpegCamera("front", simulator.stream_url, login=Login("gate", lambda: "wrong"))
        with pytest.raises(CannotOpen, match="refused") as raised:
            next(readings(camera))
        assert not raised.value.retry
        assert "wrong" not in str(raised.value)


def test_a_url_is_shown_without_what_could_be_secret() -> None:
    camera = MjpegCamera("front", "http://camera.local:8080/video?user=gate&password=hunter2")
    assert "camera.local:8080/video" in repr(camera)
    assert "hunter2" not in repr(camera)


@pytest.mark.parametrize(
    "url", ["http://gate:hunter2@camera/video", "rtsp://camera/video", "camera/video", "http:///x"]
)
def test_a_url_that_is_none_or_has_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="camera's URL") as raised:
        MjpegCamera("front", url)
    assert "hunter2" not in str(raised.value)


def test_nobody_listening_is_said() -> None:
    with pytest.raises(NotAvailable):
        next(readings(MjpegCamera("front", f"http://127.0.0.1:{free_port()}/")))


def test_a_server_that_never_answers_times_out() -> None:
    with answering() as url, pytest.raises(TimedOut):
        next(readings(MjpegCamera("front", url, timeouts=Timeouts(open=0.1, read=0.1))))


def test_a_server_that_dribbles_times_out() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
    with answering(head, b"--b\r\n\r\n\xff\xd8\xff") as url, pytest.raises(TimedOut):
        next(readings(MjpegCamera("front", url, timeouts=QUICK)))


def test_a_server_that_speaks_something_else_is_refused() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n") as url, pytest.raises(CannotOpen, match="status line"):
        next(readings(MjpegCamera("front", url)))


def test_chunked_streams_are_read() -> None:
    body = b"--b\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg(7)), jpeg(7))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n"
    chunks = [b"%x;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in (body[:9], body[9:30], body[30:])]
    with answering(head + chunks[0], *chunks[1:]) as url:
        assert next(readings(MjpegCamera("front", url))) == Picture(jpeg(7))


def test_a_part_that_is_no_picture_and_one_too_large_are_skipped() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
    parts = (
        b"--b\r\n\r\nno picture\r\n--b\r\n\r\n" + bytes(90_000) + b"\r\n--b\r\n\r\n" + jpeg(3) + b"\r\n--b"
    )
    with answering(head, parts) as url:
        pictures = readings(MjpegCamera("front", url, largest=20_000))
        assert next(pictures) == Skipped(Skip.NOT_MINE, b"no picture")
        assert next(pictures) == Skipped(Skip.IMPOSSIBLE)
        assert next(pictures) == Picture(jpeg(3))


def test_the_stop_event_ends_a_silent_stream() -> None:
    stop = threading.Event()
    with CameraSimulator() as simulator:
        stream = MjpegCamera("front", simulator.stream_url).read(stop)
        assert next(stream) is None
        stop.set()
        assert list(stream) == []
