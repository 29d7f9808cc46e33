"""The tables beside the events: does each row say what its event says, and is none missing or over?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, select

from record.draft import Draft
from record.errors import BadRecord
from record.event import Event, EventType, KeyChanged
from record.proof import PublicKey, unwire, verify
from record.receipt import Answer, Receipt
from record.topics import gate_of_source
from registry import keyring
from registry.content import columns, read
from registry.findings import Report
from registry.store import CANCELLED
from registry.tables import counters, drafts, events, heads, keys, receipts, revisions
from registry.walk import STREAM


def check_receipts(connection: Connection, own: Mapping[str, PublicKey], report: Report) -> None:
    """Every accepted event has its receipt, and the receipt says what the tables say."""
    query = (
        select(events.c.id, events.c.source, events.c.sequence, events.c.hash, events.c.draft)
        .add_columns(events.c.received_at, receipts.c.body, receipts.c.at, drafts.c.delivery_number)
        .select_from(
            events.outerjoin(receipts, receipts.c.event == events.c.id).outerjoin(
                drafts, drafts.c.draft == events.c.draft
            )
        )
        .order_by(events.c.position)
    )
    for row in connection.execute(query, execution_options={"yield_per": STREAM}):
        if row.body is None:
            report.add("no_receipt", source=row.source, sequence=row.sequence)
            continue
        problem = _receipt_problem(row, own)
        if problem is not None:
            report.add("receipt", source=row.source, sequence=row.sequence, reason=problem)


def _receipt_problem(row: Row[Any], own: Mapping[str, PublicKey]) -> str | None:
    try:
        record = unwire(row.body)
        verify(record, own)
        receipt = Receipt.from_wire(record)
    except KeyError as error:
        return f"signed by key {error.args[0]}, which is not the registry's"
    except BadRecord as error:
        return str(error)
    said = (receipt.event, receipt.source, receipt.sequence, receipt.hash, receipt.draft)
    if said != (row.id, row.source, row.sequence, row.hash, row.draft):
        return "it names another event"
    if receipt.answer is not Answer.ACCEPTED or not receipt.at == row.at == row.received_at:
        return "it says another answer or time"
    if receipt.delivery_number is not None and receipt.delivery_number != row.delivery_number:
        return f"it gave the number {receipt.delivery_number}, the draft has {row.delivery_number}"
    return None


def check_drafts(connection: Connection, report: Report) -> None:
    """Every draft shows its latest revision, and has a number that its counter has given out."""
    given = {(row.oce, row.year): row.last for row in connection.execute(select(counters))}
    told, voided = events.alias(), events.alias()
    cancelled = exists().where(
        voided.c.draft == drafts.c.draft, voided.c.type == EventType.DRAFT_CANCELLED.value
    )
    first = (
        select(func.min(told.c.received_at))
        .where(told.c.draft == drafts.c.draft, told.c.type == EventType.DRAFT.value)
        .scalar_subquery()
    )
    query = (
        select(drafts, events.c.body, cancelled.label("cancelled"), first.label("first"))
        .outerjoin(events, events.c.id == drafts.c.event)
        .order_by(drafts.c.position)
    )
    for row in connection.execute(query, execution_options={"yield_per": STREAM}):
        for name in _draft_problems(row):
            report.add("draft", draft=row.draft, column=name)
        number = row.delivery_number
        if not _given(number, given):
            report.add("number", draft=row.draft, number=number)
    for draft in connection.execute(_behind()).scalars():
        report.add("behind", draft=draft)


def _draft_problems(row: Row[Any]) -> Iterator[str]:
    if row.body is None:
        yield "event"
        return
    try:
        event = Event.from_wire(unwire(row.body))
        data = read(event)
    except BadRecord:
        return  # told where the event was looked at
    if not isinstance(data, Draft):
        yield "event"
        return
    gate = gate_of_source(event.source)
    expected = {**columns(data), "draft": data.draft, "depot": gate.depot, "gate": gate.gate}
    expected["simulated"] = event.simulated
    expected["received_at"] = row.first
    if row.cancelled:
        expected["status"] = CANCELLED
    for name, value in expected.items():
        if row._mapping[name] != value:
            yield name


def _given(number: str, given: Mapping[tuple[str, int], int]) -> bool:
    """Whether a number of 21 characters is one that its operator's counter has reached."""
    digits = number[:20]
    if len(number) != 21 or not (digits.isascii() and digits.isdigit()):
        return False
    return int(number[12:20]) <= given.get((number[:8], int(number[8:12])), 0)


def _behind() -> Select[Any]:
    """Drafts that show another revision than the highest that is there."""
    newer = exists().where(revisions.c.draft == drafts.c.draft, revisions.c.revision > drafts.c.revision)
    return select(drafts.c.draft).where(newer).order_by(drafts.c.position)


def check_strays(connection: Connection, report: Report) -> None:
    """Rows whose event is gone, drafts that are gone, heads beyond what is there."""
    looked: tuple[tuple[str, Select[Any]], ...] = (
        ("receipt_stray", select(receipts.c.event).where(~_event_exists(receipts.c.event))),
        ("revision_stray", select(revisions.c.event).where(~_event_exists(revisions.c.event))),
        (
            "revision_gone",
            select(events.c.id).where(
                events.c.type == EventType.DRAFT.value,
                ~exists().where(revisions.c.event == events.c.id, revisions.c.draft == events.c.draft),
            ),
        ),
        (
            "draft_gone",
            select(events.c.id).where(
                events.c.type == EventType.DRAFT.value, ~exists().where(drafts.c.draft == events.c.draft)
            ),
        ),
    )
    for code, query in looked:
        for event in connection.execute(query).scalars():
            report.add(code, event=event)
    highest = {chain.source: chain for chain in report.chains}
    for row in connection.execute(select(heads)):
        chain = highest[row.source]
        if row.sequence == chain.highest and row.hash != chain.link:
            report.add("head", source=row.source, sequence=row.sequence)
        if max(row.sequence, row.highest) > chain.highest:
            first, last = chain.highest + 1, max(row.sequence, row.highest)
            chain.sound = False
            report.add("missing", source=row.source, sequence=last, first=first, last=last)


def _event_exists(column: Any) -> Any:
    return exists().where(events.c.id == column)


def check_keys(connection: Connection, report: Report) -> None:
    """A key that an event brought in was brought in by that event."""
    query = (
        select(keys, events.c.body)
        .outerjoin(
            events,
            and_(events.c.id == keys.c.accepted_by, events.c.type == EventType.KEY_CHANGED.value),
        )
        .where(keys.c.accepted_by.not_in([keyring.BY_SETTINGS, keyring.BY_PERSON]))
    )
    for row in connection.execute(query):
        if row.body is None or not _brings(row.body, row.key):
            report.add("key", owner=row.owner, key=row.id)


def _brings(body: bytes, key: str) -> bool:
    try:
        data = read(Event.from_wire(unwire(body)))
    except BadRecord:
        return False
    return isinstance(data, KeyChanged) and data.key == key
