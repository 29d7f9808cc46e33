"""What refusals mean: the broker's, which may lie in an event itself, and the registry's, which may part us from it."""

from __future__ import annotations

from record.receipt import Answer, Receipt

CONTENT_REASONS = frozenset({0x95, 0x99})
"""Refusals that speak of the message itself: packet too large, payload format.

Not *topic name invalid* (0x90): an event's topic is that of its lane, and ejabberd says so of missing rights.
"""

UNWILLING = 0x83
"""*Valid, but the receiver is not willing* (MQTT 5, 3.4.2.1): tried again for as long as it takes. ejabberd answers so
while its database fails (mod_mqtt_session.erl, publish_reason_code)."""

CONTENT_ENDS = frozenset({0x81, 0x82, 0x95, 0x99})
"""Ends of a connection that may lie in what was sent: malformed, protocol error, too large, format.

Mosquitto 2.0.11 answers an event above its `message_size_limit` with a reason that MQTT 5 does not know there,
over which paho hangs up.
"""

POISON_AFTER = 5
"""Refusals for its content, or ends of the connection over it, after which an event is dead."""

SAME_SEQUENCE = "same_sequence"
"""The registry's reason for an event whose place in its chain another one has."""

ENDED_KEY = "ended_key"
"""Its reason for an event whose key was handed over before, as far as the registry knows."""


def is_taken(receipt: Receipt) -> bool:
    """Whether the registry has another event in this one's place."""
    return says(receipt, SAME_SEQUENCE)


def says(receipt: Receipt, reason: str) -> bool:
    """Whether a receipt refuses for this reason."""
    return receipt.answer is Answer.REFUSED and any(
        each.partition(":")[0] == reason for each in receipt.reasons
    )
