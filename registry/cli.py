"""The command line of the central registry: ``iie-registry``."""

from __future__ import annotations

import json
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from record import yamlfile
from record.errors import IieError
from record.journal import journal_of
from record.messages import text
from record.proof import PublicKey, SigningKey
from registry import settings as reading_settings
from registry.cli_customs import customs_sim
from registry.cli_database import fail, stop
from registry.cli_evidence import evidence
from registry.cli_gates import gate
from registry.cli_hooks import hook
from registry.cli_notices import preadvice, release
from registry.cli_reports import export, show
from registry.cli_tokens import token
from registry.cli_upkeep import backup, migrate, restore
from registry.cli_users import user
from registry.database import open_to_read, reading, unusable
from registry.settings import DEFAULT, RegistryFile, Settings

FORMAT = "%(asctime)s %(levelname)s %(message)s"

main = typer.Typer(
    name="iie-registry",
    help="El registro central: recibe los borradores de las garitas. / The central registry.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

main.add_typer(user)
main.add_typer(token)
main.add_typer(hook)
main.add_typer(preadvice)
main.add_typer(release)
main.command("customs-sim")(customs_sim)
main.add_typer(gate)
for command in (show, export, evidence, migrate, backup, restore):
    main.command()(command)

FileArgument = Annotated[Path, typer.Argument(metavar="REGISTRY.yaml", help="The registry's settings.")]
ConfigArgument = Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="REGISTRY.yaml")]
DbOption = Annotated[Path | None, typer.Option("--db", metavar="FILE", help="An SQLite database file.")]


@main.command()
def run(file: FileArgument) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reads gates and keys anew."""
    from registry.service import Service

    journal = journal_of(sys.stderr, "iie-registry")
    where: dict[str, Any] = (
        {"handlers": [journal], "format": "%(message)s"} if journal else {"format": FORMAT}
    )
    logging.basicConfig(level=logging.INFO, **where)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = _settings(file)
    try:
        service = Service(settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
        signal.signal(signal.SIGHUP, lambda *_: service.reload())
        service.run()
    except IieError as error:
        stop(error, settings.file.language)
    except SQLAlchemyError as error:
        stop(unusable(settings.database, error), settings.file.language)


@main.command()
def check(file: FileArgument) -> None:
    """Read REGISTRY.yaml and tell every problem with its place. Exit code 78 when it is wrong."""
    value, problems = yamlfile.check(file, RegistryFile, reading_settings.CHECKS)
    language = value.language if value else "es"
    for problem in problems:
        typer.echo(problem.line_text(language), err=True)
    if value is not None:
        gates = [gate for depot in value.depots.values() for gate in depot.gates.values()]
        keys = sum(len(gate.keys) for gate in gates)
        counts = {"depots": len(value.depots), "gates": len(gates), "keys": keys}
        typer.echo(text("registry.settings_right", lang=language, file=str(file), **counts))
    raise typer.Exit(yamlfile.exit_code(problems))


@main.command("list")
def list_drafts(
    config: ConfigArgument = None,
    db: DbOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array, one object a draft.")] = False,
) -> None:
    """The drafts received, each with its latest revision, in the order of receipt."""
    from registry.listing import listed, table

    engine, settings = _database(config, db)
    language = settings.file.language if settings else "es"
    try:
        with reading(engine) as connection:
            if as_json:
                typer.echo(json.dumps(listed(connection), ensure_ascii=False, indent=2))
            else:
                console = Console()
                console.print(table(connection, language, console.width))
    except DatabaseError as error:
        fail(str(error.orig))
    finally:
        engine.dispose()


@main.command()
def verify(config: ConfigArgument = None, db: DbOption = None) -> None:
    """Compute every hash, signature and chain anew. Exit code 0 when all is unbroken, 1 when anything is not.

    With CONFIG, receipts must be signed by the key that it names, with --db alone by the one in the database.
    """
    from registry.verify import verified

    engine, settings = _database(config, db)
    language = settings.file.language if settings else "es"
    try:
        own = _own_key(settings)
        with reading(engine) as connection:
            report = verified(connection, own)
    except IieError as error:
        stop(error, language)
    except DatabaseError as error:
        fail(str(error.orig))
    finally:
        engine.dispose()
    for line in report.lines(language):
        typer.echo(line)
    raise typer.Exit(0 if report.unbroken else 1)


@main.command()
def key(file: FileArgument) -> None:
    """Print the registry's public key, which every gate's settings name; make the key where there is none."""
    settings = _settings(file)
    try:
        typer.echo(str(SigningKey.read_or_create(settings.signing_key).public))
    except IieError as error:
        stop(error, settings.file.language)
    except OSError as error:
        fail(f"{settings.signing_key}: {error.strerror}")


def _settings(file: Path) -> Settings:
    """The settings, or the end: every problem is told, exit code 78 (or 1 where the file is not there)."""
    try:
        return reading_settings.load(file)
    except yamlfile.FileErrors as error:
        for problem in error.problems:
            typer.echo(problem.line_text(), err=True)
        raise typer.Exit(yamlfile.exit_code(error.problems)) from error


def _database(config: Path | None, db: Path | None) -> tuple[Engine, Settings | None]:
    """The database that a reading command means, and the settings where they are known."""
    named = config or (DEFAULT if db is None and DEFAULT.exists() else None)
    settings = _settings(named) if named else None
    language = settings.file.language if settings else "es"
    if db is None and settings is None:
        fail(text("registry.nothing_named", default=str(DEFAULT)))
    try:
        return open_to_read(settings.database if settings and db is None else f"sqlite:///{db}"), settings
    except IieError as error:
        stop(error, language)


def _own_key(settings: Settings | None) -> PublicKey | None:
    """The key that receipts must be signed with, where the settings name one. Raises `BadKey`."""
    if settings is None or not settings.signing_key.exists():
        return None
    return SigningKey.read(settings.signing_key).public
