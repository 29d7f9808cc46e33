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
BY_PERSON = "person"
"""Accepted on the command line."""

BY_HAND = (BY_SETTINGS, BY_PERSON)


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
    named = (keys.c.owner == of) & (keys.c.id == key.id) & keys.c.accepted_by.in_(BY_HAND)
    connection.execute(update(keys).where(named).values(accepted_by=event))


def enrol(connection: Connection, roster: Roster, own: PublicKey, now: datetime) -> Roster:
    """Note the settings' keys and the registry's own; the roster with the keys that events brought."""
    accept(connection, REGISTRY, own, BY_SETTINGS, now)
    for gate, member in roster.members.items():
        for key in member.keys.values():
            accept(connection, owner(gate), key, BY_SETTINGS, now)
    return joined(connection, roster)


def joined(connection: Connection, roster: Roster) -> Roster:
    """The settings' roster with the keys that events brought and people accepted, without those revoked."""
    aside = (keys.c.accepted_by != BY_SETTINGS) | keys.c.revoked_at.is_not(None)
    rows = connection.execute(select(keys).where(aside, keys.c.owner != REGISTRY)).all()
    for row in sorted(rows, key=lambda each: each.accepted_by != BY_PERSON):
        depot, _, name = row.owner.partition("/")
        if row.accepted_by == BY_PERSON:
            roster = roster.adding(Gate(depot, name))
        if row.revoked_at is None:
            roster = roster.accepting(Gate(depot, name), PublicKey.parse(row.key))
        else:
            roster = roster.without(Gate(depot, name), row.id)
    return roster


def gate_of(connection: Connection, file: RegistryFile, key: str) -> tuple[Gate, PublicKey] | None:
    """The gate that a key speaks for now: one of the settings, by a key of theirs or one that an event brought,
    and not handed over since."""
    of_key = (keys.c.id == key) & (keys.c.owner != REGISTRY) & keys.c.revoked_at.is_(None)
    for row in connection.execute(select(keys).where(of_key)).all():
        if (row.owner, key) in handovers(connection, [row.owner]):
            continue
        depot, _, name = row.owner.partition("/")
        if depot not in file.depots:
            continue
        entry = file.depots[depot].gates.get(name)
        by_file = row.accepted_by == BY_SETTINGS
        known = by_person(connection, row.owner) if entry is None else not by_file or row.key in entry.keys
        if known:
            return Gate(depot, name), PublicKey.parse(row.key)
    return None


def by_person(connection: Connection, of: str) -> bool:
    """Whether a person has let a gate in, by its name."""
    query = select(keys.c.id).where(keys.c.owner == of, keys.c.accepted_by == BY_PERSON).limit(1)
    return connection.execute(query).first() is not None


def known(connection: Connection) -> dict[str, dict[str, PublicKey]]:
    """All keys by owner and id."""
    found: dict[str, dict[str, PublicKey]] = {}
    for row in connection.execute(select(keys)):
        found.setdefault(row.owner, {})[row.id] = PublicKey.parse(row.key)
    return found
