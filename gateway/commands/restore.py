"""``iie-gateway restore SITE.yaml FILE``: a backup in place of the outbox; a new installation begins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.outbox import SiteArgument, fail
from gateway.commands.site_file import failed, site_or_end
from gateway.outbox.backup import restore as lay_in
from gateway.outbox.file import DATABASE
from record.errors import IieError
from record.messages import text
from record.proof import SigningKey
from record.topics import Gate


def restore(site: SiteArgument, file: Annotated[Path, typer.Argument(help="a backup")]) -> None:
    """Lay FILE in as the outbox while the service is stopped. What was there is kept beside it."""
    settings = site_or_end(site)
    gate = Gate(settings.depot.name, settings.gate)
    try:
        key = SigningKey.read_or_create(site.parent / settings.keys.signing)
        aside, installation = lay_in(
            file, site.parent / settings.data / DATABASE, gate, key, simulated=settings.simulated
        )
    except IieError as error:
        raise failed(error, settings.language) from None
    except OSError as error:
        fail(str(error))
    where = str(aside) if aside else "–"
    print(text("outbox.restored", settings.language, aside=where, installation=installation))
