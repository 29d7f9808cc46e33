"""``iie-gateway check SITE.yaml``: what is wrong in a site's file, where, and what is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.site.checks import CHECKS
from gateway.site.site import Site
from record.messages import text
from record.yamlfile import EXIT_OTHER, exit_code
from record.yamlfile import check as check_file

if TYPE_CHECKING:
    from gateway.commands.live import Shown


def check(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object with all problems")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="open every device too, and say what it hears")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0.5, help="how long to listen, with --live")] = 10,
    lang: Annotated[str | None, typer.Option(help="es or en; the site's own language otherwise")] = None,
) -> None:
    """Exit code 0: right, warnings allowed; 78: the file is wrong; 1: it cannot be read, or a device says nothing."""
    value, problems = check_file(site, Site, CHECKS)
    language = lang or (value.language if value else "es")
    live_devices = _listen(value, site.parent, seconds) if live and value is not None else []
    if as_json:
        found = {"file": str(site), "valid": value is not None, "problems": [p.as_json() for p in problems]}
        if live:
            found["devices"] = [device.as_json() for device in live_devices]
        print(json.dumps(found, ensure_ascii=False))
    else:
        for problem in problems:
            print(problem.line_text(language))
        if value is not None:
            print(text("site.right", language, file=str(site), lanes=len(value.lanes)))
        for device in live_devices:
            print(device.line_text(language))
    code = exit_code(problems)
    raise typer.Exit(code if code or all(device.well for device in live_devices) else EXIT_OTHER)


def _listen(site: Site, folder: Path, seconds: float) -> list[Shown]:
    """Open the devices; drivers are loaded only now, so that a check alone needs none."""
    from gateway.commands.live import listened

    return listened(site, folder, seconds)
