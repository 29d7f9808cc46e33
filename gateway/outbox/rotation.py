"""A new signing key for a gate: announced in the chain by the old key, and never half in force.

    KEY.next     the new key is on the disk
    event        ec.iie.key.changed, the old key's last one: it names the new key
    KEY          becomes the new key; the old one is kept as KEY.old-ID
    event        ec.iie.key.changed, the new key's first one: it is in force

Whatever stops the gate between two steps, the next start finishes what the chain says: a key that was announced
is in force, one that was not is thrown away.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from gateway.outbox.backup import unused
from gateway.outbox.file import broken
from gateway.outbox.letter import Letter
from gateway.outbox.outbox import Outbox
from gateway.outbox.parting import Former
from record.event import EventType, KeyChanged
from record.proof import BadKey, PublicKey, SigningKey
from record.topics import Gate

LAST = "SELECT body FROM events WHERE type = ? ORDER BY row DESC LIMIT 1"
LONGEST_REASON = 200
IN_FORCE = "in force"


def rotate(
    key_file: Path, database: Path, gate: Gate, reason: str, *, simulated: bool = False
) -> tuple[PublicKey, PublicKey]:
    """Put a new key in force while the gate is stopped; the old public key and the new one.

    Raises `BadKey` for a file that cannot be read or written, `InUse` where the outbox has an owner, `OutboxBroken`.
    """
    with unused(database):
        old = settled_key(key_file, database)
    new = SigningKey.read_or_create(following(key_file))

    def say(key: SigningKey, why: str) -> None:
        with closing(Outbox(database, gate, key, simulated=simulated)) as box:
            data = KeyChanged(key=str(new.public), reason=why).to_wire()
            box.put(Letter(EventType.KEY_CHANGED, gate.installation, data, simulated=simulated))

    say(old, reason[:LONGEST_REASON])
    _put_in_force(key_file)
    say(new, IN_FORCE)
    return old.public, new.public


def settled_key(key_file: Path, database: Path) -> SigningKey:
    """The key that the gate signs with, made where there is none; a rotation that was cut short is finished.

    Raises `BadKey`, or `OutboxBroken` where the outbox cannot be asked.
    """
    coming = following(key_file)
    if coming.exists():
        if _is_announced(SigningKey.read(coming).public, database):
            _put_in_force(key_file)
        else:
            coming.unlink()
    return SigningKey.read_or_create(key_file)


def former_keys(key_file: Path) -> Former:
    """Finds the keys that were in force before, as far as their files are still there and can be read."""

    def find(key: str) -> SigningKey | None:
        with suppress(BadKey):
            return SigningKey.read(former(key_file, key))
        return None

    return find


def former(key_file: Path, key: str) -> Path:
    """Where an earlier key is kept."""
    return key_file.with_name(f"{key_file.name}.old-{key}")


def following(key_file: Path) -> Path:
    """Where a new key waits until it is announced."""
    return key_file.with_name(key_file.name + ".next")


def _is_announced(key: PublicKey, database: Path) -> bool:
    """Whether the chain's last change of keys is to this one."""
    if not database.is_file():
        return False
    with broken(), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        row = db.execute(LAST, [EventType.KEY_CHANGED.value]).fetchone()
    return row is not None and json.loads(row[0])["data"]["key"] == str(key)


def _put_in_force(key_file: Path) -> None:
    """The new key under the key's name; the old one, if it is still there, beside it."""
    try:
        old = SigningKey.read(key_file).public
        kept = former(key_file, old.id)
        if not kept.exists():
            kept.hardlink_to(key_file)
        following(key_file).replace(key_file)
        folder = os.open(key_file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise BadKey(f"{key_file}: the new key cannot be put in force: {error.strerror}") from error
