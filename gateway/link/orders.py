"""Commands of the registry to this gate: each is verified, obeyed once, and answered.

signed by the registry? ─▶ for this gate? ─▶ obeyed already? ─▶ expired? ─▶ known? ─▶ done, answered
      nothing                 nothing        the answer again    refused      refused
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.link.hearing import hear
from gateway.outbox.outbox import Outbox, now
from record.command import Command, CommandName, Resend
from record.errors import BadRecord, IieError
from record.proof import PublicKey
from record.reply import CommandOutcome, Reply
from record.topics import Gate

log = logging.getLogger(__name__)

Params = Mapping[str, str | int]
Handler = Callable[[Params], dict[str, str | int]]
"""Does what a command asks and tells what was done. Raises `IieError` with the reason where it cannot."""

LAST = 2**31 - 1
"""The largest sequence there can be."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply to a command, and why it was not obeyed, if it was not."""

    command: str
    reply: bytes
    refused: str | None = None


@dataclass(slots=True)
class Orders:
    """Obeys commands. ``handlers`` are the commands beside *resend*, which needs nothing but the outbox."""

    outbox: Outbox
    gate: Gate
    keys: Mapping[str, PublicKey]
    handlers: Mapping[CommandName, Handler] = field(default_factory=dict)
    clock: Callable[[], datetime] = now

    def obey(self, payload: bytes) -> Answered:
        """Do what a message asks. Raises `BadRecord` for one that proves nothing or is another gate's."""
        command = hear(payload, Command, self.keys)
        name = f"{self.gate.depot}/{self.gate.gate}"
        if command.gate != name:
            raise BadRecord(f"a command for the gate {command.gate}")
        kept = self.outbox.command_reply(command.id)
        if kept is not None:
            return Answered(command.id, self.outbox.signed(kept), "it was obeyed already")
        moment = self.clock()
        outcome, detail, result = self._do(command, moment)
        reply = Reply(command=command.id, gate=name, outcome=outcome, detail=detail, result=result, at=moment)
        self.outbox.keep_command(command.id, command.name.value, command.expires, reply.to_wire())
        return Answered(command.id, self.outbox.signed(reply.to_wire()), detail or None)

    def _do(self, command: Command, moment: datetime) -> tuple[CommandOutcome, str, dict[str, str | int]]:
        if command.expires < moment:
            return CommandOutcome.REFUSED, f"it expired at {command.expires:%Y-%m-%dT%H:%M:%SZ}", {}
        handler = self._resend if command.name is CommandName.RESEND else self.handlers.get(command.name)
        if handler is None:
            return CommandOutcome.REFUSED, f"this gate knows no {command.name.value}", {}
        try:
            return CommandOutcome.DONE, "", handler(command.params)
        except IieError as error:
            return CommandOutcome.REFUSED, str(error)[:500], {}
        except Exception as error:
            log.exception("command %s: a fault in %s", command.id, command.name.value)
            return CommandOutcome.REFUSED, f"{type(error).__name__}: {error}"[:500], {}

    def _resend(self, params: Params) -> dict[str, str | int]:
        """Queue the events of a range again; what has aged out is named."""
        wanted = Resend.from_wire(dict(params))
        aged = self.outbox.aged_through(wanted.source)
        first, last = max(1, wanted.first), min(wanted.last, LAST)
        return {"queued": self.outbox.again(wanted.source, first, last), "aged_through": aged}
