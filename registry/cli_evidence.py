"""``iie-registry evidence``: everything that proves one report, in one ZIP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from record.messages import text
from registry.cli_database import DEFAULT, Config, database, refused


def evidence(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Número de entrega of the report.")],
    config: Config = DEFAULT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The ZIP; NUMBER.zip in this folder else.")
    ] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="With the file that says who the driver is.")
    ] = False,
) -> None:
    """The ZIP; that it was taken stands in the trail."""
    from record.proof import SigningKey
    from registry.auditor.package import find, package
    from registry.evidence.shelf import Shelf
    from registry.people import trail

    target = output or Path(f"{Path(number).name}.zip")
    with database(config) as (connection, settings):
        row, now = find(connection, number), datetime.now(UTC)
        key = SigningKey.read_or_create(settings.signing_key)
        try:
            content = package(connection, Shelf(settings.evidence), key, row, now, personal)
            target.write_bytes(content)
        except OSError as error:
            refused(error, target, settings.file.language)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.PACKAGE, row.id, personal=personal)
        said = {"file": str(target), "bytes": len(content)}
        typer.echo(text("registry.packaged", lang=settings.file.language, **said))
