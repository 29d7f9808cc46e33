"""``iie-gateway backup SITE.yaml FILE``: a copy of the outbox while everything goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.outbox import SiteArgument, fail, opened, settings_of
from gateway.outbox.backup import back_up
from record.messages import text


def backup(site: SiteArgument, file: Annotated[Path, typer.Argument(help="where the copy goes")]) -> None:
    """Copy the outbox to FILE; the gate may go on. The signing key is not in it: keep that apart."""
    settings = settings_of(site)
    with opened(site, settings) as box:
        try:
            back_up(box.file, file)
        except OSError as error:
            fail(str(error))
    print(text("outbox.backed_up", settings.language, file=str(file)))
