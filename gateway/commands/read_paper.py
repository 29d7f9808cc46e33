"""``iie-gateway read-paper FILES…``: what printed papers name, for papers whose barcode is missing or torn."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.commands.identify import as_data as identified
from gateway.commands.picture_file import content, unreadable
from ocr.models import ModelsDamaged, ModelsMissing, find
from ocr.papers import Paper, PaperReader
from ocr.tesseract import TesseractMissing
from record.messages import text

EXIT_UNUSABLE = 78


def read_paper(
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="pictures of pages: JPEG, PNG …")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a file, in order")] = False,
    lang: Annotated[Literal["es", "en"], typer.Option(help="language of the lines")] = "es",
) -> None:
    """Read pages; a file that is no picture is no error. Exit code 78: Tesseract or the networks are missing."""
    try:
        reader = PaperReader(find())
    except (TesseractMissing, ModelsMissing, ModelsDamaged) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_UNUSABLE) from None
    for file in files:
        data = content(file)
        paper = reader.read(data)
        if as_json:
            print(json.dumps(as_data(file, paper)), flush=True)
        elif not paper.is_picture:
            print(f"{file}: {unreadable(data, lang)}", flush=True)
        else:
            print(as_line(file, paper, lang), flush=True)


def as_data(file: Path, paper: Paper) -> dict[str, Any]:
    """A page as JSON shows it."""
    return {
        "file": str(file),
        "found": [identified(identifier) for identifier in paper.found],
        "guides": list(paper.guides),
        "doubtful": [asdict(doubt) for doubt in paper.doubtful],
        "lines": list(paper.lines),
    }


def as_line(file: Path, paper: Paper, lang: str) -> str:
    """A page as a person reads it."""
    named = [f"{identifier.kind.value} {identifier.normal}" for identifier in paper.found]
    named += [f"guía {guide}" for guide in paper.guides]
    named += [text("reading.paper_doubtful", lang, **asdict(doubt)) for doubt in paper.doubtful]
    return f"{file}: {', '.join(named) or text('reading.paper_nothing', lang)}"
