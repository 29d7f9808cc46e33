"""What is done over one connection: events out in order, within the window; receipts, heads and commands in.

    outbox ──waiting──▶ window ──publish──▶ broker ──▶ registry
       ▲                  │ due again without a receipt
       └──── receipt ◀────┘

What is learnt is collected and written at most ten times a second, so that a busy link does not write
instead of sending. All of it happens in the link's own thread.

Until the registry has accepted an event of this process, the window is one: should the file be an older copy,
then the first event that differs finds its place taken, and the ones after it are not sent into a chain that
is another's. A head that agrees proves less, since the registry tells its heads a little late.
"""

from __future__ import annotations

import logging
import time

from gateway.link.around import Around, Busy
from gateway.link.connection import (
    REFUSED,
    Arrived,
    BrokerAway,
    BrokerRefuses,
    Connection,
    Lost,
    Published,
    Signal,
    Woken,
)
from gateway.link.flight import Flight
from gateway.link.hearing import hear
from gateway.link.learnt import Ahead, Learnt
from gateway.link.refusal import (
    CONTENT_ENDS,
    CONTENT_REASONS,
    ENDED_KEY,
    POISON_AFTER,
    UNWILLING,
    is_taken,
    says,
)
from gateway.link.standing import Standing, standing
from gateway.outbox.outbox import State, Stored
from gateway.outbox.parting import signer
from record.errors import BadRecord
from record.event import MEDIA_TYPE
from record.receipt import Answer, Receipt
from record.registry_state import RegistryState, ServiceState
from record.topics import REGISTRY_STATE

log = logging.getLogger(__name__)

PARTED = (
    "link: this outbox is an older copy: from %s on the registry holds other events of %s than are here;"
    " a new installation begins, with %s events issued anew"
)
PARTED_KEY = (
    "link: from %s of %s on the registry takes nothing by the key that signed it, which was handed over;"
    " a new installation begins, with %s events issued anew"
)

HEADER = 1024
"""What a PUBLISH packet has beside an event's bytes, at most."""

WRITE_EVERY_S = 0.1
IDLE_S = 0.5
WORD_S = 0.5
"""How long a new connection waits for the registry's head before the first event is tried."""


