"""What a stream camera's process opens: an RTSP stream, a USB camera, a video file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

from drivers.camera.login import Login
from drivers.errors import Advice

RTSP_OPTIONS = "rtsp_transport;tcp|analyzeduration;200000|probesize;65536"
"""FFmpeg's options for RTSP: TCP, and a short look at the stream before it opens (0.4 s, by default 3 s)."""


class Backend(StrEnum):
    """Which of OpenCV's readers opens a source."""

    FFMPEG = "ffmpeg"
    V4L2 = "v4l2"


@dataclass(frozen=True, slots=True)
class Opening:
    """What the camera's process needs to open a source. ``target`` may hold a password and is never shown.

    ``paced`` plays a file at its own speed, ``repeat`` from the start again; ``size`` is width and height to
    ask a USB camera for.
    """

    target: str
    backend: Backend
    options: str = ""
    size: tuple[int, int] | None = None
    paced: bool = False
    repeat: bool = False

    def __repr__(self) -> str:
        return f"Opening({self.backend})"


@dataclass(frozen=True, slots=True)
class Rtsp:
    """An RTSP stream (RFC 7826 and its forerunner 2326), over TCP.

    Raises `ValueError` for a URL that is none or carries a user or a password.
    """

    advice: ClassVar[Advice] = Advice.CHECK_ADDRESS
    url: str
    login: Login | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname:
            raise ValueError("a stream's URL starts with rtsp:// or rtsps:// and names a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                "a stream's URL carries no user or password: name a user and a secret file instead"
            )

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}{parts.query and '?…'}"

    def opening(self) -> Opening:
        """Raises `CannotOpen` when the secret cannot be read."""
        parts = urlsplit(self.url)
        if self.login:
            user, password = quote(self.login.user, safe=""), quote(self.login.secret(), safe="")
            parts = parts._replace(netloc=f"{user}:{password}@{parts.netloc}")
        return Opening(parts.geturl(), Backend.FFMPEG, RTSP_OPTIONS)


@dataclass(frozen=True, slots=True)
class Usb:
    """A USB camera (Video4Linux): /dev/video0, or better its stable name under /dev/v4l/by-id."""

    advice: ClassVar[Advice] = Advice.CHECK_CABLE
    device: Path
    size: tuple[int, int] | None = None

    def __str__(self) -> str:
        return str(self.device)

    def opening(self) -> Opening:
        """The device by its path."""
        return Opening(str(self.device), Backend.V4L2, size=self.size)


@dataclass(frozen=True, slots=True)
class Video:
    """A video file, played at its own speed, once or again and again."""

    advice: ClassVar[Advice] = Advice.CHECK_FOLDER
    path: Path
    repeat: bool = False

    def __str__(self) -> str:
        return str(self.path)

    def opening(self) -> Opening:
        """The file by its path."""
        return Opening(str(self.path), Backend.FFMPEG, paced=True, repeat=self.repeat)


Source = Rtsp | Usb | Video
