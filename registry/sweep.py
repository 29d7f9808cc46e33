"""The sweep: while the registry works, what has come in since the last look is followed along its chain.

Per source it keeps how far the chain was found unbroken. A break stops the sweep of that source until the
next start, and is told; `iie-registry verify` looks at everything from the beginning.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from record.messages import Phrase
from record.proof import GENESIS
from registry import keyring
from registry.findings import Chain, Report
from registry.handover import handovers
from registry.tables import heads, verified
from registry.walk import walk

PLACES = 200
"""Places of one chain that are looked at in one go: some tenths of a second."""


def forget_breaks(connection: Connection) -> None:
    """Look again at what was found broken; somebody may have mended it."""
    connection.execute(delete(verified).where(verified.c.problem.is_not(None)))


def broken(connection: Connection) -> bool:
    """Whether a chain is known to be broken."""
    query = select(func.count()).select_from(verified).where(verified.c.problem.is_not(None))
    return bool(connection.execute(query).scalar_one())


def sweep(connection: Connection, now: datetime) -> tuple[bool, list[Phrase]]:
    """Follow one chain a little further: whether there was anything to do, and what is wrong with it."""
    query = (
        select(heads.c.source, heads.c.sequence, verified.c.sequence.label("through"), verified.c.link)
        .outerjoin(verified, verified.c.source == heads.c.source)
        .where(
            verified.c.problem.is_(None),
            or_(verified.c.sequence.is_(None), verified.c.sequence < heads.c.sequence),
            heads.c.sequence > 0,
        )
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return False, []
    chain = Chain(row.source, through=row.through or 0, link=row.link or GENESIS)
    report = Report()
    known, ended = keyring.known(connection), handovers(connection)
    walk(connection, chain, known, ended, report, PLACES, until=row.sequence)
    values = {
        "sequence": chain.through,
        "link": chain.link,
        "at": now,
        "problem": None if report.unbroken else report.problems[0].text("en"),
    }
    if row.through is None:
        connection.execute(insert(verified).values(source=row.source, **values))
    else:
        connection.execute(update(verified).where(verified.c.source == row.source).values(values))
    return True, report.problems
