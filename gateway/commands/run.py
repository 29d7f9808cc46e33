"""``iie-gateway run SITE.yaml``: the gate at work until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway import logs
from gateway.commands.site_file import failed, site_or_end, wrong_file
from gateway.daemon import Daemon
from gateway.notify import notify
from record.errors import IieError
from record.yamlfile import FileErrors

log = logging.getLogger(__name__)

WATCH_EVERY_S = 5.0
"""How often the watchdog is fed; the unit gives it six times as long."""


def run(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    config_dir: Annotated[
        Path | None, typer.Option(help="folder that is searched first for data files")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="log more")] = False,
) -> None:
    """Run until SIGTERM or SIGINT. Exit code 78: a file is wrong, so starting again cannot help."""
    logs.begin(logging.DEBUG if verbose else logging.INFO, stream=sys.stderr)
    settings = site_or_end(site)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        with Daemon(settings, site.parent, config_dir) as daemon:
            notify("READY=1")
            _watch(daemon, ended)
            notify("STOPPING=1")
    except FileErrors as errors:
        raise wrong_file(errors) from None
    except IieError as error:
        raise failed(error, settings.language) from None


def _watch(daemon: Daemon, ended: threading.Event) -> None:
    """Feed systemd's watchdog while everything goes round; what hangs is told, and not fed for."""
    told: tuple[str, ...] = ()
    while not ended.wait(WATCH_EVERY_S):
        hanging = daemon.hanging()
        if not hanging:
            notify("WATCHDOG=1")
        elif hanging != told:
            log.critical("%s: no longer at work; the watchdog is not fed", ", ".join(hanging))
        told = hanging
