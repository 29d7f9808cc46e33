"""Gaps: events that are missing although later ones are there are asked for again, by a signed command."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from record.command import CommandName, Resend
from record.proof import SigningKey
from registry import heads
from registry.database import reading, writing
from registry.link import Link
from registry.signed_command import signed_command

log = logging.getLogger(__name__)

COMMAND_LIFE = timedelta(minutes=10)


class Gaps:
    """Asks gates for what they have not brought. Raises what the database does."""

    def __init__(self, engine: Engine, link: Link, key: SigningKey, clock: Callable[[], datetime]) -> None:
        self._engine, self._link, self._key, self._clock = engine, link, key, clock

    def ask(self) -> None:
        """Ask for each gap whose time it is; one that does not reach the broker is asked for next time."""
        moment = self._clock()
        with reading(self._engine) as connection:
            gaps = heads.due(connection, moment)
        for gap in gaps:
            if self._asked(gap, moment):
                with writing(self._engine) as connection:
                    heads.asked(connection, gap, moment)

    def _asked(self, gap: heads.Gap, moment: datetime) -> bool:
        params = Resend(source=gap.source, first=gap.first, last=gap.last).to_wire()
        signed = signed_command(gap.gate, CommandName.RESEND, params, self._key, moment, COMMAND_LIFE)
        log.warning("intake: %s lacks %d..%d: asked for again", gap.source, gap.first, gap.last)
        return self._link.publish(gap.gate.command, signed.body, properties=signed.properties)
