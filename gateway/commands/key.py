"""``iie-gateway key SITE.yaml``: the public key that the registry has to accept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.site_checks import read_site
from record.proof import SigningKey
from record.yamlfile import EXIT_WRONG, FileErrors


def key(site: Annotated[Path, typer.Argument(help="the site's YAML file")]) -> None:
    """Print the gate's public key; the private one is made where there is none yet."""
    try:
        settings = read_site(site)
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None
    print(SigningKey.read_or_create(site.parent / settings.keys.signing).public)
