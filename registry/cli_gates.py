"""``iie-registry gate``: which gates may speak, with which keys; a registry that runs takes it up within seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from record.messages import text
from registry.cli_database import DEFAULT, Config, database, fail
from registry.cli_rows import Cell, tell

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from record.command import CommandName
    from record.proof import PublicKey
    from record.reply import Reply
    from record.topics import Gate
    from registry.settings import Settings

gate = typer.Typer(name="gate", add_completion=False, no_args_is_help=True)

GateArgument = Annotated[str, typer.Argument(metavar="DEPOT/GATE", help="As REGISTRY.yaml names them.")]
KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="ed25519:…, or the 16 digits of a parked key.")
]
LaneArgument = Annotated[str, typer.Argument(metavar="LANE", help="As the gate's file names it.")]
ByOption = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who asks for it: it is done in this name.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]
VisitOption = Annotated[
    str | None, typer.Option("--visit", metavar="ID", help="Only while this truck is there.")
]


@gate.command("list")
def list_gates(config: Config = DEFAULT) -> None:
    """Every key with its gate and what it is: accepted, revoked, or parked with how many events."""
    with database(config) as (connection, settings):
        language = settings.file.language
        _note_settings(connection, settings)
        rows = [*_accepted(connection, settings, language), *_parked(connection, language)]
        tell(rows, text("registry.rows.no_gates", lang=language))


def _note_settings(connection: Connection, settings: Settings) -> None:
    """Note the keys that the settings name."""
    from record.proof import PublicKey
    from registry import keyring

    for name, entry in settings.gates().items():
        for key in entry.keys:
            known, now = PublicKey.parse(key), datetime.now(UTC)
            keyring.accept(connection, keyring.owner(name), known, keyring.BY_SETTINGS, now)


def _accepted(connection: Connection, settings: Settings, language: str) -> Iterator[tuple[Cell, ...]]:
    """Every key that counts or did, by gate; a gate of the settings that has none too."""
    from sqlalchemy import select

    from registry import keyring
    from registry.tables import REGISTRY, keys

    rows = connection.execute(select(keys).where(keys.c.owner != REGISTRY).order_by(keys.c.owner)).all()
    for row in rows:
        state = "accepted" if row.revoked_at is None else "revoked"
        how = row.accepted_by if row.accepted_by in keyring.BY_HAND else "rotation"
        yield (
            row.owner,
            row.id,
            (state, text(f"registry.rows.key_{state}", lang=language)),
            (row.accepted_by, text(f"registry.rows.by_{how}", lang=language)),
            row.key,
        )
    for owner in sorted({*map(keyring.owner, settings.gates())} - {row.owner for row in rows}):
        yield owner, "-", ("none", text("registry.rows.key_none", lang=language)), "", ""


def _parked(connection: Connection, language: str) -> Iterator[tuple[Cell, ...]]:
    """Keys under which events are parked."""
    from sqlalchemy import func, select

    from registry.tables import parked

    waiting = select(parked.c.depot, parked.c.gate, parked.c.key, func.count().label("events"))
    for row in connection.execute(waiting.group_by(parked.c.depot, parked.c.gate, parked.c.key)):
        state = ("parked", text("registry.rows.key_parked", lang=language))
        count = (str(row.events), text("registry.rows.parked_events", lang=language, count=row.events))
        yield f"{row.depot}/{row.gate}", row.key, state, count, ""


@gate.command()
def add(name: GateArgument, key: KeyArgument, config: Config = DEFAULT) -> None:
    """Let a gate in that the settings do not name, by its first key. Its depot has to be in the settings."""
    _accept(name, key, config)


@gate.command()
def accept(name: GateArgument, key: KeyArgument, config: Config = DEFAULT) -> None:
    """Accept one more key of a gate: what was parked under it is taken in. Compare it with what the gate shows."""
    _accept(name, key, config)


@gate.command()
def revoke(
    name: GateArgument,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key, or its 16 digits.")],
    config: Config = DEFAULT,
) -> None:
    """Take a key's word no more. What it signed before stays proved; what comes from now on is parked."""
    from sqlalchemy import update

    from record.proof import PublicKey
    from registry import keyring
    from registry.tables import keys

    with database(config) as (connection, settings):
        language, found = settings.file.language, _gate(name, settings)
        _note_settings(connection, settings)
        identity = PublicKey.parse(key).id if key.startswith("ed25519:") else key
        same = (keys.c.owner == keyring.owner(found)) & (keys.c.id == identity)
        if not connection.execute(update(keys).where(same).values(revoked_at=datetime.now(UTC))).rowcount:
            fail(text("registry.gate.no_key", lang=language, gate=name, key=identity[:80]))
        typer.echo(text("registry.gate.revoked", lang=language, gate=name, key=identity))


@gate.command()
def reload(name: GateArgument, config: Config = DEFAULT) -> None:
    """Have a gate read its file again. Exit code 1 where it refuses, such as a file that is wrong, or is away."""
    from record.command import CommandName
    from record.reply import CommandOutcome

    reply, language = _ordered(name, config, CommandName.RELOAD)
    if reply.outcome is CommandOutcome.REFUSED:
        fail(text("registry.gate.reload_refused", lang=language, gate=name, reason=reply.detail))
    done = ", ".join(f"{key} {value}" for key, value in reply.result.items() if value not in ("", 0))
    typer.echo(text("registry.gate.reloaded", lang=language, gate=name, done=done or "–"))
    if restart := reply.result.get("restart_needed"):
        typer.echo(text("registry.gate.restart_needed", lang=language, gate=name, parts=restart))


