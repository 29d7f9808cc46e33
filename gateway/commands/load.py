"""``iie-gateway load SITE.yaml``: synthetic drafts through the real outbox and link, to kill and compare."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway import logs
from gateway.commands.outbox import opened
from gateway.commands.site_file import site_or_end
from gateway.link.link import Link
from gateway.link.login import address
from gateway.load import letters, put_load, wait_until_received
from record.proof import PublicKey
from record.topics import Gate
from record.yamlfile import EXIT_OTHER


def load(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    journal: Annotated[Path, typer.Option(help="file that gets each event's id once it is stored")],
    rate: Annotated[float, typer.Option(min=0.01, max=10_000, help="drafts a second")] = 1,
    seconds: Annotated[float, typer.Option(min=0, help="how long drafts are made")] = 10,
    wait: Annotated[float, typer.Option(min=0, help="seconds to wait for receipts at the end")] = 60,
) -> None:
    """Make synthetic drafts in the gate's place; do not run it beside `iie-gateway run`.

    Every draft is marked as simulated. Exit code 0 when everything in the outbox has been answered.
    """
    logs.begin(stream=sys.stderr)
    settings = site_or_end(site)
    stop, leave = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: leave.set() if stop.is_set() else stop.set())
    signal.signal(signal.SIGINT, lambda *_: leave.set() if stop.is_set() else stop.set())
    gate = Gate(settings.depot.name, settings.gate)
    with opened(site, settings, owner=True) as outbox:
        link = Link(
            outbox,
            gate,
            address(settings.broker, gate, site.parent),
            PublicKey.parse(settings.keys.registry),
            window=settings.broker.window,
            resend_after_s=settings.broker.resend_after_s,
        )
        link.start()
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("a", encoding="ascii") as file:
            done = put_load(outbox, letters(settings), rate, seconds, file, stop)
        stop.set()
        left = wait_until_received(outbox, wait, leave.is_set)
        link.stop()
    told = {
        "stored": done.stored,
        "seconds": round(done.seconds, 3),
        "retries": done.broken,
        "received": link.status.received,
        "refused": link.status.refused,
        "waiting": left,
    }
    print(json.dumps(told))
    raise typer.Exit(0 if left == 0 else EXIT_OTHER)
