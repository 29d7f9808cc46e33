"""``iie-gateway key SITE.yaml``: the public key that the registry has to accept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.site_file import failed, site_or_end
from record.proof import BadKey, SigningKey


def key(site: Annotated[Path, typer.Argument(help="the site's YAML file")]) -> None:
    """Print the gate's public key; the private one is made where there is none yet."""
    settings = site_or_end(site)
    try:
        print(SigningKey.read_or_create(site.parent / settings.keys.signing).public)
    except BadKey as error:
        raise failed(error, settings.language) from None
