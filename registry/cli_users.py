"""``iie-registry user``: who may log in at the console. A password is typed or read from a file, never an argument."""

from __future__ import annotations

import sys
import warnings
from datetime import UTC, datetime
from getpass import GetPassWarning
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.messages import text
from registry.cli_database import DEFAULT, Config, database, fail, known_depots, opened
from registry.cli_rows import Cell, of_depots, tell
from registry.people.role import OF_PEOPLE, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from registry.settings import Settings

user = typer.Typer(name="user", add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As it is typed at the login.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="File that holds the password; else it is asked for."
    ),
]
Link = Annotated[bool, typer.Option("--link", help="Print a link that logs in once, in place of a password.")]


def _role(text: str) -> Role:
    """A role that people have. Raises `typer.BadParameter`."""
    if text not in OF_PEOPLE:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(OF_PEOPLE)}")
    return Role(text)


@user.command()
def add(
    name: Name,
    role: Annotated[
        Role, typer.Option("--role", parser=_role, metavar="ROLE", help=f"One of {', '.join(OF_PEOPLE)}.")
    ],
    config: Config = DEFAULT,
    depot: Annotated[
        list[str] | None,
        typer.Option("--depot", metavar="DEPOT", help="See only this depot; may be given again."),
    ] = None,
    password_file: PasswordFile = None,
    link: Link = False,
) -> None:
    """Let somebody log in."""
    from record.web.passwords import Passwords
    from registry.database import reading
    from registry.people import sessions, trail, users

    with opened(config) as (engine, settings):
        language = settings.file.language
        known_depots(settings, depot)
        with reading(engine) as connection:
            users.may_be_added(connection, name, role)
        hashed = None if link else Passwords().hashed(_password(name, password_file, language), name)
    with database(config) as (connection, settings):
        now = datetime.now(UTC)
        added = users.add(connection, name, role, now, depot or None)
        if hashed:
            users.set_password(connection, added, hashed)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.USER_ADDED, added, role=role.value)
        typer.echo(text("console.people.added", lang=language, name=name, role=role.value))
        if link:
            _print_link(settings, sessions.link(connection, added, now))


@user.command("list")
def list_users(config: Config = DEFAULT) -> None:
    """Everybody who may log in, and who may no longer."""
    from registry.people import users

    with database(config) as (connection, settings):
        language = settings.file.language
        found: list[tuple[Cell, ...]] = []
        for row in users.everybody(connection):
            role = (row.role, text(f"console.role.{row.role}", lang=language))
            sign = "-" if row.disabled_at else "+"
            found.append((row.name, role, of_depots(row.depots, language), (sign, _stands(sign, language))))
        tell(found, text("registry.rows.no_users", lang=language))


@user.command()
def password(
    name: Name, config: Config = DEFAULT, password_file: PasswordFile = None, link: Link = False
) -> None:
    """Give somebody another password, or with --link a way in to choose one."""
    from record.web.passwords import Passwords
    from registry.database import reading
    from registry.people import sessions, trail, users

    with opened(config) as (engine, settings):
        language = settings.file.language
        with reading(engine) as connection:
            _named(connection, name, language)
        hashed = None if link else Passwords().hashed(_password(name, password_file, language), name)
    with database(config) as (connection, settings):
        now, row = datetime.now(UTC), _named(connection, name, language)
        if hashed is None:
            trail.note(connection, now, trail.COMMAND_LINE, trail.Action.LINK_MADE, row.id)
            _print_link(settings, sessions.link(connection, row.id, now))
            return
        users.set_password(connection, row.id, hashed)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.PASSWORD, row.id)
        typer.echo(text("console.people.changed", lang=language, name=row.name))


@user.command()
def disable(name: Name, config: Config = DEFAULT) -> None:
    """Let somebody log in no more; their sessions end now."""
    from registry.people import trail, users

    with database(config) as (connection, settings):
        now = datetime.now(UTC)
        row = _named(connection, name, settings.file.language)
        users.disable(connection, row.id, now)
        trail.note(connection, now, trail.COMMAND_LINE, trail.Action.USER_DISABLED, row.id)
        typer.echo(text("console.people.disabled", lang=settings.file.language, name=row.name))


def _stands(sign: str, language: str) -> str:
    return text("registry.rows.may_log_in" if sign == "+" else "console.users.disabled", lang=language)


def _named(connection: Connection, name: str, language: str) -> Row[tuple[object, ...]]:
    from registry.people import users

    row = users.by_name(connection, name)
    if row is None:
        fail(text("console.people.no_user", lang=language, name=name))
    return row


def _password(name: str, file: Path | None, language: str) -> str:
    """The password from its file, or typed twice. It is asked for while no transaction is open."""
    if file is None:
        asked = text("console.people.ask", lang=language, name=name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", GetPassWarning
                )  # nothing is echoed where there is no terminal
                return str(typer.prompt(asked, hide_input=True, confirmation_prompt=True))
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            fail(text("console.people.no_terminal", lang=language))
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        fail(text("console.people.unreadable", lang=language, file=str(file)))


def _print_link(settings: Settings, token: str) -> None:
    """The link on a line of its own, for people and for programs that read it."""
    from registry.people.sessions import LINK_LIFE

    minutes = int(LINK_LIFE.total_seconds() // 60)
    typer.echo(text("console.people.link", lang=settings.file.language, minutes=minutes))
    typer.echo(f"{settings.console_url}/login/{token}")
