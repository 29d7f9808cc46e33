"""``iie-gateway verify SITE.yaml``: is the outbox still what the gate made?"""

from __future__ import annotations

import typer

from gateway.commands.outbox import SiteArgument, opened
from gateway.commands.site_file import site_or_end
from gateway.outbox.verify import verified


def verify(site: SiteArgument) -> None:
    """Compute every hash, signature and chain anew, from the oldest event kept.

    Exit code 0 when all is unbroken, 1 when anything is not.
    """
    settings = site_or_end(site)
    with opened(site, settings) as box:
        report = verified(box.file, box.public_key)
    for line in report.lines(settings.language):
        print(line)
    raise typer.Exit(0 if report.unbroken else 1)
