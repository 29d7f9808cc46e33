"""A camera from what a person types: a URL, a device, a folder, a video, a picture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from drivers.camera.encoded import picture
from drivers.camera.folder import SUFFIXES, FolderCamera
from drivers.camera.login import Login
from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.source import Rtsp, Usb, Video
from drivers.camera.still import StillCamera
from drivers.camera.stream import StreamCamera
from drivers.camera.web import Timeouts, address, content_type
from drivers.errors import Advice, NotAvailable
from drivers.readings import Picture, Skipped

WebCamera = MjpegCamera | StillCamera
NamedCamera = FolderCamera | WebCamera | StreamCamera


def named(text: str, login: Login | None = None, *, interval: float = 1.0) -> NamedCamera | PictureFile:
    """The camera at a URL or path. ``interval`` is the time in seconds from picture to picture.

    An `http` address is asked what it sends: a still picture, or else it is taken for a stream. Raises
    `ValueError` for what is none of these or carries a password, `DeviceError` when an HTTP camera does not
    answer.
    """
    scheme = urlsplit(text).scheme
    if scheme in ("http", "https"):
        return _web_camera(text, login, interval)
    if scheme in ("rtsp", "rtsps"):
        source = Rtsp(text, login)
        return StreamCamera(str(source), source, interval=interval)
    path = Path(text)
    if text and path.is_dir():
        return FolderCamera(text, path, interval, max_age=None)
    if path.is_char_device():
        return StreamCamera(text, Usb(path), interval=interval)
    if path.suffix.lower() in SUFFIXES:
        return PictureFile(text, path)
    if path.is_file():
        return StreamCamera(text, Video(path), interval=interval)
    raise ValueError(f"{text}: no camera's URL, and no folder, device, picture or video of this name")


def _web_camera(url: str, login: Login | None, interval: float) -> WebCamera:
    where = address(url)
    if content_type(where, Timeouts(), login).startswith("image/"):
        return StillCamera(str(where), url, login=login, interval=interval)
    return MjpegCamera(str(where), url, login=login, interval=interval)


class PictureFile:
    """One picture file as a camera that gives it once and is silent then."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """The picture, or why it is none; then nothing. Raises `NotAvailable` when it cannot be read."""
        try:
            yield picture(self._path.read_bytes())
        except OSError as error:
            raise NotAvailable(f"{self._path}: {error.strerror}", advice=Advice.CHECK_FOLDER) from error
        while not stop.wait(0.25):
            yield None
