"""``iie-registry token``: which systems may use the interface for programs. A token is printed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from record.messages import text
from registry.api.scope import Scope
from registry.cli_database import DEFAULT, Config, database, fail, known_depots
from registry.cli_rows import Cell, of_depots, tell

token = typer.Typer(name="token", add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The system's name.")]


@token.command()
def add(
    name: Name,
    scope: Annotated[
        list[Scope],
        typer.Option("--scope", metavar="SCOPE", help=f"One of {', '.join(Scope)}; may be given again."),
    ],
    config: Config = DEFAULT,
    depot: Annotated[
        list[str] | None,
        typer.Option("--depot", metavar="DEPOT", help="See only this depot; may be given again."),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="It expires after so many.")
    ] = None,
) -> None:
    """Make a token and print it: the last line, and never again."""
    from registry.api import tokens
    from registry.people import trail

    with database(config) as (connection, settings):
        known_depots(settings, depot)
        now = datetime.now(UTC)
        life = None if days is None else timedelta(days=days)
        made, secret = tokens.add(connection, name, scope, now, trail.COMMAND_LINE, depot or None, life)
        scopes = [each.value for each in scope]
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.TOKEN_ADDED, made, scopes=scopes)
        typer.echo(text("api.token.once", lang=settings.file.language), err=True)
        typer.echo(secret)


@token.command("list")
def list_tokens(config: Config = DEFAULT) -> None:
    """Every token: name, scopes, depots, last use, and whether it stands (+) or not (-)."""
    from registry.api import tokens

    with database(config) as (connection, settings):
        now, language = datetime.now(UTC), settings.file.language
        found: list[tuple[Cell, ...]] = []
        for row in tokens.everybody(connection):
            used = row.used_at.strftime("%Y-%m-%dT%H:%MZ") if row.used_at else "-"
            stands = tokens.stands(row, now)
            words = text(f"registry.rows.token_{'stands' if stands else 'ended'}", lang=language)
            cells = (row.name, ",".join(row.scopes), of_depots(row.depots, language), used)
            found.append((*cells, ("+" if stands else "-", words)))
        tell(found, text("console.systems.no_tokens", lang=language))


@token.command()
def revoke(name: Name, config: Config = DEFAULT) -> None:
    """End a token; what uses it is refused from now on."""
    from registry.api import tokens
    from registry.people import trail

    with database(config) as (connection, settings):
        now = datetime.now(UTC)
        row = tokens.by_name(connection, name)
        if row is None:
            fail(text("api.token.none", lang=settings.file.language, name=name))
        tokens.revoke(connection, row.id, now)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.TOKEN_REVOKED, row.id)
        typer.echo(text("api.token.revoked", lang=settings.file.language, name=row.name))
