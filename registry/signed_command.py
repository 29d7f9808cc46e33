"""A command to one gate as it leaves: the same whoever gives it, the registry at work or its command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import uuid_utils
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from record.command import Command, CommandName
from record.proof import SigningKey, seal, wire
from record.topics import Gate
from registry.keyring import owner


@dataclass(frozen=True, slots=True)
class SignedCommand:
    """The command, its signed bytes, and what MQTT says beside them: where to answer, under which id, until when."""

    command: Command
    body: bytes
    properties: Properties


def signed_command(
    gate: Gate,
    name: CommandName,
    params: Mapping[str, str | int],
    key: SigningKey,
    at: datetime,
    life: timedelta,
) -> SignedCommand:
    """A new command to a gate, by ``key``, that nobody obeys after its life."""
    command = Command(
        id=str(uuid_utils.uuid7()), name=name, params=dict(params), gate=owner(gate), at=at, expires=at + life
    )
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = gate.reply
    properties.CorrelationData = command.id.encode()
    properties.MessageExpiryInterval = round(life.total_seconds())
    return SignedCommand(command, wire(seal(command.to_wire(), key)), properties)
