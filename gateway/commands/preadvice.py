"""``iie-gateway preadvice import | list | withdraw``: what the gate was told to expect, and what may leave."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.memory_store import MemoryStore
from gateway.outbox.file import DATABASE
from gateway.site.checks import read_site
from gateway.site.site import Site
from record.announcing import files as announcing
from record.base import timestamp
from record.preadvice import Preadvice
from record.release import Release
from record.yamlfile import EXIT_OTHER, EXIT_WRONG, FileErrors

SiteOption = Annotated[Path, typer.Option(help="the site's YAML file")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object a line")]

preadvice = typer.Typer(
    help="Los preavisos y aprobaciones de salida que conoce la garita. / What the gate was told to expect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@preadvice.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="YAML, CSV, JSON, or the XML of a guía de remisión")],
    site: SiteOption,
    as_json: JsonOption = False,
) -> None:
    """Take a file's announcements in; a gate at work knows them at once. Exit code 1 where any was wrong."""
    settings = _settings(site)
    batch = announcing.read(file)
    with _store(site, settings) as store:
        new = store.announced(*batch.notices)
    for problem in batch.problems:
        print(problem.line_text(settings.language), file=sys.stderr)
    if as_json:
        wrong = [problem.as_json() for problem in batch.problems]
        print(json.dumps({"taken": len(batch.notices), "new": new, "problems": wrong}, ensure_ascii=False))
    else:
        print(f"{file.name}: {len(batch.notices)} leídos, {new} nuevos / read, new")
    if batch.wrong:
        raise typer.Exit(EXIT_OTHER)


@preadvice.command("list")
def list_all(site: SiteOption, as_json: JsonOption = False) -> None:
    """List what is known, announcements first."""
    with _store(site, _settings(site)) as store:
        memory = store.memory()
        known: list[Preadvice | Release] = [*memory.announcements.all(), *memory.releases.all()]
        for each in known:
            print(json.dumps(each.to_wire(), ensure_ascii=False) if as_json else _line(each))


@preadvice.command()
def withdraw(
    identity: Annotated[str, typer.Argument(metavar="ID", help="the announcement's or release's id")],
    site: SiteOption,
) -> None:
    """Forget an announcement or a release. Exit code 1 where there is none of this id."""
    with _store(site, _settings(site)) as store:
        gone = [store.withdrawn(table, identity) for table in ("announcements", "releases")]
    if not any(gone):
        print(f"{identity}: no hay tal aviso / there is none of this id", file=sys.stderr)
        raise typer.Exit(EXIT_OTHER)


def _line(notice: Preadvice | Release) -> str:
    keys = notice.keys
    document = f"{keys.document.type} {keys.document.number}" if keys.document else "–"
    until = timestamp(notice.valid_until)[:10] if notice.valid_until else "–"
    what = notice.cargo.description or "–" if isinstance(notice, Preadvice) else notice.reason.value
    origin = "MQTT" if notice.proof else "–"
    return "  ".join(
        (notice.id, f"v{notice.version}", document, " ".join(keys.containers) or "–", until, what, origin)
    )


def _settings(site: Path) -> Site:
    try:
        return read_site(site)
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None


@contextmanager
def _store(site: Path, settings: Site) -> Iterator[MemoryStore]:
    store = MemoryStore(site.parent / settings.data / DATABASE)
    try:
        yield store
    finally:
        store.close()
