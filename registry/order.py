"""An order to one gate from the command line: a signed command, and the gate's signed answer.

It logs on beside the registry that runs, under a name of its own, and leaves nothing behind.

    command ──gate/v1/{depot}/{gate}/cmd──▶ gate ──…/cmd/reply──▶ proved by a key of that gate
"""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from record.command import Command, CommandName
from record.errors import BadRecord, IieError
from record.proof import PublicKey, SigningKey, unwire, verify
from record.reply import Reply
from record.topics import Gate
from registry.connection import Connection, Deliveries, Login
from registry.signed_command import signed_command

PATIENCE_S = 30.0
"""How long a gate may take; it answers a reload within 20 s."""


class NoAnswer(IieError):
    """The gate has not answered: it is off, away from the broker, or does not know this registry's key."""

    retry = True
    advice = "registry.order.no_answer"


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who gives orders: the registry's login and key, and the gate's keys by which an answer is believed."""

    login: Login
    key: SigningKey
    keys: Mapping[str, PublicKey]

    def order(
        self,
        gate: Gate,
        name: CommandName,
        params: Mapping[str, str | int] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Reply:
        """Have a gate obey a command. Raises `NoAnswer`, and `registry.connection.BrokerAway`."""
        life = timedelta(seconds=patience_s)
        signed = signed_command(gate, name, params or {}, self.key, datetime.now(UTC), life)
        command = signed.command
        deliveries = Deliveries()
        login = replace(self.login, client_id=f"{self.login.client_id}-{command.id[-12:]}", session_s=0)
        connection = Connection(login, [gate.reply], deliveries, None)
        try:
            connection.open()
            connection.publish(gate.command, signed.body, properties=signed.properties)
            return self._answer(command, deliveries, patience_s)
        finally:
            connection.close()

    def _answer(self, command: Command, deliveries: Deliveries, patience_s: float) -> Reply:
        """The answer to this command that a key of the gate has signed; anything else is passed over."""
        deadline = time.monotonic() + patience_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                reply = self._reply(deliveries.get(timeout=left).arrival.body)
            except queue.Empty:
                break
            if reply is not None and reply.command == command.id and reply.gate == command.gate:
                return reply
        raise NoAnswer(f"{command.gate} has not answered within {patience_s:g} s")

    def _reply(self, body: bytes) -> Reply | None:
        try:
            record = unwire(body)
            verify(record, self.keys)
            return Reply.from_wire(record)
        except (BadRecord, KeyError, ValueError):
            return None
