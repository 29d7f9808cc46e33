"""``iie-registry preadvice | release``: what gates are told is imported, listed, withdrawn."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.messages import text
from registry.cli_database import DEFAULT, Config, fail, known_depots, opened, refused

if TYPE_CHECKING:
    from registry.notices.book import By
    from registry.reports.office import Office
    from registry.settings import Settings

preadvice = typer.Typer(name="preadvice", add_completion=False, no_args_is_help=True)
release = typer.Typer(name="release", add_completion=False, no_args_is_help=True)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV, JSON, YAML, or the XML of a guía de remisión")
]
DepotOption = Annotated[
    str | None,
    typer.Option("--depot", metavar="DEPOT", help="Whose gates are told; needed where there are several."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The announcement's or release's id.")]


def _commands(app: typer.Typer, name: str) -> None:
    """The three commands of the kind of notice that has this name."""

    @app.command(
        "import", help="Take a file in; gates are told at once. Exit code 1 where any of it was wrong."
    )
    def import_file(
        file: FileArgument, depot: DepotOption = None, config: Config = DEFAULT, as_json: JsonOption = False
    ) -> None:
        from record.announcing.files import MOST_BYTES
        from registry.notices.book import Kind
        from registry.notices.taking import take_file

        with _office(config) as (office, settings):
            whose = _depot(settings, depot)
            try:
                with file.open("rb") as source:
                    content = source.read(MOST_BYTES + 1)
            except OSError as error:
                refused(error, file, settings.file.language)
            taken = take_file(office, whose, Kind(name), str(file), content, _by())
        for problem in taken.problems:
            typer.echo(problem.line_text(settings.file.language), err=True)
        if as_json:
            wrong = [problem.as_json() for problem in taken.problems]
            told = {"read": taken.read, "new": taken.new, "problems": wrong}
            typer.echo(json.dumps(told, ensure_ascii=False))
        else:
            counts = {"file": file.name, "read": taken.read, "new": taken.new}
            typer.echo(text("registry.notices_taken", lang=settings.file.language, **counts))
        if taken.wrong:
            raise typer.Exit(1)

    @app.command("list", help="What gates are told, the newest first.")
    def list_all(depot: DepotOption = None, config: Config = DEFAULT, as_json: JsonOption = False) -> None:
        from registry.database import reading
        from registry.notices import book
        from registry.notices.book import Kind

        with _office(config) as (office, settings):
            whose = _depot(settings, depot)
            with reading(office.engine) as connection:
                rows = book.all_of(connection, Kind(name), whose)
                if not rows:
                    typer.echo(text(f"console.notice.none.{name}", lang=settings.file.language), err=True)
                for row in rows:
                    state = book.told(row, office.now())
                    if as_json:
                        typer.echo(json.dumps({"state": state, **row.body}, ensure_ascii=False))
                    else:
                        words = text(f"console.notice.state.{state}", lang=settings.file.language)
                        typer.echo(f"{row.id}  v{row.version}  {words}")

    @app.command("withdraw", help="Take one back from the gates. Exit code 1 where there is none of this id.")
    def withdraw(
        identity: IdArgument, reason: ReasonOption, depot: DepotOption = None, config: Config = DEFAULT
    ) -> None:
        from registry.notices import taking
        from registry.notices.book import Kind

        with _office(config) as (office, settings):
            whose = _depot(settings, depot)
            gone = taking.withdraw(office, Kind(name), whose, identity, _by(), reason)
        if not gone:
            fail(text("registry.no_notice", lang=settings.file.language, id=identity[:200]))


_commands(preadvice, "preadvice")
_commands(release, "release")


def _by() -> By:
    from registry.notices.book import By, Origin

    return By(f"iie-registry ({getpass.getuser()})"[:64], Origin.FILE)


def _depot(settings: Settings, named: str | None) -> str:
    """The depot that is meant; the only one where none is named."""
    depots = sorted(settings.file.depots)
    if named is not None:
        known_depots(settings, [named])
        return named
    if len(depots) == 1:
        return depots[0]
    return fail(text("registry.which_depot", lang=settings.file.language, depots=", ".join(depots)))


@contextmanager
def _office(config: Path) -> Iterator[tuple[Office, Settings]]:
    """The office of the settings' registry; errors end with a message."""
    from record.proof import SigningKey
    from registry.reports.office import Office

    with opened(config) as (engine, settings):
        key = SigningKey.read_or_create(settings.signing_key)
        yield Office(engine, settings.file, key, lambda: datetime.now(UTC), settings.folder), settings
