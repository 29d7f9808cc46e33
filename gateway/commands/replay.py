"""``iie-gateway replay TAPE``: what the present rules make of what a lane heard."""

from __future__ import annotations

import sys
import time
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from gateway.clerk.entry import RefusedDeed
from gateway.clerk.visit import Taken
from gateway.cli import installed_version
from gateway.tape.replay import compare, recorded
from gateway.tape.replay import replay as run_again
from gateway.tape.reread import reread_differences
from gateway.tape.tape import Line, read_tape
from record.codes import shipped
from record.errors import BadRecord
from record.messages import text
from record.yamlfile import EXIT_OTHER


def replay(
    tape: Annotated[Path, typer.Argument(help="a tape of the folder DATA/tapes/LANE")],
    speed: Annotated[
        float | None, typer.Option(help="times as fast as it was; at once otherwise", min=0.01)
    ] = None,
    reread: Annotated[bool, typer.Option(help="read the pictures anew and tell what differs")] = False,
    evidence: Annotated[
        Path | None, typer.Option(help="folder of the pictures; DATA/evidence beside the tapes otherwise")
    ] = None,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Exit code 0: everything is decided as it was; 1: something is not, or the tape cannot be read."""
    if speed is not None and isnan(speed):
        raise typer.BadParameter("nan", param_hint="--speed")
    refused: list[str] = []
    try:
        recording = read_tape(tape)
        now = run_again(recording, shipped(), _Pace(speed), lambda error: refused.append(_words(error, lang)))
    except (BadRecord, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_OTHER) from None
    then = recorded(recording)
    differences = compare(then, now)
    for difference in differences:
        print(difference.text(lang))
    for words in refused:
        print(text("replay.refused", lang, reason=words))
    if not recording.ended:
        print(text("replay.not_ended", lang))
    if reread:
        folder = evidence or tape.resolve().parents[2] / "evidence"
        for line in reread_differences(recording, folder, lang):
            print(line)
    code = "replay.differs" if differences or refused else "replay.same"
    params = {"letters": len(then), "differing": len(differences), "version": recording.header.version}
    print(text(code, lang, **params, now=installed_version()))
    raise typer.Exit(EXIT_OTHER if differences or refused else 0)


def _words(error: BadRecord, lang: str) -> str:
    return error.words(lang) if isinstance(error, RefusedDeed) else str(error)


class _Pace:
    """Waits between lines as long as it was then, divided by the speed."""

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._last: float | None = None

    def __call__(self, line: Line) -> None:
        if self._speed is None or isinstance(line.heard, Taken):
            return
        if self._last is not None:
            time.sleep(max(0.0, line.heard.monotonic - self._last) / self._speed)
        self._last = line.heard.monotonic
