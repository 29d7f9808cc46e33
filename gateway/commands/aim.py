"""``iie-gateway aim CAMERA``: what a camera shows the reader, for the technician who stands on the ladder."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from drivers.camera.condition import DULL, Look, Looker
from drivers.camera.login import Login, secret_file
from drivers.camera.named import named
from drivers.camera.ondemand import OnDemand
from drivers.device import Device
from drivers.errors import DeviceError
from drivers.readings import Picture
from gateway.aiming import LETTERS, TILT, Line, advice, measured
from ocr.models import ModelsMissing
from ocr.sighting import Sighting
from ocr.view import View, applied
from record.messages import text
from record.yamlfile import EXIT_WRONG, FileErrors

WRONG_USE = 2
NO_PICTURE = 1
SILENT = 40
"""Heartbeats without a picture, four a second, after which a camera is given up."""


def aim(
    camera: Annotated[
        str, typer.Argument(help="URL, device, folder, video, picture; with --site its name or LANE/NAME")
    ],
    site: Annotated[Path | None, typer.Option(help="the site's YAML file that names the camera")] = None,
    user: Annotated[str | None, typer.Option(help="user of the camera")] = None,
    password_file: Annotated[Path | None, typer.Option(help="file with the password")] = None,
    pictures: Annotated[int, typer.Option(min=1, help="how many pictures to look at")] = 5,
    save: Annotated[Path | None, typer.Option(help="folder for the pictures with their boxes drawn")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a picture")] = False,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Exit code 0: a picture came; 1: none came; 2: wrong use."""
    login = Login(user, secret_file(password_file)) if user and password_file else None
    try:
        device, seen_as = _of_site(site, camera, lang) if site else (named(camera, login), View())
        reporter, seen = Reporter(), 0
        for seen, picture in enumerate(_pictures(device, pictures), 1):
            report = reporter.report(str(seen), applied(picture.data, seen_as))
            print(json.dumps(report.as_data()) if as_json else "\n".join(report.lines(lang)), flush=True)
            if save:
                file = report.drawn(save)
                if not as_json:
                    print(text("aim.saved", lang, file=str(file)))
    except FileErrors as errors:
        _end("\n".join(problem.line_text(lang) for problem in errors.problems), EXIT_WRONG)
    except (ValueError, ModelsMissing) as error:
        _end(str(error), WRONG_USE)
    except DeviceError as error:
        _end(str(error), NO_PICTURE)
    if not seen:
        _end(text("aim.silent", lang), NO_PICTURE)


class Report:
    """One picture with everything that is said of it."""

    def __init__(self, name: str, data: bytes, look: Look | None, sighting: Sighting) -> None:
        self.name = name
        self._data = data
        self._look = look
        self._sighting = sighting
        self._lines = [measured(box) for box in sighting.boxes]
        self._advice = advice(look, sighting)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, zeros for what is no picture."""
        from ocr.picture import decode

        pixels = decode(self._data)
        return (0, 0) if pixels is None else (pixels.shape[1], pixels.shape[0])

    def as_data(self) -> dict[str, object]:
        """The JSON object."""
        seen, look, (width, height) = self._sighting, self._look, self.size
        return {
            "picture": self.name,
            "width": width,
            "height": height,
            "brightness": round(look.brightness, 1) if look else None,
            "contrast": round(look.contrast, 1) if look else None,
            "detail": round(look.detail, 2) if look else None,
            "number": seen.number,
            "status": seen.status,
            "cost": seen.cost,
            "margin": seen.margin,
            "candidates": [{"number": one.number, "cost": one.cost} for one in seen.candidates],
            "lines": [{"box": line.box, "letters": line.letters, "tilt": line.tilt} for line in self._lines],
            "needed": {"letters": LETTERS, "tilt": TILT, "detail": DULL},
            "advice": list(self._advice),
        }

    def lines(self, lang: str) -> list[str]:
        """The same for a person."""
        seen, look, (width, height) = self._sighting, self._look, self.size
        head = text(
            "aim.picture",
            lang,
            name=self.name,
            width=width,
            height=height,
            brightness=round(look.brightness) if look else "–",
            detail=f"{look.detail:.2f}" if look else "–",
            needed=DULL,
        )
        number = seen.number or (seen.candidates[0].number if seen.candidates else seen.seen)
        found = text("aim.nothing", lang)
        if number:
            found = text(
                "aim.number",
                lang,
                number=number,
                status=text(f"aim.status.{seen.status}", lang),
                cost="–" if seen.cost is None else seen.cost,
                margin="–" if seen.margin is None else seen.margin,
            )
        todo = [text(f"aim.advice.{code}", lang) for code in self._advice] or [text("aim.good", lang)]
        return [head, found, *(self._line(line, lang) for line in self._lines), *todo]

    def _line(self, line: Line, lang: str) -> str:
        x, y = line.box[0]
        return text(
            "aim.line",
            lang,
            x=round(x),
            y=round(y),
            height=round(line.letters),
            needed_height=round(LETTERS),
            tilt=round(line.tilt),
            most_tilt=round(TILT),
        )

    def drawn(self, folder: Path) -> Path:
        """The picture with its lines drawn, green where they are as they should be: a JPEG in the folder."""
        import cv2
        import numpy as np

        from ocr.picture import decode, jpeg

        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"aim-{self.name}.jpg"
        pixels = decode(self._data)
        if pixels is None:
            file.write_bytes(self._data)
            return file
        for line in self._lines:
            colour = (60, 200, 60) if line.large_enough and line.level_enough else (40, 40, 230)
            cv2.polylines(pixels, [np.asarray(line.box, np.int32)], isClosed=True, color=colour, thickness=3)
            place = (round(line.box[0][0]), max(20, round(line.box[0][1]) - 8))
            cv2.putText(pixels, f"{line.letters:.0f} px", place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2)
        file.write_bytes(jpeg(pixels))
        return file


class Reporter:
    """Measures and reads picture after picture."""

    def __init__(self) -> None:
        from gateway.reading import container_reader

        self._reader = container_reader()
        self._looker = Looker()

    def report(self, name: str, data: bytes) -> Report:
        """Everything that is to be said of one picture."""
        return Report(name, data, self._looker.read(data), self._reader.read(data))


def _pictures(device: Device, most: int) -> Iterator[Picture]:
    """So many pictures of a camera, fewer when it falls silent."""
    stop, silent, left = threading.Event(), 0, most
    for heard in device.read(stop):
        silent = 0 if isinstance(heard, Picture) else silent + 1
        if isinstance(heard, Picture):
            yield heard
            left -= 1
        if not left or silent >= SILENT:
            stop.set()
            return


def _of_site(file: Path, name: str, lang: str) -> tuple[Device, View]:
    """The camera of a site's file by its name, or LANE/NAME, and how it is to be seen.

    A stream that waits for a truck is held. Raises `ValueError` when there is no such camera.
    """
    from gateway.devices import camera
    from gateway.lookout import view
    from gateway.site.checks import read_site

    site = read_site(file)
    parts = {f"{lane.name}/{part.name}": part for lane in site.lanes for part in lane.cameras}
    for full, part in parts.items():
        if name in (full, part.name):
            device = camera(part, file.parent)
            if isinstance(device, OnDemand):
                device.hold()
            return device, view(part)
    raise ValueError(
        text("aim.unknown_camera", lang, site=file.name, camera=name, known=", ".join(parts) or "–")
    )


def _end(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code)
