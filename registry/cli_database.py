"""What the commands share that write into the database: it is opened, and errors end with a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from record.errors import IieError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from registry.settings import Settings

DEFAULT = Path("/etc/iie/registry.yaml")
"""The file that a command reads when none is named."""

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="REGISTRY.yaml")]


@contextmanager
def database(config: Path) -> Iterator[tuple[Connection, Settings]]:
    """A writing transaction on the settings' database, made where there is none; errors end with a message."""
    from registry.database import writing

    with opened(config) as (engine, settings), writing(engine) as connection:
        yield connection, settings


@contextmanager
def opened(config: Path) -> Iterator[tuple[Engine, Settings]]:
    """The settings' database in its newest schema, made where there is none; errors end with a message."""
    from sqlalchemy.exc import SQLAlchemyError

    from registry.database import migrate, open_engine, unusable

    settings = settings_of(config)
    engine = open_engine(settings.database)
    try:
        migrate(engine)
        yield engine, settings
    except IieError as error:
        stop(error, settings.file.language)
    except SQLAlchemyError as error:
        stop(unusable(settings.database, error), settings.file.language)
    finally:
        engine.dispose()


def settings_of(config: Path) -> Settings:
    """The settings, or the end: every problem is told, exit code 78 (or 1 where the file is not there)."""
    from record import yamlfile
    from registry.settings import load

    try:
        return load(config)
    except yamlfile.FileErrors as error:
        for problem in error.problems:
            typer.echo(problem.line_text(), err=True)
        raise typer.Exit(yamlfile.exit_code(error.problems)) from error


def known_depots(settings: Settings, named: Sequence[str] | None) -> None:
    """End where one of the depots named is none of the settings'."""
    from record.messages import text

    for each in named or ():
        if each not in settings.file.depots:
            known = ", ".join(sorted(settings.file.depots))
            fail(text("console.people.no_depot", lang=settings.file.language, depot=each, depots=known))


def stop(error: IieError, language: str) -> NoReturn:
    """The end, with what went wrong and what a person should do."""
    from record.messages import text

    fail(f"{error}\n{text(error.advice, lang=language, **error.params)}")


def fail(message: str) -> NoReturn:
    """Tell on the error stream, and end with exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def refused(error: OSError, place: Path, language: str) -> NoReturn:
    """The end, with the file and what the system says is wrong."""
    from record.system_reason import reason

    why = reason(error)
    fail(f"{error.filename or place}: {why if isinstance(why, str) else why.text(language)}")
