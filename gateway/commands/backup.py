"""``iie-gateway backup SITE.yaml FILE``: a copy of the outbox while everything goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.outbox import SiteArgument, fail, opened
from gateway.commands.site_file import site_or_end
from gateway.outbox.backup import back_up
from record.messages import text
from record.system_reason import reason


def backup(site: SiteArgument, file: Annotated[Path, typer.Argument(help="where the copy goes")]) -> None:
    """Copy the outbox to FILE; the gate may go on. The signing key is not in it: keep that apart."""
    settings = site_or_end(site)
    with opened(site, settings) as box:
        try:
            back_up(box.file, file)
        except OSError as error:
            fail(text("outbox.not_backed_up", settings.language, file=str(file), why=reason(error)))
    print(text("outbox.backed_up", settings.language, file=str(file)))
