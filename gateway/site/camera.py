"""The cameras of a site's file: where their pictures come from, how they are to be seen, what is looked for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gateway.site.part import Name, Part, Seconds

Fraction = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[int, Field(ge=16, le=8192)]
Region = Annotated[tuple[Fraction, ...], Field(min_length=4, max_length=4)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://", description="http:// or https://")]
RtspUrl = Annotated[str, Field(pattern=r"^rtsps?://", description="rtsp:// or rtsps://")]


class Face(StrEnum):
    """Which side of the load a camera sees; *document* is the table on which the papers lie."""

    REAR = "rear"
    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    OVERVIEW = "overview"
    DOCUMENT = "document"


class Sees(StrEnum):
    """What is looked for in a camera's pictures."""

    CONTAINERS = "containers"
    PLATES = "plates"
    BARCODES = "barcodes"


class VehiclePart(StrEnum):
    """Whose plate a camera sees."""

    TRACTOR = "tractor"
    TRAILER = "trailer"


class CameraPart(Part):
    """What every camera has."""

    name: Name
    face: Face = Face.REAR
    interval_s: Seconds = Field(default=0.5, description="one picture in this time is read, at most")
    region: Region = Field(
        default=(0, 0, 1, 1),
        description="what is read of the picture: left, top, right, bottom as fractions of it",
    )
    turn: Literal[0, 90, 180, 270] = Field(
        default=0, description="degrees clockwise, after the region is cut"
    )
    mirror: bool = Field(default=False, description="the camera looks into a mirror")
    sees: tuple[Sees, ...] | None = Field(
        default=None,
        description="containers, plates, barcodes; a document camera sees barcodes, others containers",
    )
    part: VehiclePart | None = Field(default=None, description="whose plates it sees: tractor or trailer")

    @property
    def looked_for(self) -> tuple[Sees, ...]:
        """What is looked for, each thing once."""
        usual = Sees.BARCODES if self.face is Face.DOCUMENT else Sees.CONTAINERS
        return tuple(dict.fromkeys(self.sees)) if self.sees else (usual,)

    @property
    def source(self) -> str:
        """Where the pictures come from, as two cameras can be told apart by it."""
        raise NotImplementedError


class WebCameraPart(CameraPart):
    """A camera at an address, with or without a login."""

    url: str
    user: str | None = None
    password_file: Path | None = Field(default=None, description="file whose first line is the password")

    @property
    def source(self) -> str:
        """The address."""
        return self.url


class FolderCameraPart(CameraPart):
    """Pictures that somebody else puts into a folder."""

    kind: Literal["folder"]
    folder: Path

    @property
    def source(self) -> str:
        """The folder."""
        return str(self.folder)


class MjpegCameraPart(WebCameraPart):
    """An HTTP MJPEG stream."""

    kind: Literal["mjpeg"]
    url: HttpUrl


class StillCameraPart(WebCameraPart):
    """An HTTP address that gives one JPEG for each request."""

    kind: Literal["still"]
    url: HttpUrl


class RtspCameraPart(WebCameraPart):
    """An RTSP stream."""

    kind: Literal["rtsp"]
    url: RtspUrl


class UsbCameraPart(CameraPart):
    """A USB camera (Video4Linux)."""

    kind: Literal["usb"]
    device: Path = Field(description="stable name under /dev/v4l/by-id")
    width: Pixels | None = None
    height: Pixels | None = None

    @property
    def source(self) -> str:
        """The device."""
        return str(self.device)


class VideoCameraPart(CameraPart):
    """A video file, played from its start when a truck comes: for rehearsals."""

    kind: Literal["video"]
    file: Path
    repeat: bool = False

    @property
    def source(self) -> str:
        """The file."""
        return str(self.file)


Camera = Annotated[
    FolderCameraPart | MjpegCameraPart | StillCameraPart | RtspCameraPart | UsbCameraPart | VideoCameraPart,
    Field(discriminator="kind"),
]
