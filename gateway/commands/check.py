"""``iie-gateway check SITE.yaml``: what is wrong in a site's file, where, and what is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway.site.checks import CHECKS
from gateway.site.site import Site
from record.messages import text
from record.yamlfile import check as check_file
from record.yamlfile import exit_code


def check(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object with all problems")] = False,
    lang: Annotated[str | None, typer.Option(help="es or en; the site's own language otherwise")] = None,
) -> None:
    """Exit code 0: right, warnings allowed; 78: the file is wrong; 1: it cannot be read."""
    value, problems = check_file(site, Site, CHECKS)
    language = lang or (value.language if value else "es")
    if as_json:
        found = {"file": str(site), "valid": value is not None, "problems": [p.as_json() for p in problems]}
        print(json.dumps(found, ensure_ascii=False))
    else:
        for problem in problems:
            print(problem.line_text(language))
        if value is not None:
            print(text("site.right", language, file=str(site), lanes=len(value.lanes)))
    raise typer.Exit(exit_code(problems))
