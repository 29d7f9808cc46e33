"""``iie-gateway person add | list | disable | link``: who may use the gate's page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.outbox import SiteArgument, fail
from gateway.commands.site_file import failed, site_or_end
from gateway.console.people import BadSecret, People
from gateway.console.person import Role
from gateway.console.served import url_of
from gateway.folder import BadFolder
from gateway.outbox.file import DATABASE, OutboxFile
from gateway.outbox.outbox import OutboxBroken, now
from gateway.site.site import Site
from record.messages import text
from record.web.passwords import BadPassword, Passwords

NameArgument = Annotated[str, typer.Argument(help="the person's name, as it stands on the page")]

person = typer.Typer(
    help="Quién puede usar la página de la garita. / Who may use the gate's page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@person.command()
def add(
    site: SiteArgument,
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="what the person is at the gate")] = Role.GUARD,
    secret_file: Annotated[
        Path | None, typer.Option(help="file with the PIN or password alone; asked for otherwise")
    ] = None,
    with_link: Annotated[
        bool, typer.Option("--link", help="print a one-time link in place of a secret")
    ] = False,
) -> None:
    """Add a person, or give one another role or secret. Digits alone are a PIN for the touch screen."""
    settings = site_or_end(site)
    language = settings.language
    with _people(site, settings) as people:
        secret = None if with_link else _secret(secret_file, name, language)
        try:
            added = people.add(name, role, secret)
        except (BadSecret, BadPassword) as error:
            fail(f"{error}\n{text('page.people.bad_secret', language)}")
        role_name = text(f"page.role.{role.value}", language)
        print(text("page.people.added", language, name=added.name, role=role_name))
        if with_link:
            _print_link(people, added.name, settings)


@person.command()
def link(site: SiteArgument, name: NameArgument) -> None:
    """Print a link that logs a person in once, within half an hour."""
    settings = site_or_end(site)
    with _people(site, settings) as people:
        _print_link(people, name, settings)


@person.command("list")
def list_people(site: SiteArgument) -> None:
    """List everybody."""
    settings = site_or_end(site)
    with _people(site, settings) as people:
        for each in people.all():
            role = text(f"page.role.{each.role.value}", settings.language)
            print(
                f"{each.name}  {role}  {'PIN' if each.pin else ''}{'  —' if each.disabled else ''}".rstrip()
            )


@person.command()
def disable(site: SiteArgument, name: NameArgument) -> None:
    """End what a person may do, at once."""
    settings = site_or_end(site)
    with _people(site, settings) as people:
        try:
            people.disable(name, now())
        except BadSecret as error:
            fail(str(error))
        print(text("page.people.disabled", settings.language, name=name))


@contextmanager
def _people(site: Path, settings: Site) -> Iterator[People]:
    """The people of a site's gate, also before its first start."""
    if settings.page is None:
        fail(text("page.people.no_page", settings.language))
    path = site.parent / settings.data / DATABASE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(OutboxFile(path)) as file:
            yield People(file, Passwords())
    except OSError as error:
        raise failed(BadFolder(f"{path.parent}: {error.strerror}"), settings.language) from None
    except OutboxBroken as error:
        raise failed(error, settings.language) from None


def _secret(file: Path | None, name: str, language: str) -> str:
    """The secret out of its file, or asked for twice without showing it: never an argument."""
    if file is None:
        asked = text("page.people.prompt", language, name=name)
        return str(typer.prompt(asked, hide_input=True, confirmation_prompt=True))
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")


def _print_link(people: People, name: str, settings: Site) -> None:
    page = settings.page
    try:
        token = people.link(name, now())
    except BadSecret as error:
        fail(str(error))
    if page is not None:
        print(text("page.people.link", settings.language, url=f"{url_of(page)}/enter?token={token}"))
