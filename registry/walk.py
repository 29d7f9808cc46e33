"""Along one chain: each event by itself, and each against the one before."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, literal, select

from record.errors import BadRecord
from record.event import Event, RecordDead
from record.proof import PublicKey, sha256, unwire, verify
from record.topics import gate_of_source
from registry import keyring
from registry.content import draft_of, read
from registry.findings import Chain, Report
from registry.handover import Handover, Owned, last_signed
from registry.tables import events, refusals

STREAM = 500
"""Rows that are held in memory at once."""

LAST = 2**31 - 1
"""The largest sequence there can be."""

Keys = Mapping[str, Mapping[str, PublicKey]]
Ended = Mapping[Owned, Handover]
Wrong = tuple[str, dict[str, object]]


def walk(
    connection: Connection,
    chain: Chain,
    known: Keys,
    ended: Ended,
    report: Report,
    limit: int | None = None,
    until: int = LAST,
) -> int:
    """Follow a chain from where it is known to be unbroken; how many places were looked at.

    ``ended`` are the keys that were handed over. ``chain.through`` stops at the first thing that is wrong; what
    follows is still looked at, at most ``limit`` places and none after sequence ``until``.
    """
    seen = chain.through
    looked = 0
    last = _last_places(connection, chain.source, ended)
    for sequence, row in islice(_places(connection, chain.source, chain.through, until), limit):
        wrong = list(_event_problems(row, known))
        over, allowed = last.get(row.key, (LAST, LAST))
        if sequence > allowed and row.position > over:
            wrong.append(("ended_key", {"key": row.key}))
        if sequence > seen + 1:
            wrong.insert(0, ("missing", {"first": seen + 1, "last": sequence - 1}))
        elif row.previous != chain.link:
            wrong.append(("chain", {}))
        for code, params in wrong:
            report.add(code, source=chain.source, sequence=sequence, **params)
        chain.sound = chain.sound and not wrong
        chain.link, seen, looked = row.link, sequence, looked + 1
        if chain.sound:
            chain.through = sequence
    chain.highest = max(chain.highest, seen)
    return looked


def _last_places(connection: Connection, source: str, ended: Ended) -> dict[str, tuple[int, int]]:
    """For each key that was handed over: the row that did so, and the last sequence of this chain that it may have
    signed in a later row."""
    owner = source.strip("/").rpartition("/")[0]
    return {
        key: (over.position, last_signed(connection, over, source))
        for (of, key), over in ended.items()
        if of == owner
    }


def _places(connection: Connection, source: str, after: int, until: int) -> Iterator[tuple[int, Row[Any]]]:
    """The places of a chain in order, each once: an accepted event stands before a refused one."""
    accepted = select(events).where(events.c.source == source, events.c.sequence.between(after + 1, until))
    refused = select(
        refusals.c.event.label("id"),
        *(
            refusals.c[name]
            for name in ("source", "sequence", "previous", "hash", "key", "digest", "body", "topic")
        ),
        refusals.c.hash.label("link"),
        literal(0).label("position"),
    ).where(
        refusals.c.authentic,
        refusals.c.source == source,
        refusals.c.sequence.between(after + 1, until),
    )
    streams = [
        _stream(connection, query.order_by("sequence"), rank)
        for rank, query in enumerate((accepted, refused))
    ]
    last = after
    for sequence, _rank, row in heapq.merge(*streams, key=itemgetter(0, 1)):
        if sequence > last:
            yield sequence, row
        last = sequence


def _stream(connection: Connection, query: Select[Any], rank: int) -> Iterator[tuple[int, int, Row[Any]]]:
    for row in connection.execute(query, execution_options={"yield_per": STREAM}):
        yield row.sequence, rank, row


def _event_problems(row: Row[Any], known: Keys) -> Iterator[Wrong]:
    """What is wrong with one event by itself."""
    body = row.body
    if sha256(body) != row.digest:
        yield "digest", {}
    try:
        record = unwire(body)
        gate = gate_of_source(row.source)
        proof = verify(record, known.get(keyring.owner(gate), {}))
    except KeyError as error:
        yield "foreign_key", {"key": str(error.args[0])}
        return
    except BadRecord as error:
        yield "proof", {"reason": str(error)}
        return
    expected: dict[str, object] = {"hash": proof.hash, "key": proof.key}
    expected |= {name: record.get(name) for name in ("id", "source", "sequence", "previous")}
    if not row.topic.startswith(gate.root + "/"):
        yield "column", {"column": "topic"}
    if "type" in row._mapping:
        try:
            expected |= _said(record, proof.hash)
        except BadRecord as error:
            yield "contract", {"reason": str(error)}
    for name, value in expected.items():
        if row._mapping[name] != value:
            yield "column", {"column": name}


def _said(record: Mapping[str, Any], digest: str) -> dict[str, object]:
    """The columns of an accepted event that its bytes decide."""
    event = Event.from_wire(record)
    gate, data = gate_of_source(event.source), read(event)
    return {
        "type": event.type.value,
        "time": event.time,
        "link": data.hash if isinstance(data, RecordDead) else digest,
        "depot": gate.depot,
        "gate": gate.gate,
        "draft": draft_of(data),
        "simulated": event.simulated,
    }
