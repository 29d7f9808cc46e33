"""``iie-gateway outbox SITE.yaml``: what the registry has received, and what waits."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.daemon import DATABASE
from gateway.outbox import Outbox, State
from gateway.site_checks import read_site
from record.proof import SigningKey
from record.topics import Gate
from record.yamlfile import EXIT_WRONG, FileErrors


def outbox(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    state: Annotated[list[State] | None, typer.Option(help="only events in this state")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object an event")] = False,
) -> None:
    """List the outbox, newest first."""
    try:
        settings = read_site(site)
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None
    signing = SigningKey.read_or_create(site.parent / settings.keys.signing)
    gate = Gate(settings.depot.name, settings.gate)
    box = Outbox(site.parent / settings.data / DATABASE, gate, signing)
    events = box.find(states=state or tuple(State))
    if as_json:
        for event in events:
            shown = {
                n: getattr(event, n)
                for n in ("sequence", "id", "type", "subject", "state", "attempts", "reason")
            }
            print(json.dumps(shown))
        return
    table = Table("n.º", "tipo", "estado", "envíos", "creado", "motivo", title="Bandeja de salida")
    for event in events:
        table.add_row(
            str(event.sequence),
            event.type,
            event.state,
            str(event.attempts),
            event.created_at,
            event.reason or "",
        )
    Console().print(table)
