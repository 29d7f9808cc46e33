"""``iie-gateway key SITE.yaml``: the public key that the registry has to accept; ``key rotate``: a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.site_file import failed, site_or_end
from gateway.folder import owned
from gateway.outbox.file import DATABASE
from gateway.outbox.rotation import rotate
from record.errors import IieError
from record.messages import text
from record.proof import SigningKey
from record.topics import Gate

ROTATE = "rotate"


def key(
    words: Annotated[list[str], typer.Argument(metavar="[rotate] SITE.yaml", help="the site's YAML file")],
    reason: Annotated[str, typer.Option(help="why the key is changed, as the chain says it")] = "rotation",
) -> None:
    """Print the gate's public key; the private one is made where there is none yet.

    ``rotate``: make a new key while the gate is stopped. The old one announces it in the chain, so the registry
    accepts it by itself.
    """
    *verbs, file = words
    if verbs not in ([], [ROTATE]):
        raise typer.BadParameter(" ".join(words), param_hint="[rotate] SITE.yaml")
    site = Path(file)
    settings = site_or_end(site)
    key_file, data = site.parent / settings.keys.signing, site.parent / settings.data
    try:
        if not verbs:
            print(SigningKey.read_or_create(key_file).public)
            return
        with owned(data):
            gate = Gate(settings.depot.name, settings.gate)
            old, new = rotate(key_file, data / DATABASE, gate, reason, simulated=settings.simulated)
    except IieError as error:
        raise failed(error, settings.language) from None
    print(text("key.rotated", settings.language, old=str(old), new=str(new)))
