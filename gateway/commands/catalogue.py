"""``iie-gateway catalogue [WORDS]``: which scales and scanners are known by name, and how to make one speak.

    iie-gateway catalogue rinstrum       the models whose name, maker, model or protocol have these words
    iie-gateway catalogue rinstrum-r320  one model: line, menu that turns its output on, notes, what to paste

A file of the same name in /etc/iie/scales or /etc/iie/scanners stands in the place of the shipped one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from drivers.catalogue import (
    CatalogueError,
    Connection,
    ScaleModel,
    ScannerModel,
    UnknownModel,
    scale_models,
    scanner_models,
)
from record.messages import text
from record.shipped import find_all

Model = ScaleModel | ScannerModel

WRONG_USE, BROKEN = 2, 78
PORT = "/dev/serial/by-id/…"


def catalogue(
    words: Annotated[list[str] | None, typer.Argument(help="a model's name, or words to look for")] = None,
    config_dir: Annotated[Path | None, typer.Option(help="folder that is searched first")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="a list with one object for each model")] = False,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """List models. Exit code 0; 2 when no model has the words; 78 when a file of the catalogue is wrong."""
    try:
        known = models(config_dir)
        chosen = wanted(known, words or [])
    except UnknownModel as error:
        print(f"iie-gateway catalogue: {error}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from error
    except CatalogueError as error:
        print(f"iie-gateway catalogue: {error}", file=sys.stderr)
        raise typer.Exit(BROKEN) from error
    if as_json:
        print(json.dumps([described(model) for model in chosen], ensure_ascii=False))
    elif len(chosen) == 1:
        print("\n".join(page(chosen[0], lang)))
    else:
        print("\n".join(rows(chosen)))


def models(config_dir: Path | None = None) -> Mapping[str, Model]:
    """Every scale and scanner of the catalogue by its name. Raises `CatalogueError`."""
    scales = scale_models(find_all("scales", "*.yaml", config_dir))
    scanners = scanner_models(find_all("scanners", "*.yaml", config_dir))
    return {**scales, **scanners}


def wanted(known: Mapping[str, Model], words: list[str]) -> list[Model]:
    """The model of this name, or those that have all the words. Raises `UnknownModel` when none has."""
    if len(words) == 1 and words[0] in known:
        return [known[words[0]]]
    found = [model for model in known.values() if all(word.lower() in _words(model) for word in words)]
    if not found:
        raise UnknownModel("-".join(words), known)
    return found


def _words(model: Model) -> str:
    return f"{model.id} {model.brand} {model.model} {speaks(model)}".lower()


def speaks(model: Model) -> str:
    """A scale's protocol, or what a scanner hangs on."""
    return model.protocol if isinstance(model, ScaleModel) else f"scanner, {model.connection}"


def rows(chosen: list[Model]) -> list[str]:
    """The models in columns: name, maker and model, what it speaks, where that is known from."""
    cells = [(model.id, f"{model.brand} {model.model}", speaks(model), str(model.basis)) for model in chosen]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def page(model: Model, lang: str) -> list[str]:
    """Everything about one model, and what to write into a site's file."""
    facts = {
        "speaks": speaks(model),
        "line": _line(model),
        "menu": model.menu,
        "basis": f"{model.basis}: {model.source}" if model.source else str(model.basis),
    }
    lines = [f"{model.brand} {model.model}"]
    lines += [f"  {text(f'tools.model_{key}', lang)}: {fact}" for key, fact in facts.items() if fact]
    note = getattr(model.notes, lang)
    return [*lines, *([f"  {note}"] if note else []), "", *_paste(model, lang)]


def _line(model: Model) -> str:
    if isinstance(model, ScaleModel):
        return model.line_at(PORT).framing
    return "" if model.connection is Connection.HID else model.line.on(PORT).framing


def _paste(model: Model, lang: str) -> Iterator[str]:
    yield text("tools.paste", lang)
    if isinstance(model, ScaleModel):
        yield f"scale: {{model: {model.id}, port: {PORT}}}"
    else:
        place = "hid: /dev/input/by-id/…-event-kbd" if model.connection is Connection.HID else f"port: {PORT}"
        yield f"scanners: [{{name: lector, model: {model.id}, {place}}}]"


def described(model: Model) -> dict[str, object]:
    """The JSON object of one model."""
    return {
        "name": model.id,
        "brand": model.brand,
        "model": model.model,
        "speaks": speaks(model),
        "line": _line(model),
        "menu": model.menu,
        "basis": model.basis,
        "source": model.source,
        "notes": {"es": model.notes.es, "en": model.notes.en},
    }
