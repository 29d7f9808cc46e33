"""The runner: one thread that brings changes of reports to their webhooks, each report's in their order.

An attempt that fails is made again after 5, 10, 20 … seconds, an hour at most. A receiver that is away holds all of
its changes back; one that refuses a single change holds back those of that report alone. A crash between an answer
and its note makes a change come twice, with the same ``webhook-id``. Of several workers one runs at a time.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row

from record.proof import SigningKey
from registry.database import reading, turn, writing
from registry.hooks import book
from registry.hooks.address import BadAddress, Lookup, looked_up, target
from registry.hooks.delivery import Line, Outcome, headers, line
from registry.rounds import Rounds
from registry.settings import BadSettings, Settings, WebhookRules

log = logging.getLogger(__name__)

EVERY_S = 1.0
AT_ONCE = 50
SPELL_S = 5.0
"""How long one receiver is served before it is the others' turn."""

SIDE_BY_SIDE = 8
"""Receivers that are served at a time: one that is slow keeps none of the others waiting."""

KEPT = timedelta(days=30)
"""How long deliveries are kept after they have ended."""

FORGET_EVERY_S = 3600.0


class Runner:
    """Goes its `rounds`; tests take the steps themselves."""

    def __init__(
        self,
        engine: Engine,
        rules: WebhookRules,
        key: SigningKey,
        clock: Callable[[], datetime],
        trust: ssl.SSLContext | None = None,
        lookup: Lookup = looked_up,
    ) -> None:
        """``trust`` is whom receivers' certificates are believed from, ``lookup`` finds a name's addresses."""
        self._engine, self._rules, self._key, self._clock = engine, rules, key, clock
        self._trust, self._lookup = trust or ssl.create_default_context(), lookup
        self._next_forgetting = time.monotonic()
        self.rounds = Rounds("registry-hooks", "hooks: changes", self._once)

    @classmethod
    def of(cls, settings: Settings, engine: Engine, key: SigningKey, clock: Callable[[], datetime]) -> Runner:
        """A runner by the settings. Raises `BadSettings` for a file of authorities that cannot be read."""
        rules = settings.file.webhooks
        return cls(engine, rules, key, clock, trust_of(rules, settings.folder))

    def step(self) -> int:
        """Serve each receiver that is due for a while: how many changes were taken."""
        with turn(self._engine, "hooks") as mine:
            if not mine:
                return 0
            with reading(self._engine) as connection:
                found = [hook for hook in book.in_use(connection) if hook.next_at <= self._clock()]
            if not found:
                return 0
            with ThreadPoolExecutor(SIDE_BY_SIDE, "registry-hook") as pool:
                return sum(pool.map(self._serve, found))

    def tidy(self) -> None:
        """Give up what has waited for too long, and forget what has ended long ago."""
        now = self._clock()
        with writing(self._engine) as connection:
            gone = book.give_up(connection, now - timedelta(days=self._rules.give_up_days), now)
            book.forget(connection, now - KEPT)
        if gone:
            log.error("hooks: %s changes were given up: nobody took them", gone)

    def _serve(self, hook: Row[Any]) -> int:
        with writing(self._engine) as connection:
            book.fan_out(connection, hook, self._clock())
        with reading(self._engine) as connection:
            rows = book.due(connection, hook.id, self._clock(), AT_ONCE)
        if not rows:
            return 0
        try:
            with line(target(hook.url, self._rules), self._trust, self._lookup) as open_line:
                return self._bring(hook, rows, open_line)
        except (BadAddress, OSError) as error:
            self._away(hook, rows[0], Outcome(None, str(error)[:300], away=True))
            return 0

    def _bring(self, hook: Row[Any], rows: Any, open_line: Line) -> int:
        began, taken = time.monotonic(), 0
        for row in rows:
            if self.rounds.ending or time.monotonic() - began > SPELL_S:
                break
            if row.body is None:
                with writing(self._engine) as connection:
                    book.lost(connection, row.position, self._clock())
                continue
            outcome = open_line.post(row.body, headers(row.event, row.body, self._key, self._clock()))
            if outcome.away:
                self._away(hook, row, outcome)
                return taken
            self._note(hook, row, outcome)
            taken += outcome.taken
        return taken

    def _note(self, hook: Row[Any], row: Row[Any], outcome: Outcome) -> None:
        """The receiver has answered about this change."""
        now = self._clock()
        with writing(self._engine) as connection:
            if outcome.taken and outcome.status is not None:
                book.delivered(connection, row.position, outcome.status, now)
            else:
                book.failed(connection, row, outcome.status, outcome.error, now)
            if hook.failures:
                book.rest(connection, hook, False, 0, now)

    def _away(self, hook: Row[Any], row: Row[Any], outcome: Outcome) -> None:
        """The receiver is not there: nothing more is sent for a while."""
        now = self._clock()
        with writing(self._engine) as connection:
            book.failed(connection, row, outcome.status, outcome.error, now, wait=False)
            book.rest(connection, hook, True, outcome.wait_s, now)
        log.warning("hooks: %s: %s", hook.name, outcome.error or f"HTTP {outcome.status}")

    def _once(self) -> float:
        if time.monotonic() >= self._next_forgetting:
            self._next_forgetting = time.monotonic() + FORGET_EVERY_S
            self.tidy()
        return 0.0 if self.step() else EVERY_S


def trust_of(rules: WebhookRules, folder: Path) -> ssl.SSLContext:
    """Whom receivers' certificates are believed from: the system's authorities, or those of the file named."""
    if rules.ca is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(folder / rules.ca))
    except (OSError, ssl.SSLError) as error:
        raise BadSettings(
            f"{folder / rules.ca}: no authorities can be read from it (webhooks.ca): {error}"
        ) from error
