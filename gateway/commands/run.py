"""``iie-gateway run SITE.yaml``: the gate at work until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.site_file import failed, site_or_end, wrong_file
from gateway.daemon import Daemon
from gateway.notify import notify
from record.errors import IieError
from record.yamlfile import FileErrors

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def run(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    config_dir: Annotated[
        Path | None, typer.Option(help="folder that is searched first for data files")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="log more")] = False,
) -> None:
    """Run until SIGTERM or SIGINT. Exit code 78: a file is wrong, so starting again cannot help."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format=LOG_FORMAT, stream=sys.stderr
    )
    settings = site_or_end(site)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        with Daemon(settings, site.parent, config_dir):
            notify("READY=1")
            ended.wait()
            notify("STOPPING=1")
    except FileErrors as errors:
        raise wrong_file(errors) from None
    except IieError as error:
        raise failed(error, settings.language) from None
