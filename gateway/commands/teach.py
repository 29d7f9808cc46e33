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

from drivers.readings import Skip, Weight
from drivers.scale.captured import captured
from drivers.scale.protocols import PROTOCOLS
from drivers.scale.teaching import Lesson, NothingLearned, learn
from gateway.weight_shown import weight_line
from record.messages import text

WRONG_USE = 2


def teach(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="Captured bytes; - is standard input.")
    ] = "-",
    as_hex: Annotated[bool, typer.Option("--hex", help="The capture is hexadecimal.")] = False,
    weight: Annotated[str | None, typer.Option(help="What the display showed at the first line.")] = None,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Make a pattern entry from captured lines."""
    frames = captured(_read(file, as_hex))
    try:
        lesson = learn(frames, None if weight is None else Decimal(weight))
    except InvalidOperation:
        _refuse(f"--weight {weight!r} is no number")
    except NothingLearned as error:
        shown = {"line": repr(error.line)[1:], "weight": weight or ""}
        _refuse(f"{file}: {text(f'tools.nothing_learned_{error.why}', lang, **shown)}")
    sys.stdout.write("".join(f"{line}\n" for line in lines(frames, lesson, lang)))


def lines(frames: list[bytes], lesson: Lesson, lang: str) -> Iterator[str]:
    """The entry as YAML, with what it makes of the capture as remarks."""
    known = [name for name, entry in PROTOCOLS.items() if name != "pattern" and _reads(name, frames)]
    if known:
        yield f"# {text('tools.also_read_by', lang, protocols=known)}"
    entry = {"protocol": "pattern", "pattern": lesson.entry}
    yield yaml.safe_dump(entry, sort_keys=False, allow_unicode=True).rstrip("\n")
    for frame, result in zip(frames[:8], lesson.results, strict=False):
        yield f"# {repr(frame)[1:]}: {_said(result, lang)}"
    for question in lesson.questions:
        yield f"# ? {text(f'tools.ask_{question.ask}', lang, where=question.where, seen=list(question.seen))}"


def _said(result: Weight | Skip, lang: str) -> str:
    if isinstance(result, Weight):
        return weight_line(result, lang)
    return text(f"skip.{result}", lang)


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


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(f"iie-gateway teach: {reason}\n")
    raise typer.Exit(WRONG_USE)