class Delivery:
    """One connection's work. Call `step` again and again until it raises."""

    def __init__(self, around: Around, connection: Connection) -> None:
        self._around, self._connection = around, connection
        self._outbox, self._status, self._memory = around.outbox, around.status, around.memory
        spare = max(1, connection.receive_maximum - 2)  # state and replies count against it too
        self._flight = Flight(min(around.window, spare), around.resend_after_s)
        self._learnt, self._ahead = Learnt(), Ahead(around.outbox)
        self._waits_until = time.monotonic() + WORD_S
        self._useful = self._heard = False

    @property
    def useful(self) -> bool:
        """Whether the broker has taken anything over this connection."""
        return self._useful

    def step(self) -> None:
        """Send what may be sent, take in what has come.

        Raises `BrokerAway` or `BrokerRefuses` where the connection has ended or is of no use, `OutboxBroken`.
        """
        self._fill()
        self._repeat()
        quiet = True
        for signal in self._connection.signals(WRITE_EVERY_S / 2 if self._learnt else IDLE_S):
            quiet = isinstance(signal, Woken) and quiet
            self._take(signal)
            if isinstance(signal, Arrived):
                self._fill()  # at once, so that the registry works while we read the next receipts
        if self._learnt and (quiet or not len(self._flight) or self._learnt.is_older_than(WRITE_EVERY_S)):
            self.write()
        if not self._connection.alive:
            for signal in self._connection.signals(0):
                self._take(signal)
            raise BrokerAway("the network thread has ended")

    def write(self) -> None:
        """Write what was learnt. Raises `OutboxBroken`, and then nothing of it is forgotten."""
        if self._learnt:
            self._learnt.write(self._outbox)

    def _fill(self) -> None:
        """Send the oldest events that wait, as many as the window has room for."""
        if not self._memory.sure and time.monotonic() < self._waits_until:
            return
        while len(self._flight) < (1 if self._memory.one_by_one else self._flight.window):
            letter = self._ahead.next(Busy(self._flight, self._learnt))
            if letter is None:
                return
            if len(letter.body) > self._connection.maximum_packet - HEADER:
                limit = self._connection.maximum_packet
                self._bury(letter, f"larger than the broker takes ({limit} bytes)")
            else:
                self._send(letter)

    def _send(self, letter: Stored) -> None:
        mid = self._connection.publish(letter.topic, letter.body, media_type=MEDIA_TYPE)
        self._flight.depart(letter, mid)
        self._learnt.note(letter.row, State.SENT, sends=1)

    def _repeat(self) -> None:
        for flying in self._flight.due(time.monotonic()):
            self._send(flying.letter)

    def _bury(self, letter: Stored, reason: str) -> None:
        log.error("link: event %s (row %s) is dead: %s", letter.id, letter.row, reason)
        self._flight.land([letter.row])
        self.write()
        self._outbox.bury(letter.row, reason)

    def _take(self, signal: Signal) -> None:
        match signal:
            case Published():
                self._published(signal)
            case Arrived():
                self._arrived(signal)
            case Lost():
                self._suspect(signal)
                raise (BrokerRefuses if signal.refused else BrokerAway)(
                    f"the connection ended: {signal.text}"
                )
            case Woken():
                pass

    def _suspect(self, signal: Lost) -> None:
        """A connection that ends over what was sent ends so again, unless the event is found that does it."""
        untaken = self._flight.untaken
        if signal.reason not in CONTENT_ENDS or not untaken:
            return
        self._memory.careful = True
        if len(untaken) == 1:
            letter = untaken[0]
            self._memory.suspects[letter.row] += 1
            if self._memory.suspects[letter.row] >= POISON_AFTER:
                self._bury(letter, f"the connection ends over it: {signal.text} (0x{signal.reason:02X})")

    def _published(self, signal: Published) -> None:
        moment = time.monotonic()
        if signal.reason < REFUSED:
            self._useful = True
            flying = self._flight.acknowledged(signal.mid, moment)
            if flying is not None:
                self._learnt.note(flying.letter.row, State.ACKNOWLEDGED)
                self._memory.careful = False
                if self._status.now.error is not None:
                    self._status.tell(error=None, advice=None)
            return
        reason = f"the broker refuses it: {signal.text} (0x{signal.reason:02X})"
        flying = self._flight.refused(signal.mid, moment)
        if flying is None:
            self._status.tell(error=reason, advice=BrokerRefuses.advice)
            return
        self._learnt.note(flying.letter.row, State.NEW, reason)
        if signal.reason not in CONTENT_REASONS and signal.reason != UNWILLING:
            raise BrokerRefuses(f"event {flying.letter.id} on {flying.letter.topic}: {reason}")
        self._status.tell(error=reason, advice=BrokerRefuses.advice)
        if signal.reason in CONTENT_REASONS and flying.refusals >= POISON_AFTER:
            self._bury(flying.letter, reason)

    def _arrived(self, signal: Arrived) -> None:
        """One message from the registry; what is not right is counted and told once, and stops nothing."""
        gate = self._around.gate
        try:
            match signal.topic:
                case gate.receipt:
                    self._receipt(hear(signal.payload, Receipt, self._around.keys), signal.payload)
                case gate.command:
                    self._command(signal.payload)
                case topic if topic == REGISTRY_STATE:
                    self._registry_state(hear(signal.payload, RegistryState, self._around.keys))
                case _:
                    self._hand_over(signal)
        except BadRecord as error:
            self._status.bad_message(signal.topic, str(error))

    def _hand_over(self, signal: Arrived) -> None:
        try:
            self._around.on_message(signal.topic, signal.payload)
        except Exception as error:
            log.exception("link: a fault in what takes %s", signal.topic)
            self._status.bad_message(signal.topic, f"{type(error).__name__}: {error}")

    def _receipt(self, receipt: Receipt, payload: bytes) -> None:
        letter = self._flight.of_event(receipt.event) or self._outbox.get(receipt.event)
        if letter is None or letter.hash != receipt.hash:
            raise BadRecord(f"a receipt for an event that is not ours: {receipt.event}")
        if not receipt.answer.received:
            if self._parts_over(receipt, letter):
                return
            log.error("link: the registry refuses %s: %s", receipt.event, "; ".join(receipt.reasons))
        elif receipt.answer is Answer.ACCEPTED:
            self._memory.sure = True
        self._learnt.settle(letter.row, receipt, payload.decode())
        self._flight.land([letter.row])
        self._status.count(receipt.answer.received)

    def _parts_over(self, receipt: Receipt, letter: Stored) -> bool:
        """Whether an event that waits is refused for what this outbox is; then a new installation has begun."""
        if not letter.state.waiting or letter.row in self._learnt or letter.stands_for is not None:
            return False
        if is_taken(receipt):
            self._part(letter.source, letter.sequence)
            return True
        if says(receipt, ENDED_KEY) and signer(letter) != self._outbox.public_key.id:
            self._part(letter.source, letter.sequence, key_ended=True)
            return True
        return False

    def _registry_state(self, state: RegistryState) -> None:
        self._status.tell(registry=state.state)
        self._waits_until = 0.0
        if state.state is ServiceState.OFFLINE:
            return
        self.write()
        if not self._heard:
            self._heard = True
            self._flight.hurry(time.monotonic())
        source = self._outbox.source
        match standing(self._outbox, state):
            case Standing.BEHIND:
                held = state.heads.get(source)
                first = held.sequence + 1 if held else 1
                count = self._outbox.again(source, first, 2**31 - 1)
                self._ahead.rewind()
                log.warning(
                    "link: the registry holds %s to %s only: %s events again", source, first - 1, count
                )
            case Standing.AHEAD:
                self._part(source, self._first_of_our_own(source, state))
            case Standing.TOGETHER | Standing.UNKNOWN:
                pass

    def _first_of_our_own(self, source: str, state: RegistryState) -> int:
        """The first event that the registry cannot hold: beyond its head, or made by this process."""
        own = self._outbox.first_since_opened(source)
        beyond = state.heads[source].sequence + 1
        return beyond if own is None else min(own, beyond)

    def _part(self, source: str, first: int, *, key_ended: bool = False) -> None:
        """This file is an older copy of what the registry knows, or was signed with a key that it knows as handed
        over: go on in a new installation."""
        self.write()
        gone = [
            row
            for row, flying in self._flight.by_row.items()
            if flying.letter.source == source and flying.letter.sequence >= first
        ]
        self._flight.land(gone)
        moved = self._outbox.part(source, first, key_ended=key_ended)
        self._ahead.rewind()
        self._memory.sure = True
        log.error(PARTED_KEY if key_ended else PARTED, first, source, moved)

    def _command(self, payload: bytes) -> None:
        answered = self._around.orders.obey(payload)
        self._ahead.rewind()
        self._connection.publish(
            self._around.gate.reply, answered.reply, correlation=answered.command.encode()
        )
        if answered.refused is not None:
            raise BadRecord(f"command {answered.command}: {answered.refused}")
