"""What a stream camera's process asks of OpenCV; the USB device is a fake, for want of a camera."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.camera import grabber
from drivers.camera.source import Rtsp, Usb


class Capture:
    """A device that takes every setting and gives one frame again and again."""

    def __init__(self, target: str, backend: int, settings: list[int]) -> None:
        self.target, self.backend = target, backend
        self.settings = dict(zip(settings[::2], settings[1::2], strict=True))

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        return "gone" not in self.target

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.full((48, 64, 3), 90, np.uint8)


@pytest.fixture
def cv2(monkeypatch: pytest.MonkeyPatch) -> Any:
    import cv2

    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    return cv2


def test_a_usb_camera_is_asked_for_mjpeg_in_its_size_and_no_queue(cv2: Any) -> None:
    capture: Any = grabber.opened(Usb(Path("/dev/v4l/by-id/cam"), (1920, 1080)).opening(), 3.0, 5.0)
    assert (capture.target, capture.backend) == ("/dev/v4l/by-id/cam", cv2.CAP_V4L2)
    assert capture.settings == {
        cv2.CAP_PROP_BUFFERSIZE: 1,
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH: 1920,
        cv2.CAP_PROP_FRAME_HEIGHT: 1080,
    }
    assert grabber.encoded(capture).startswith(b"\xff\xd8")


def test_a_usb_camera_without_a_size_keeps_its_own(cv2: Any) -> None:
    capture: Any = grabber.opened(Usb(Path("/dev/video0")).opening(), 3.0, 5.0)
    assert cv2.CAP_PROP_FRAME_WIDTH not in capture.settings


def test_a_usb_camera_that_is_gone_is_none(cv2: Any) -> None:
    assert grabber.opened(Usb(Path("/dev/gone")).opening(), 3.0, 5.0) is None


def test_a_stream_has_both_time_outs(cv2: Any) -> None:
    capture: Any = grabber.opened(Rtsp("rtsp://camera/live").opening(), 3.0, 5.0)
    assert capture.settings[cv2.CAP_PROP_OPEN_TIMEOUT_MSEC] == 3000
    assert capture.settings[cv2.CAP_PROP_READ_TIMEOUT_MSEC] == 5000
