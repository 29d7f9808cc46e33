"""A signed example of every message, the same at every making. The cargo, the people and the key are made up."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from record.base import Record, timestamp
from record.command import Command, CommandName
from record.draft import (
    Arithmetic,
    BaseDocument,
    Depot,
    DocumentType,
    Draft,
    Evidence,
    ExitReason,
    Item,
    Outcome,
    Payload,
    Profile,
    ReportKind,
    Source,
    Status,
    Term,
    VisitClosed,
    WeighingProof,
)
from record.event import DraftCancelled, EventType, InstallationOpened, KeyChanged, RecordDead
from record.finding import Code, Finding, Severity
from record.health import GateHealth, OutboxHealth
from record.preadvice import Announced, Index, Keys, Preadvice
from record.proof import GENESIS, Proof, SigningKey, seal, sha256
from record.receipt import Answer, Receipt
from record.registry_state import GateState, Head, RegistryState, ServiceState
from record.release import Release
from record.reply import CommandOutcome, Reply
from record.report import ReportChange


def example_key(name: str) -> SigningKey:
    """A key that everybody can make from its name: good for examples, a secret of nobody."""
    seed = hashlib.sha256(f"example, no secret: {name}".encode()).digest()
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


GATE_KEY, NEXT_KEY, REGISTRY_KEY = "gate", "gate, second", "registry"
START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
INSTALLATION = "01936000-0000-7000-8000-000000000001"
SOURCE = f"/guayaquil/g1/{INSTALLATION}"
DRAFT = "01936000-0000-7000-8000-0000000000d1"
VISIT = "01936000-0000-7000-8000-0000000000f1"
DOCUMENT = BaseDocument(type=DocumentType.DAE, number="02820264000123456")
CONTAINER = "CSQU3054383"


def examples() -> dict[str, dict[str, Any]]:
    """Every example by the name of its message; the events are one chain, in the order of their sequences."""
    events = _events()
    answers = _answers(events["draft"])
    return events | answers | _announcements() | _states(events["key.changed"]) | {"report": _report()}


def _events() -> dict[str, dict[str, Any]]:
    gate, after = example_key(GATE_KEY), example_key(NEXT_KEY)
    opened = InstallationOpened(installation=INSTALLATION, key=str(gate.public), reason="first")
    cancelled = DraftCancelled(draft=DRAFT, lane="carril-1", reason="wrong truck", decided_by="Ana Ejemplo")
    dead_hash = sha256(b"an event that no broker takes")
    dead = RecordDead(event=_id(5), hash=dead_hash, reason="the broker refused it five times")
    told: tuple[tuple[EventType, Record, str | None], ...] = (
        (EventType.INSTALLATION_OPENED, opened, None),
        (EventType.DRAFT, _draft(), DRAFT),
        (EventType.DRAFT_CANCELLED, cancelled, DRAFT),
        (EventType.VISIT_CLOSED, _visit(), VISIT),
        (EventType.RECORD_DEAD, dead, None),
        (EventType.KEY_CHANGED, KeyChanged(key=str(after.public), reason="yearly rotation"), None),
    )
    events: dict[str, dict[str, Any]] = {}
    previous = GENESIS
    for sequence, (kind, data, subject) in enumerate(told, 1):
        event = seal(_event(kind, data, subject, sequence, previous), gate)
        previous = dead_hash if kind is EventType.RECORD_DEAD else Proof.parse(event["proof"]).hash
        events[kind.value.removeprefix("ec.iie.")] = event
    return events


def _event(
    kind: EventType, data: Record, subject: str | None, sequence: int, previous: str
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": _id(sequence + 10),
        "source": SOURCE,
        "type": kind.value,
        "time": timestamp(START + timedelta(minutes=sequence)),
        "datacontenttype": "application/json",
        "dataschema": kind.schema,
        "sequence": sequence,
        "previous": previous,
        "simulated": True,
        "data": data.to_wire(),
        **({"subject": subject} if subject else {}),
    }


def _draft() -> Draft:
    frame = b"\x02)0  29150     0\r"
    weighing = WeighingProof(
        id="w1",
        at=START + timedelta(seconds=40),
        device="balanza",
        value=Decimal(29150),
        unit="kg",
        kg=Decimal(29150),
        kind="gross",
        stability="stable",
        settled_by="indicator",
        raw=frame.hex(),
        checksum="absent",
        certificate="INEN-0000",
    )
    terms = (
        Term(what="gross", kg=Decimal(29150), origin="w1"),
        Term(what="tractor", kg=Decimal(-7800), origin="site"),
        Term(what="chassis", kg=Decimal(-5600), origin="site"),
        Term(what="box", kg=Decimal(-2280), origin="site"),
    )
    way = Arithmetic(id="a1", way="gross_minus_tares", terms=terms, kg=Decimal(13470))
    depot = Depot(profile=Profile.TEMPORAL, district="028", oce="99999999", operator_type="14")
    item = Item(sequence=1, container=CONTAINER, size_type="22G1", weight_kg=Decimal(13470))
    return Draft(
        draft=DRAFT,
        revision=1,
        visit=VISIT,
        stay=VISIT,
        lane="carril-1",
        status=Status.INCOMPLETE,
        payload=Payload(
            report=ReportKind.ENTRY, depot=depot, entered_at=START, document=DOCUMENT, items=(item,)
        ),
        evidence=Evidence(
            weighings=(weighing,), arithmetic=(way,), clock="synchronised", machine="example", version="0.1.0"
        ),
        provenance={"/items/0/weight_kg": Source(evidence=("a1",)), "/depot/oce": Source(evidence=("site",))},
        findings=(
            Finding(code=Code.MISSING_DESCRIPTION, severity=Severity.ERROR, field="/items/0/description"),
            Finding(code=Code.NO_PREADVICE, severity=Severity.WARNING, params={"document": DOCUMENT.number}),
        ),
    )


def _visit() -> VisitClosed:
    return VisitClosed(
        visit=VISIT,
        stay=VISIT,
        lane="carril-1",
        arrived_at=START,
        departed_at=START + timedelta(minutes=3),
        outcome=Outcome.VOID,
        decided_by="Ana Ejemplo",
        drafts=(DRAFT,),
    )


def _answers(draft: dict[str, Any]) -> dict[str, dict[str, Any]]:
    registry, at = example_key(REGISTRY_KEY), START + timedelta(minutes=2, seconds=1)
    receipt = Receipt(
        answer=Answer.ACCEPTED,
        event=draft["id"],
        source=SOURCE,
        sequence=draft["sequence"],
        hash=Proof.parse(draft["proof"]).hash,
        draft=DRAFT,
        delivery_number="99999999202600000001S",
        at=at,
    )
    command = Command(
        id=_id(200),
        name=CommandName.RESEND,
        params={"source": SOURCE, "first": 1, "last": 2},
        gate="guayaquil/g1",
        at=at,
        expires=at + timedelta(minutes=10),
    )
    reply = Reply(
        command=command.id,
        gate=command.gate,
        outcome=CommandOutcome.DONE,
        result={"queued": 2, "aged_through": 0},
        at=at,
    )
    return {
        "receipt": seal(receipt.to_wire(), registry),
        "command": seal(command.to_wire(), registry),
        "reply": seal(reply.to_wire(), example_key(GATE_KEY)),
    }


def _announcements() -> dict[str, dict[str, Any]]:
    registry, until = example_key(REGISTRY_KEY), START + timedelta(days=30)
    keys = Keys(document=DOCUMENT, containers=(CONTAINER,), booking="BK0001")
    cargo = Announced(
        description="BANANO FRESCO",
        packages=1080,
        packaging="035",
        size_type="22G1",
        weight_kg=Decimal(21350),
        seals=("AB123456",),
    )
    preadvice = Preadvice(
        id="aviso-1", valid_until=until, exporter="EXPORTADORA DE EJEMPLO", keys=keys, cargo=cargo
    )
    release = Release(
        id="salida-1", valid_until=until, reason=ExitReason.LOAD, keys=Keys(containers=(CONTAINER,))
    )
    index = Index(at=START, preadvice=("aviso-1",), releases=("salida-1",))
    told: dict[str, Record] = {"preadvice": preadvice, "release": release, "index": index}
    return {name: seal(each.to_wire(), registry) for name, each in told.items()}


def _states(last: dict[str, Any]) -> dict[str, dict[str, Any]]:
    at, registry = START + timedelta(minutes=7), example_key(REGISTRY_KEY)
    head = Head(sequence=last["sequence"], hash=Proof.parse(last["proof"]).hash)
    gate = GateState(state=ServiceState.ONLINE, at=at, installation=INSTALLATION, head=head)
    state = RegistryState(state=ServiceState.ONLINE, at=at, key=registry.public.id, heads={SOURCE: head})
    health = GateHealth(
        at=at,
        devices={"carril-1": {"puerta": "streaming", "scale": "streaming"}},
        outbox=OutboxHealth(waiting=1, oldest=START + timedelta(minutes=6)),
        clock="synchronised",
        disk_free_percent=71,
    )
    return {
        "gate-state": gate.to_wire(),
        "health": health.to_wire(),
        "registry-state": seal(state.to_wire(), registry),
    }


def _report() -> dict[str, Any]:
    """The first event of the registry's own chain: a report was approved."""
    data = ReportChange(
        report="01936000-0000-7000-8000-0000000000e1",
        version=4,
        change="approved",
        before="exported",
        state="approved",
        at=START + timedelta(hours=1),
        role="clerk",
        depot="guayaquil",
        delivery_number="99999999202600000001S",
        kind=ReportKind.ENTRY,
        draft=DRAFT,
        visit=VISIT,
        revision=1,
        entered_at=START,
        document=DOCUMENT,
        containers=(CONTAINER,),
        packages=1080,
        weight_kg=Decimal(21350),
        simulated=True,
    )
    event = _event(EventType.REPORT, data, data.report, 1, GENESIS)
    source = {"source": "/guayaquil/registry/01936000-0000-7000-8000-000000000002", "id": _id(30)}
    return seal(event | source, example_key(REGISTRY_KEY))


def _id(number: int) -> str:
    return f"01936000-0000-7000-8000-{number:012x}"