@gate.command()
def void(
    name: GateArgument,
    lane: LaneArgument,
    by: ByOption,
    reason: ReasonOption,
    visit: VisitOption = None,
    config: Config = DEFAULT,
) -> None:
    """Void the drafts of the truck that is on a lane now, as a guard does at the gate."""
    from record.command import CommandName

    _of_lane(name, config, CommandName.VOID, lane=lane, person=by, reason=reason, visit=visit)


@gate.command()
def reread(
    name: GateArgument,
    lane: LaneArgument,
    by: ByOption,
    reason: ReasonOption,
    visit: VisitOption = None,
    config: Config = DEFAULT,
) -> None:
    """Have a lane's cameras read the truck again that is there now."""
    from record.command import CommandName

    _of_lane(name, config, CommandName.REREAD, lane=lane, person=by, reason=reason, visit=visit)


def _of_lane(name: str, config: Path, command: CommandName, **asked: str | None) -> None:
    """Have a gate obey a command about the truck on a lane: ``asked`` are the members of `OfLane`."""
    from record.command import OfLane
    from record.errors import BadRecord
    from record.reply import CommandOutcome

    try:
        order = OfLane.from_wire({key: value for key, value in asked.items() if value is not None})
    except BadRecord as error:
        fail(str(error))
    reply, language = _ordered(name, config, command, order.to_wire())
    if reply.outcome is CommandOutcome.REFUSED:
        fail(text("registry.gate.deed_refused", lang=language, gate=name, reason=reply.detail))
    typer.echo(text("registry.gate.deed_done", lang=language, gate=name, lane=order.lane, deed=command.value))


def _ordered(
    name: str, config: Path, command: CommandName, params: Mapping[str, str | int] | None = None
) -> tuple[Reply, str]:
    """A gate's answer to a command, and the language to tell it in; the end of the program where there is none."""
    from record.proof import BadKey, SigningKey
    from registry import keyring
    from registry.account import login
    from registry.connection import BrokerAway
    from registry.order import NoAnswer, Orderer
    from registry.settings import BadSettings

    with database(config) as (connection, settings):
        language, found = settings.file.language, _gate(name, settings)
        own = keyring.known(connection).get(keyring.owner(found), {})
        if not own and found not in settings.gates():
            fail(text("registry.gate.unheard", lang=language, gate=name))
    try:
        orderer = Orderer(login(settings), SigningKey.read(settings.signing_key), own)
        return orderer.order(found, command, params), language
    except (NoAnswer, BrokerAway, BadSettings, BadKey) as error:
        fail(f"{error}\n{text(error.advice, lang=language)}")


def _accept(name: str, key: str, config: Config) -> None:
    from sqlalchemy import select, update

    from registry import keyring
    from registry.tables import keys

    with database(config) as (connection, settings):
        language, found = settings.file.language, _gate(name, settings)
        public = _key(connection, found, key)
        if public is None:
            fail(text("registry.gate.unknown_key", lang=language, gate=name, key=key[:80]))
        owner = keyring.owner(found)
        of_other = select(keys.c.owner).where(keys.c.id == public.id, keys.c.owner != owner)
        other = connection.execute(of_other).scalar()
        if other is not None:
            fail(text("registry.shared_key", lang=language, owner=other))
        keyring.accept(connection, owner, public, keyring.BY_PERSON, datetime.now(UTC))
        same = (keys.c.owner == owner) & (keys.c.id == public.id)
        connection.execute(update(keys).where(same).values(revoked_at=None))
        typer.echo(text("registry.gate.accepted", lang=language, gate=name, key=public.id))


def _key(connection: Connection, of: Gate, key: str) -> PublicKey | None:
    """The key that is written out, or the one of these digits that a parked event of the gate brings."""
    from sqlalchemy import select

    from record.errors import BadRecord
    from record.event import Event, EventType, InstallationOpened
    from record.proof import BadKey, PublicKey, unwire
    from registry.content import read
    from registry.tables import parked

    if key.startswith("ed25519:"):
        return PublicKey.parse(key)
    same = (parked.c.depot == of.depot) & (parked.c.gate == of.gate) & (parked.c.key == key)
    for body in connection.execute(select(parked.c.body).where(same)).scalars():
        try:
            event = Event.from_wire(unwire(body))
            data = read(event) if event.type is EventType.INSTALLATION_OPENED else None
            found = PublicKey.parse(data.key) if isinstance(data, InstallationOpened) else None
        except (BadRecord, BadKey):
            continue
        if found is not None and found.id == key:
            return found
    return None


def _gate(name: str, settings: Settings) -> Gate:
    from record.topics import Gate, is_name

    depot, _, gate_name = name.partition("/")
    if depot not in settings.file.depots or not is_name(gate_name):
        known = ", ".join(sorted(settings.file.depots))
        fail(text("registry.gate.no_gate", lang=settings.file.language, gate=name[:80], depots=known))
    return Gate(depot, gate_name)
