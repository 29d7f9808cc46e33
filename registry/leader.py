"""Which of several workers does what only one has to do: tell the state, ask for gaps, sweep, erase.

The leader holds a lock of its session at PostgreSQL, and shows once a second that it is there. A worker that is
killed gives the lock up with its connection; one that hangs, or whose machine is gone, within a minute. SQLite has
one worker, which leads.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from registry.locks import number

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
SILENT_S = 60
"""A session that has said nothing for so long is ended by the server, and its lock is free."""

TRY = text("SELECT pg_try_advisory_lock(:number)")
ALIVE = text("SELECT 1")
LIMIT = text(f"SET idle_session_timeout = '{SILENT_S}s'")


class Leader:
    """One worker's claim to lead. Not for several threads at once."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._clock = engine, clock
        self._alone = engine.dialect.name != "postgresql"
        self._held: Connection | None = None
        self._next = 0.0

    @property
    def leads(self) -> bool:
        """Whether this worker was the leader when it last looked."""
        return self._alone or self._held is not None

    def look(self) -> bool:
        """Become the leader where nobody is, at most once a second; whether this worker has just become it.

        Raises what the database raises; then this worker does not lead.
        """
        if self._alone or self._clock() < self._next:
            return False
        self._next = self._clock() + LOOK_EVERY_S
        if self._held is not None:
            try:
                self._held.execute(ALIVE)
            except SQLAlchemyError:
                self.resign()
                raise
            return False
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.execute(LIMIT)
            if not connection.execute(TRY, {"number": number("leader")}).scalar_one():
                connection.invalidate()
                connection.close()
                return False
        except SQLAlchemyError:
            connection.invalidate()
            connection.close()
            raise
        self._held = connection
        log.info("registry: this worker leads")
        return True

    def resign(self) -> None:
        """Give the lock up, with the session that holds it."""
        held, self._held = self._held, None
        if held is not None:
            held.invalidate()
            held.close()
