"""Is what the registry holds still what the gates sent? Everything is computed anew from the events' bytes.

    each event      digest of its bytes; hash; signature by a key of its gate, up to where it was handed over;
                    columns as the bytes say
    each chain      sequences 1, 2, 3 … without a hole; ``previous`` is the hash of the event before
    each receipt    signature by the registry's key; names this event, this hash, this draft's number
    each draft      the columns of its latest revision; a número de entrega that its counter has given out
    nothing over    no receipt, revision or draft without its event, no head beyond what is there
    each report     as many rows of history as it has versions; what was told of it is one signed chain a depot

An event that was refused although its proof held keeps its place in the chain, and is checked too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, Connection, select

from record.proof import PublicKey
from registry import keyring
from registry.corrections.check import check_corrections
from registry.crosscheck import check_drafts, check_keys, check_receipts, check_strays
from registry.findings import Chain, Report
from registry.handover import handovers
from registry.reports.check import check_reports
from registry.tables import REGISTRY, events, heads, refusals
from registry.walk import walk


def verified(connection: Connection, own: PublicKey | None = None) -> Report:
    """Verify all that a database holds. ``own`` is the registry's key when it is known from elsewhere.

    Without it the keys are those that the database itself names.
    """
    known = keyring.known(connection)
    if own is not None:
        known[REGISTRY] = {own.id: own}
    report, ended = Report(), handovers(connection)
    for source in connection.execute(_sources()).scalars().all():
        chain = Chain(source)
        report.chains.append(chain)
        report.events += walk(connection, chain, known, ended, report)
    check_receipts(connection, known.get(REGISTRY, {}), report)
    check_drafts(connection, report)
    check_strays(connection, report)
    check_keys(connection, report)
    check_reports(connection, known.get(REGISTRY, {}), report)
    check_corrections(connection, report)
    return report


def _sources() -> CompoundSelect[Any]:
    accepted = select(events.c.source)
    refused = select(refusals.c.source).where(refusals.c.authentic)
    told = select(heads.c.source)
    return accepted.union(refused, told).order_by("source")
