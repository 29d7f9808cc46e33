"""``iie-gateway run SITE.yaml``: the gate at work until it is told to end."""

from __future__ import annotations

import logging
import queue
import signal
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Annotated

import typer

from gateway import logs
from gateway.commands.site_file import failed, site_or_end, wrong_file
from gateway.daemon import Daemon
from gateway.notify import notify
from gateway.reload import Reloaded
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
    """Run until SIGTERM or SIGINT; SIGHUP reads the file again. Exit code 78: a file is wrong, so starting again
    cannot help."""
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda given, _: signals.put(given))
    logs.begin(logging.DEBUG if verbose else logging.INFO, stream=sys.stderr)
    settings = site_or_end(site)
    try:
        with Daemon(settings, site.parent, config_dir, site) as daemon:
            notify("READY=1")
            _watch(daemon, signals)
            notify("STOPPING=1")
    except FileErrors as errors:
        raise wrong_file(errors) from None
    except IieError as error:
        raise failed(error, settings.language) from None


def _watch(daemon: Daemon, signals: queue.SimpleQueue[int]) -> None:
    """Feed systemd's watchdog while everything goes round; what hangs is told, and not fed for."""
    told: tuple[str, ...] = ()
    due = 0.0
    while True:
        try:
            if signals.get(timeout=max(0.0, due - time.monotonic())) != signal.SIGHUP:
                return
            _reload(daemon)
        except queue.Empty:
            hanging = daemon.hanging()
            if not hanging:
                notify("WATCHDOG=1")
            elif hanging != told:
                log.critical("%s: no longer at work; the watchdog is not fed", ", ".join(hanging))
            told, due = hanging, time.monotonic() + WATCH_EVERY_S


def _reload(daemon: Daemon) -> None:
    """Have the file read again, and say so to systemd, from when to when (sd_notify(3))."""
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
    daemon.reload().add_done_callback(_reloaded)


def _reloaded(done: Future[Reloaded]) -> None:
    error = done.exception()
    notify(
        f"READY=1\nSTATUS={f'the file is not followed: {error}' if error else 'the file is followed'}"[:500]
    )
