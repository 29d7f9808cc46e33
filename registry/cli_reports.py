"""``iie-registry show`` and ``export``: one report whole, and issued documents as files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.messages import text
from record.web.shown import shown as visible
from registry.cli_database import DEFAULT, Config, fail, known_depots, opened, refused
from registry.people.role import Role
from registry.people.who import COMMAND_LINE, Who

if TYPE_CHECKING:
    from registry.reports.office import Office
    from registry.reports.query import Wanted
    from registry.reports.report import Field
    from registry.settings import Settings

OPERATOR = Who(COMMAND_LINE, COMMAND_LINE, Role.AUDITOR)
"""Whoever may read the database's file may see its reports, and changes none of them here."""


def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Número de entrega of the report.")],
    config: Config = DEFAULT,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object, as the API tells a report.")
    ] = False,
    personal: Annotated[bool, typer.Option("--personal", help="With people's names and reasons.")] = False,
) -> None:
    """A report as lines for people, or as JSON."""
    from registry.api import shown
    from registry.auditor.package import find
    from registry.database import reading

    with _office(config) as (office, settings):
        language = settings.file.language
        with reading(office.engine) as connection:
            row = find(connection, number)
        seen = office.see(row.id, OPERATOR)
        detail = shown.detail(row, seen.report, office.rules, language, personal).model_dump(mode="json")
        past = shown.history(seen.history, personal).model_dump(mode="json")
        if as_json:
            typer.echo(json.dumps(detail | past, ensure_ascii=False, indent=2))
            return
        for line in _lines(detail, past, seen.report.fields(office.rules), language):
            typer.echo(_visible(line))


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the XML files go; made where it is not.")
    ],
    config: Config = DEFAULT,
    depot: Annotated[str | None, typer.Option(metavar="DEPOT", help="Reports of this depot alone.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="2026-11-24, of the entry or exit.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day, included.")] = None,
) -> None:
    """One XML file a document; files of the same name are replaced."""
    from registry.reports.document import NoDocument
    from registry.reports.office import NotNow
    from registry.reports.query import Wanted

    with _office(config) as (office, settings):
        language = settings.file.language
        known_depots(settings, [depot] if depot else None)
        wanted = Wanted(depot=depot, first_day=_day(first, language), last_day=_day(last, language))
        written = 0
        for report in _issued(office, wanted):
            try:
                name, body = office.document(report, OPERATOR)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(body)
            except (NotNow, NoDocument) as error:
                typer.echo(f"{report}: {error}", err=True)
                continue
            except OSError as error:
                refused(error, folder, language)
            written += 1
        typer.echo(text("registry.exported", lang=language, count=written, folder=str(folder)))


def _issued(office: Office, wanted: Wanted) -> Iterator[str]:
    """Ids of the reports that have left, page by page."""
    from registry.database import reading
    from registry.reports import query
    from registry.reports.state import State

    after = None
    while True:
        with reading(office.engine) as connection:
            rows, after = query.page(connection, OPERATOR, wanted, after)
        yield from (row.id for row in rows if State(row.state).has_left)
        if after is None:
            return


@contextmanager
def _office(config: Path) -> Iterator[tuple[Office, Settings]]:
    """The office on the settings' database; errors end with a message."""
    from record.proof import SigningKey
    from registry.reports.office import Office

    with opened(config) as (engine, settings):
        key = SigningKey.read_or_create(settings.signing_key)
        yield Office(engine, settings.file, key, lambda: datetime.now(UTC), settings.folder), settings


def _lines(
    detail: dict[str, object], past: dict[str, object], fields: Sequence[Field], language: str
) -> Iterator[str]:
    """A report as lines for a terminal: its fields by item, what is left to do, what has happened to it."""
    from registry.web.words import instant

    state = text(f"console.state.{detail['state']}", lang=language)
    yield f"{detail['delivery_number']}  {detail['kind']}  {state}  {detail['depot']}"
    item = None
    for field, each in zip(fields, _rows(detail, "fields"), strict=True):
        place = int(field.pointer.split("/")[2]) + 1 if field.pointer.startswith("/items/") else None
        if place != item:
            item = place
            yield f"  {text('console.field.item', lang=language, item=item)}"
        name = "left_at" if field.name == "entered_at" and detail["kind"] == "ISE" else field.name
        by = each["name"] or _whose(each["role"] or each["by"], language)
        called = text(f"console.field.{name}", lang=language)
        yield f"    {called:<27}  {_value(field, language):<30}  {by}".rstrip()
    for each in _rows(detail, "matters"):
        yield f"  ! {each['text']}"
    for each in _rows(past, "history"):
        what = text(f"console.change.{each['what']}", lang=language)
        reason = f"«{each['reason']}»" if each["reason"] else ""
        who = str(each["name"] or _whose(each["role"], language))
        yield "  " + "  ".join(
            filter(None, (instant(datetime.fromisoformat(str(each["at"]))), what, who, reason))
        )


def _value(field: Field, language: str) -> str:
    """What a field holds, in words; a dash where it holds nothing."""
    from registry.reports.field import Kind

    if field.kind is Kind.LOOSE:
        return text(f"console.loose.{field.text}", lang=language)
    if field.kind is Kind.CHOICE and field.text:
        return text(f"console.exit.{field.text}", lang=language)
    return field.text.replace("T", " ") if field.kind is Kind.MOMENT else field.text or "–"


def _visible(line: str) -> str:
    """A line with every character visible: what devices and scanners said moves no cursor and colours nothing."""
    return str(visible(" ".join(line.splitlines())))


def _whose(role: object, language: str) -> str:
    """A role, or the gate, in words."""
    if role == "gate":
        return text("registry.by_gate", lang=language)
    return text(f"console.role.{role}", lang=language) if role else ""


def _rows(of: dict[str, object], name: str) -> list[dict[str, object]]:
    found = of[name]
    return found if isinstance(found, list) else []


def _day(written: str | None, language: str) -> date | None:
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError:
        fail(text("registry.bad_day", lang=language, found=written[:40] if written else ""))
