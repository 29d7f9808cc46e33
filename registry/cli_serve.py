"""``iie-registry run | check | key``: the registry at work, its settings, its own key."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from record.errors import IieError
from registry.cli_database import refused, settings_of, stop

FORMAT = "%(asctime)s %(levelname)s %(message)s"

FileArgument = Annotated[Path, typer.Argument(metavar="REGISTRY.yaml", help="The registry's settings.")]


def run(file: FileArgument) -> None:
    """The registry at work, until a signal ends it."""
    from sqlalchemy.exc import SQLAlchemyError

    from record.journal import journal_of
    from registry.database import unusable
    from registry.service import Service

    journal = journal_of(sys.stderr, "iie-registry")
    where: dict[str, Any] = (
        {"handlers": [journal], "format": "%(message)s"} if journal else {"format": FORMAT}
    )
    logging.basicConfig(level=logging.INFO, **where)
    for chatty in ("alembic", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings = settings_of(file)
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


def check(file: FileArgument) -> None:
    """Every problem of a file, or what it counts."""
    from record import yamlfile
    from record.messages import text
    from registry.settings import CHECKS, RegistryFile

    value, problems = yamlfile.check(file, RegistryFile, CHECKS)
    language = value.language if value else "es"
    for problem in problems:
        typer.echo(problem.line_text(language), err=True)
    if value is not None:
        gates = [gate for depot in value.depots.values() for gate in depot.gates.values()]
        keys = sum(len(gate.keys) for gate in gates)
        counts = {"depots": len(value.depots), "gates": len(gates), "keys": keys}
        typer.echo(text("registry.settings_right", lang=language, file=str(file), **counts))
    raise typer.Exit(yamlfile.exit_code(problems))


def key(file: FileArgument) -> None:
    """The public key, on a line of its own."""
    from record.proof import SigningKey

    settings = settings_of(file)
    try:
        typer.echo(str(SigningKey.read_or_create(settings.signing_key).public))
    except IieError as error:
        stop(error, settings.file.language)
    except OSError as error:
        refused(error, settings.signing_key, settings.file.language)
