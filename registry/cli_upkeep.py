"""``iie-registry migrate | backup | restore``: the database's upkeep."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.errors import IieError
from record.messages import text
from registry.cli_database import DEFAULT, Config, database, fail, settings_of, stop

if TYPE_CHECKING:
    from registry.settings import Settings

NUMBER = re.compile(r"([0-9]{8})([0-9]{4})([0-9]{8})[A-Z]")


def migrate(config: Config = DEFAULT) -> None:
    """The schema that was reached."""
    from registry.database import SCHEMA

    with database(config) as (_, settings):
        typer.echo(text("registry.migrated", lang=settings.file.language, schema=SCHEMA))


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; must not be there yet.")],
    config: Config = DEFAULT,
) -> None:
    """A copy beside the one at work."""
    from registry.backup import copy

    with database(config) as (_, settings):
        language = settings.file.language
        source = _sqlite(settings)
    if source is None:
        fail(text("registry.backup_postgres", lang=language, file=str(target)))
    try:
        copy(source, target)
    except IieError as error:
        stop(error, language)
    typer.echo(text("registry.backed_up", lang=language, file=str(target)))


def restore(
    config: Config = DEFAULT,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A copy that takes the database's place.")
    ] = None,
    last: Annotated[
        list[str] | None,
        typer.Option("--last", metavar="NUMBER", help="Last number that Ecuapass shows; one an OCE code."),
    ] = None,
    margin: Annotated[
        int, typer.Option(min=1, max=10_000_000, metavar="N", help="Numbers that are left out.")
    ] = 1000,
) -> None:
    """Counters that are safe, of each OCE code."""
    from registry import numbers
    from registry.backup import copy, move_on

    if source is not None:
        settings = settings_of(config)
        target, language = _sqlite(settings), settings.file.language
        if target is None:
            fail(text("registry.restore_postgres", lang=language, file=str(source)))
        if target.exists():
            fail(text("registry.restore_in_the_way", lang=language, file=str(target)))
        try:
            copy(source, target)
        except IieError as error:
            stop(error, language)
    with database(config) as (connection, settings):
        language, year = settings.file.language, numbers.year_of(datetime.now(UTC))
        known: dict[str, int] = {}
        for each in last or ():
            match = NUMBER.fullmatch(each)
            if match is None or int(match[2]) != year:
                fail(text("registry.restore_number", lang=language, number=each[:40], year=year))
            known[match[1]] = max(int(match[3]), known.get(match[1], 0))
        for oce, reached in move_on(connection, settings.file, year, known, margin).items():
            typer.echo(text("registry.restored", lang=language, oce=oce, year=year, next=reached + 1))


def _sqlite(settings: Settings) -> Path | None:
    from sqlalchemy.engine import make_url

    url = make_url(settings.database)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
