"""Every public key that was ever accepted, kept in the database so that it can be verified by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from record.proof import PublicKey
from record.topics import Gate
from registry.handover import SETTINGS, handovers
from registry.roster import Roster
from registry.settings import RegistryFile
from registry.tables import REGISTRY, keys

BY_SETTINGS = SETTINGS


def owner(gate: Gate) -> str:
    """How the table names a gate."""
    return f"{gate.depot}/{gate.gate}"


def accept(connection: Connection, of: str, key: PublicKey, by: str, now: datetime) -> None:
    """Note a key; one that is known stays as it is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"owner": of, "id": key.id, "key": str(key), "accepted_at": now, "accepted_by": by}
    connection.execute(insert(keys).values(row).on_conflict_do_nothing())


def announce(connection: Connection, of: str, key: PublicKey, event: str, now: datetime) -> None:
    """Note a key that an event brought, also where the settings have named it already: from there on the key
    that signed the event has ended."""
    accept(connection, of, key, event, now)
    named = (keys.c.owner == of) & (keys.c.id == key.id) & (keys.c.accepted_by == BY_SETTINGS)
    connection.execute(update(keys).where(named).values(accepted_by=event))


def enrol(connection: Connection, roster: Roster, own: PublicKey, now: datetime) -> Roster:
    """Note the settings' keys and the registry's own; the roster with the keys that events brought."""
    accept(connection, REGISTRY, own, BY_SETTINGS, now)
    for gate, member in roster.members.items():
        for key in member.keys.values():
            accept(connection, owner(gate), key, BY_SETTINGS, now)
    for row in connection.execute(select(keys).where(keys.c.accepted_by != BY_SETTINGS)):
        depot, _, gate_name = row.owner.partition("/")
        roster = roster.accepting(Gate(depot, gate_name), PublicKey.parse(row.key))
    return roster


def gate_of(connection: Connection, file: RegistryFile, key: str) -> tuple[Gate, PublicKey] | None:
    """The gate that a key speaks for now: one of the settings, by a key of theirs or one that an event brought,
    and not handed over since."""
    for row in connection.execute(select(keys).where(keys.c.id == key, keys.c.owner != REGISTRY)).all():
        if (row.owner, key) in handovers(connection, [row.owner]):
            continue
        depot, _, name = row.owner.partition("/")
        entry = file.depots[depot].gates.get(name) if depot in file.depots else None
        if entry is not None and (row.accepted_by != BY_SETTINGS or row.key in entry.keys):
            return Gate(depot, name), PublicKey.parse(row.key)
    return None


def known(connection: Connection) -> dict[str, dict[str, PublicKey]]:
    """All keys by owner and id."""
    found: dict[str, dict[str, PublicKey]] = {}
    for row in connection.execute(select(keys)):
        found.setdefault(row.owner, {})[row.id] = PublicKey.parse(row.key)
    return found
