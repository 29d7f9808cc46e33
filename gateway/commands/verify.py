"""``iie-gateway verify SITE.yaml``: is the outbox still what the gate made?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.outbox import SiteArgument, fail, opened, settings_of
from gateway.outbox_file import OutboxFile
from gateway.outbox_verify import verified
from record.errors import IieError
from record.proof import PublicKey


def verify(
    site: SiteArgument,
    db: Annotated[Path | None, typer.Option(help="another file, such as a backup")] = None,
    key: Annotated[str | None, typer.Option(help="the gate's public key, when it is not the site's")] = None,
) -> None:
    """Compute every hash, signature and chain anew, from the oldest event kept.

    Exit code 0 when all is unbroken, 1 when anything is not.
    """
    settings = settings_of(site)
    try:
        box = opened(site, settings) if db is None else None
        file = box.file if box else OutboxFile(db or site)
        own = PublicKey.parse(key) if key else opened(site, settings).public_key
        report = verified(file, own)
    except IieError as error:
        fail(str(error))
    for line in report.lines(settings.language):
        print(line)
    raise typer.Exit(0 if report.unbroken else 1)
