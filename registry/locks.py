"""Locks by name among the workers on one PostgreSQL (15, 13.3.5); SQLite has one writer and needs none.

A lock's number is the first eight bytes of its name's SHA-256. Two names with one number would only make one
worker wait for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text

HOLD = text("SELECT pg_advisory_xact_lock(number) FROM unnest(:numbers) AS number").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger))
)


TRY = text("SELECT pg_try_advisory_xact_lock(:number)")


def number(name: str) -> int:
    """The number of a name's lock: 64 bits with a sign."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def taken(connection: Connection, name: str) -> bool:
    """Take a lock until the transaction ends, without waiting; whether it was free. On SQLite it always is."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(TRY, {"number": number(name)}).scalar())


def hold(connection: Connection, names: Iterable[str]) -> None:
    """Wait for these locks and keep them until the transaction ends.

    They are taken in one order, so that two workers that want the same ones never wait for each other. What
    is read afterwards is what the worker before has committed (READ COMMITTED).
    """
    numbers = sorted({number(name) for name in names})
    if numbers and connection.dialect.name == "postgresql":
        connection.execute(HOLD, {"numbers": numbers})
