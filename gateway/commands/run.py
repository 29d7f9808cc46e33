"""``iie-gateway run SITE.yaml``: the gate at work until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway.daemon import Daemon
from gateway.notify import notify
from gateway.site_checks import read_site
from record.errors import IieError
from record.messages import text
from record.yamlfile import EXIT_OTHER, EXIT_WRONG, FileErrors

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def run(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    config_dir: Annotated[
        Path | None, typer.Option(help="folder that is searched first for data files")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="log more")] = False,
) -> None:
    """Run until SIGTERM or SIGINT. Exit code 78: the file is wrong, so starting again cannot help."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format=LOG_FORMAT, stream=sys.stderr
    )
    try:
        settings = read_site(site)
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        with Daemon(settings, site.parent, config_dir):
            notify("READY=1")
            ended.wait()
            notify("STOPPING=1")
    except IieError as error:
        print(f"{error}\n{text(error.advice, settings.language)}", file=sys.stderr)
        raise typer.Exit(EXIT_OTHER) from None
