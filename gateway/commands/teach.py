"""`iie-gateway teach`: from captured lines to the `pattern` entry that reads them, to paste into a site's file.

Give the weight that the display showed: it decides which number is the weight and where its point belongs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml

from drivers.readings import Weight
from drivers.scale.captured import captured
from drivers.scale.fields import plain
from drivers.scale.protocols import PROTOCOLS
from drivers.scale.teaching import Lesson, NothingLearned, learn

WRONG_USE = 2


def teach(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="Captured bytes; - is standard input.")
    ] = "-",
    as_hex: Annotated[bool, typer.Option("--hex", help="The capture is hexadecimal.")] = False,
    weight: Annotated[str | None, typer.Option(help="What the display showed at the first line.")] = None,
) -> None:
    """Make a pattern entry from captured lines."""
    frames = captured(_read(file, as_hex))
    try:
        lesson = learn(frames, None if weight is None else Decimal(weight))
    except InvalidOperation:
        _refuse(f"--weight {weight!r} is no number")
    except NothingLearned as error:
        _refuse(f"{file}: {error}")
    sys.stdout.write("".join(f"{line}\n" for line in lines(frames, lesson)))


def lines(frames: list[bytes], lesson: Lesson) -> Iterator[str]:
    """The entry as YAML, with what it makes of the capture as remarks."""
    known = [name for name, entry in PROTOCOLS.items() if name != "pattern" and _reads(name, frames)]
    if known:
        yield f"# also read by: {', '.join(known)}; prefer one of them if its values are right"
    text = yaml.safe_dump(
        {"protocol": "pattern", "pattern": lesson.entry}, sort_keys=False, allow_unicode=True
    )
    yield text.rstrip("\n")
    for frame, result in zip(frames[:8], lesson.results, strict=False):
        said = (
            f"{plain(result.value)} {result.unit}, {result.stability}"
            if isinstance(result, Weight)
            else result
        )
        yield f"# {frame!r}: {said}"
    for question in lesson.questions:
        yield f"# ? {question}"


def _reads(name: str, frames: list[bytes]) -> bool:
    decoder = PROTOCOLS[name].decoder()
    found = decoder.feed(b"".join(frames)) + decoder.flush()
    return sum(isinstance(each, Weight) for each in found) == len(frames)


def _read(file: str, as_hex: bool) -> bytes:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return bytes.fromhex(data.decode("ascii")) if as_hex else data
    except OSError as error:
        _refuse(f"{file}: {error.strerror}")
    except ValueError:
        _refuse(f"{file}: no hexadecimal")


def _refuse(text: str) -> NoReturn:
    sys.stderr.write(f"iie-gateway teach: {text}\n")
    raise typer.Exit(WRONG_USE)
