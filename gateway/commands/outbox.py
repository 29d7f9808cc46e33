"""``iie-gateway outbox list | show | resend | dead | files``: what the registry has received, and what waits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from gateway.commands.site_file import failed, site_or_end
from gateway.folder import owned
from gateway.outbox.aside import Aside
from gateway.outbox.file import DATABASE
from gateway.outbox.outbox import Outbox, State, Stored, now
from gateway.outbox.rotation import former_keys, settled_key
from gateway.site.site import Site
from gateway.upload.queue import UploadQueue
from record.base import timestamp
from record.errors import IieError
from record.messages import text
from record.proof import SigningKey
from record.receipt import Answer
from record.topics import Gate
from record.yamlfile import EXIT_OTHER

SiteArgument = Annotated[Path, typer.Argument(metavar="SITE.yaml", help="the site's file")]
EventArgument = Annotated[str, typer.Argument(help="the event's id, or the end of it")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object an event")]

END = 8
"""Of an id a table shows as many characters, its end: that is enough to name the event."""

outbox = typer.Typer(
    help="La bandeja de salida: qué ha recibido el registro y qué espera. / What has been received, what waits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@outbox.command("list")
def list_events(
    site: SiteArgument,
    state: Annotated[list[State] | None, typer.Option(help="only events in this state")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many, newest first")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List events, newest first."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        show_events(box.find(states=state or tuple(State), limit=limit), as_json, settings.language)


@outbox.command()
def show(site: SiteArgument, event: EventArgument) -> None:
    """Show one event: where it is, the registry's receipt, and its content."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        found = meant(box, event, settings.language)
    print(json.dumps(figures(found) | {"receipt": found.receipt}, ensure_ascii=False, indent=2))
    print(json.dumps(json.loads(found.body), ensure_ascii=False, indent=2))


@outbox.command()
def resend(site: SiteArgument, event: EventArgument) -> None:
    """Send an event again, unchanged; the registry answers as it did the first time."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        found = meant(box, event, settings.language)
        if found.state is State.DEAD:
            fail(text("outbox.dead_for_good", settings.language, event=found.id))
        box.again(found.source, found.sequence, found.sequence)
    print(text("outbox.resent", settings.language, event=found.id))


@outbox.command()
def dead(
    site: SiteArgument,
    event: Annotated[
        str | None, typer.Argument(help="an event to put aside; all dead ones otherwise")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="why it can never be delivered")] = None,
    as_json: JsonOption = False,
) -> None:
    """List dead events and what fits into none, or put one aside that blocks: a small event takes its place."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        if event is None:
            show_events(box.find(states=[State.DEAD]), as_json, settings.language)
            show_aside(box.aside(), as_json, settings.language)
            return
        found = meant(box, event, settings.language)
        if reason is None or not found.state.waiting:
            fail(text("outbox.not_buried", settings.language, event=found.id, state=found.state))
        if found.receipt is not None and Answer(found.receipt["answer"]).received:
            fail(text("outbox.held", settings.language, event=found.id))
        box.bury(found.row, reason)
    print(text("outbox.buried", settings.language, event=found.id))


@outbox.command()
def files(
    site: SiteArgument,
    again: Annotated[bool, typer.Option("--again", help="let what was refused or gone wait anew")] = False,
    as_json: JsonOption = False,
) -> None:
    """List pictures and other files that the registry does not hold yet, with the reason."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        queue = UploadQueue(box.file)
        if again:
            count = queue.again(timestamp(now()))
            print(text("outbox.files_again", settings.language, count=count))
            return
        found = queue.unsettled()
    if as_json:
        for file in found:
            print(json.dumps(asdict(file), ensure_ascii=False))
        return
    if settings.registry is None:
        print(text("outbox.files_stay", settings.language), file=sys.stderr)
    columns = ("file", "type", "event", "state", "created", "reason")
    heads = [text(f"outbox.column.{name}", settings.language) for name in columns]
    table = Table(*heads, title=text("outbox.files", settings.language))
    for file in found:
        state = text(f"outbox.file_state.{file.state.value}", settings.language)
        cells = (file.digest[:16], file.kind.value, file.event, state, file.changed_at, file.reason or "")
        table.add_row(*cells)
    Console().print(table)


@contextmanager
def opened(site: Path, settings: Site, *, owner: bool = False) -> Iterator[Outbox]:
    """The site's outbox for a while, or the end with what is wrong.

    Only an ``owner`` makes one where there is none, and only where no other is at work.
    """
    path = site.parent / settings.data / DATABASE
    key_file, gate = site.parent / settings.keys.signing, Gate(settings.depot.name, settings.gate)
    try:
        with owned(path.parent) if owner else nullcontext():
            key = settled_key(key_file, path) if owner else SigningKey.read(key_file)
            former = former_keys(key_file)
            with closing(
                Outbox(path, gate, key, owner=owner, simulated=settings.simulated, former=former)
            ) as box:
                yield box
    except IieError as error:
        raise failed(error, settings.language) from None


def meant(box: Outbox, event: str, language: str) -> Stored:
    """The event of an id or of its end, also as a table shows it, or the end of the program."""
    end = event.removeprefix("…")
    found = [each for each in box.find(limit=10**9) if each.id.endswith(end)]
    if len(found) != 1:
        fail(text("outbox.no_such_event", language, event=event, count=len(found)))
    return found[0]


def figures(event: Stored) -> dict[str, Any]:
    """What a list shows of an event."""
    names = ("source", "sequence", "id", "type", "subject", "state", "attempts", "created_at", "reason")
    return {name: getattr(event, name) for name in names}


def show_events(events: Iterable[Stored], as_json: bool, language: str) -> None:
    """Events as lines of JSON or as a table."""
    if as_json:
        for event in events:
            print(json.dumps(figures(event), ensure_ascii=False))
        return
    columns = ("sequence", "event", "type", "state", "attempts", "created", "reason")
    heads = [text(f"outbox.column.{name}", language) for name in columns]
    table = Table(*heads, title=text("outbox.title", language))
    for event in events:
        state = text(f"outbox.state.{event.state.value}", language)
        kind = event.type.removeprefix("ec.iie.")
        created = event.created_at[:16].replace("T", " ")
        cells = (str(event.sequence), f"…{event.id[-END:]}", kind, state, str(event.attempts), created)
        table.add_row(*cells, event.reason or "")
    Console().print(table)


def show_aside(found: Iterable[Aside], as_json: bool, language: str) -> None:
    """What fits into no event, a line each; nothing where all fitted."""
    for each in found:
        if as_json:
            print(json.dumps(asdict(each) | {"state": "aside"}, ensure_ascii=False))
        else:
            about = f"{each.type} {each.subject or '–'} {each.at}"
            print(text("outbox.aside", language, about=about, reason=each.reason))


def fail(message: str) -> NoReturn:
    """End the program with a message."""
    print(message, file=sys.stderr)
    raise typer.Exit(EXIT_OTHER)
