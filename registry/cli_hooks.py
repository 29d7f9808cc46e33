"""``iie-registry hook``: which systems are told of each change of a report (webhooks)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from record.messages import text
from registry.cli_database import DEFAULT, Config, database, fail, known_depots
from registry.cli_rows import Cell, of_depots, tell

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

hook = typer.Typer(name="hook", add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The system's name.")]


@hook.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its host is listed under webhooks: hosts.")],
    config: Config = DEFAULT,
    depot: Annotated[
        list[str] | None,
        typer.Option("--depot", metavar="DEPOT", help="Tell of this depot alone; may be given again."),
    ] = None,
) -> None:
    """Tell a system of each change from now on."""
    from registry.hooks import book
    from registry.hooks.address import target
    from registry.people import trail

    with database(config) as (connection, settings):
        known_depots(settings, depot)
        target(url, settings.file.webhooks)
        now = datetime.now(UTC)
        made = book.add(connection, name, url, now, trail.COMMAND_LINE, depot or None)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.HOOK_ADDED, made, url=url)
        typer.echo(text("api.hook.added", lang=settings.file.language, name=name))


@hook.command("list")
def list_hooks(config: Config = DEFAULT) -> None:
    """Every webhook: name, address, depots; how many changes wait, were delivered, given up; what went wrong."""
    from registry.hooks.book import Fate
    from registry.hooks.standing import standing

    with database(config) as (connection, settings):
        language = settings.file.language
        found: list[tuple[Cell, ...]] = []
        for each in standing(connection):
            counts = [
                (str(count), text(f"registry.rows.hook_{fate}", lang=language, count=count))
                for fate in Fate
                for count in (each.counts[fate],)
            ]
            depots = of_depots(each.hook.depots, language)
            found.append((each.hook.name, each.hook.url, depots, *counts, each.trouble or ""))
        tell(found, text("console.systems.no_hooks", lang=language))


@hook.command()
def remove(name: Name, config: Config = DEFAULT) -> None:
    """Tell a system nothing more."""
    from registry.hooks import book
    from registry.people import trail

    with database(config) as (connection, settings):
        now, row = datetime.now(UTC), _named(connection, name, settings.file.language)
        book.remove(connection, row.id, now)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.HOOK_REMOVED, row.id)
        typer.echo(text("api.hook.removed", lang=settings.file.language, name=name))


@hook.command()
def retry(name: Name, config: Config = DEFAULT) -> None:
    """Send what was given up once more, and what waits at once."""
    from registry.hooks import book
    from registry.people import trail

    with database(config) as (connection, settings):
        now, row = datetime.now(UTC), _named(connection, name, settings.file.language)
        count = book.retry(connection, row.id, now)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.HOOK_RETRIED, row.id, count=count)
        typer.echo(text("api.hook.retried", lang=settings.file.language, name=name, count=count))


def _named(connection: Connection, name: str, language: str) -> Row[tuple[object, ...]]:
    from registry.hooks import book

    row = book.by_name(connection, name)
    if row is None:
        fail(text("api.hook.none", lang=language, name=name))
    return row
