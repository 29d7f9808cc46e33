"""``iie-registry list | verify``: what is in the database, read and proved anew; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.errors import IieError
from registry.cli_database import DEFAULT, fail, settings_of, stop

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from record.proof import PublicKey
    from registry.settings import Settings

ConfigArgument = Annotated[Path | None, typer.Argument(metavar="CONFIG", help="REGISTRY.yaml")]
DbOption = Annotated[Path | None, typer.Option("--db", metavar="FILE", help="An SQLite database file.")]


def list_drafts(
    config: ConfigArgument = None,
    db: DbOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array, one object a draft.")] = False,
) -> None:
    """A table for people, or JSON."""
    from registry.listing import listed, table

    with _read(config, db) as (connection, settings):
        if as_json:
            typer.echo(json.dumps(listed(connection), ensure_ascii=False, indent=2))
        else:
            from rich.console import Console

            console = Console()
            console.print(table(connection, settings.file.language if settings else "es", console.width))


def verify(config: ConfigArgument = None, db: DbOption = None) -> None:
    """What was found, chain by chain."""
    from registry.verify import verified

    with _read(config, db) as (connection, settings):
        report = verified(connection, _own_key(settings))
    for line in report.lines(settings.file.language if settings else "es"):
        typer.echo(line)
    raise typer.Exit(0 if report.unbroken else 1)


@contextmanager
def _read(config: Path | None, db: Path | None) -> Iterator[tuple[Connection, Settings | None]]:
    """The database that a reading command means, and the settings where they are known; errors end with a message."""
    from sqlalchemy.exc import DatabaseError

    from registry.database import open_to_read, reading

    named = config or (DEFAULT if db is None and DEFAULT.exists() else None)
    settings = settings_of(named) if named else None
    language = settings.file.language if settings else "es"
    if db is None and settings is None:
        from record.messages import text

        fail(text("registry.nothing_named", default=str(DEFAULT)))
    try:
        engine = open_to_read(settings.database if settings and db is None else f"sqlite:///{db}")
    except IieError as error:
        stop(error, language)
    try:
        with reading(engine) as connection:
            yield connection, settings
    except IieError as error:
        stop(error, language)
    except DatabaseError as error:
        fail(str(error.orig))
    finally:
        engine.dispose()


def _own_key(settings: Settings | None) -> PublicKey | None:
    """The key that receipts must be signed with, where the settings name one. Raises `BadKey`."""
    from record.proof import SigningKey

    if settings is None or not settings.signing_key.exists():
        return None
    return SigningKey.read(settings.signing_key).public
