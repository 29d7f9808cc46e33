"""``iie-gateway read-container FILES…``: the container numbers in pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from gateway.commands.picture_file import content, unreadable
from gateway.reading import container_reader, owner_codes
from ocr.models import ModelsDamaged, ModelsMissing
from ocr.sighting import Sighting, Status
from record.messages import text
from record.shipped import NotShippedError

EXIT_UNUSABLE = 78


class Reader(Protocol):
    """An engine that reads container numbers."""

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Sighting:
        """What a picture shows."""


def read_container(
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="pictures: JPEG, PNG …")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a file, in order")] = False,
    annotate: Annotated[Path | None, typer.Option(help="folder for the pictures with their boxes")] = None,
    expected: Annotated[list[str] | None, typer.Option(help="a number that is announced; repeatable")] = None,
    engine: Annotated[str, typer.Option(help="networks, or tesseract to compare")] = "networks",
    cache: Annotated[Path | None, typer.Option(help="folder of the prepared networks")] = None,
    config_dir: Annotated[
        Path | None, typer.Option(help="folder with lists that replace shipped ones")
    ] = None,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Read numbers; a file that is no picture is no error. Exit code 78: the networks are not prepared."""
    try:
        reader = _reader(engine, config_dir, cache)
    except (ModelsMissing, ModelsDamaged, NotShippedError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_UNUSABLE) from None
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    for file in files:
        data = content(file)
        sighting = reader.read(data, frozenset(expected or ()))
        if as_json:
            print(json.dumps(as_data(file, sighting)), flush=True)
        elif sighting.status is Status.UNREADABLE:
            print(f"{file}: {unreadable(data, lang)}", flush=True)
        else:
            print(as_line(file, sighting, lang), flush=True)
        if annotate and sighting.boxes:
            _annotate(annotate, file, data, sighting)


def as_data(file: Path, sighting: Sighting) -> dict[str, Any]:
    """A sighting as JSON shows it."""
    return {
        "file": str(file),
        "number": sighting.number,
        "numbers": list(sighting.numbers),
        "type_code": sighting.type_code,
        "cost": sighting.cost,
        "margin": sighting.margin,
        "candidates": [{"number": c.number, "cost": c.cost} for c in sighting.candidates],
        "status": sighting.status.value,
        "seen": sighting.seen,
        "cpu_ms": sighting.cpu_ms,
    }


def as_line(file: Path, sighting: Sighting, lang: str) -> str:
    """A sighting as a person reads it."""
    if sighting.status is Status.ACCEPTED:
        shown = " ".join(sighting.numbers)
    elif sighting.status is Status.UNSURE:
        shown = " ".join(f"{c.number}?" for c in sighting.candidates)
    else:
        shown = sighting.seen or ""
    status = text(f"reading.{sighting.status.value}", lang)
    return (
        f"{file}: {' '.join(filter(None, (shown, sighting.type_code)))} ({status}, {sighting.cpu_ms:.0f} ms)"
    )


def _reader(engine: str, config_dir: Path | None, cache: Path | None) -> Reader:
    if engine == "networks":
        return container_reader(config_dir, cache)
    if engine != "tesseract":
        raise typer.BadParameter(f"{engine!r} is no engine: networks or tesseract")
    from ocr.models import find
    from ocr.tesseract import TesseractReader

    return TesseractReader(find(cache), owner_codes(config_dir))


def _annotate(folder: Path, file: Path, data: bytes, sighting: Sighting) -> None:
    from ocr.drawing import drawn

    name = f"{file.stem}.jpg"
    (folder / name).write_bytes(drawn(data, sighting))
