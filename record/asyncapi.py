"""The AsyncAPI 3.0 document of the contract, made from the topics and the messages' models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from record.contract import MESSAGES, Message, Schema, definitions, payload
from record.event import Event
from record.topics import NAME, REGISTRY_STATE, ROOT, Stream, released, report

GATE = f"{ROOT}/{{depot}}/{{gate}}"
ASYNCAPI = "3.0.0"
BINDING = "0.2.0"
"""Version of AsyncAPI's MQTT binding."""

PARAMETERS = {
    "depot": f"name of a depot, {NAME}",
    "gate": f"name of a gate of the depot, {NAME}",
    "lane": f"name of a lane of the gate, {NAME}",
    "id": "id of the announcement or release",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One topic: who speaks to whom, what is said there, whether the broker keeps the last message."""

    name: str
    address: str
    sender: str
    receiver: str
    messages: tuple[str, ...]
    retained: bool = False
    note: str = ""


CHANNELS = (
    Channel(
        "ingress",
        f"{GATE}/{{lane}}/{Stream.INGRESS}",
        "gate",
        "registry",
        ("draft", "draft.cancelled", "record.dead"),
    ),
    Channel(
        "egress",
        f"{GATE}/{{lane}}/{Stream.EGRESS}",
        "gate",
        "registry",
        ("draft", "draft.cancelled", "record.dead"),
    ),
    Channel("visit", f"{GATE}/{{lane}}/{Stream.VISIT}", "gate", "registry", ("visit.closed", "record.dead")),
    Channel(
        "installation",
        f"{GATE}/{Stream.INSTALLATION}",
        "gate",
        "registry",
        ("installation.opened", "key.changed", "record.dead"),
    ),
    Channel("receipt", f"{GATE}/receipt", "registry", "gate", ("receipt",)),
    Channel("state", f"{GATE}/state", "gate", "all", ("gate-state",), True, "Also the gate's Last Will."),
    Channel("health", f"{GATE}/health", "gate", "all", ("health",), True),
    Channel(
        "cmd",
        f"{GATE}/cmd",
        "registry",
        "gate",
        ("command",),
        note="MQTT 5 response topic, correlation data.",
    ),
    Channel(
        "cmdReply",
        f"{GATE}/cmd/reply",
        "gate",
        "registry",
        ("reply",),
        note="Correlation data: the command's id.",
    ),
    Channel(
        "preadvice",
        f"{ROOT}/{{depot}}/preadvice/{{id}}",
        "registry",
        "gates",
        ("preadvice",),
        True,
        "Expires with the announcement; an empty message withdraws it.",
    ),
    Channel("preadviceIndex", f"{ROOT}/{{depot}}/preadvice/index", "registry", "gates", ("index",), True),
    Channel(
        "release",
        f"{ROOT}/{{depot}}/release/{{id}}",
        "registry",
        "gates",
        ("release",),
        True,
        "Expires with the release; an empty message withdraws it.",
    ),
    Channel(
        "registryState", REGISTRY_STATE, "registry", "all", ("registry-state",), True, "Also its Last Will."
    ),
    Channel("report", report("{depot}"), "registry", "central systems", ("report",)),
    Channel(
        "released",
        released("{depot}"),
        "central systems",
        "registry",
        ("release",),
        note="Without a proof: the broker's rules say who may speak here. The registry signs it for the gates.",
    ),
)
"""Every topic of the contract."""


def document() -> dict[str, Any]:
    """The whole document. Actions are the speaker's: the gate *sends* its events, the registry its receipts."""
    models = [message.model for message in MESSAGES.values()]
    of, schemas = definitions([*models, Event], "#/components/schemas/{model}")
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "IIE gateway",
            "version": "1.0.0",
            "description": "Drafts of customs reports from a depot's gates to a registry, over MQTT 5. Version 1 "
            "only grows: readers ignore what they do not know.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {f"send.{channel.name}": _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {name: _message(each, payload(each, of, schemas)) for name, each in MESSAGES.items()},
            "schemas": schemas,
        },
    }


def _channel(channel: Channel) -> Schema:
    named = [name for name in PARAMETERS if f"{{{name}}}" in channel.address]
    parameters = {"parameters": {name: {"description": PARAMETERS[name]} for name in named}} if named else {}
    kept = "Retained." if channel.retained else "Not retained."
    return {
        "address": channel.address,
        "description": f"{channel.sender} → {channel.receiver}. {kept} {channel.note}".strip(),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in channel.messages},
        **parameters,
    }


def _operation(channel: Channel) -> Schema:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "summary": f"{channel.sender} → {channel.receiver}",
        "bindings": {"mqtt": {"qos": 1, "retain": channel.retained, "bindingVersion": BINDING}},
    }


def _message(message: Message, body: Schema) -> Schema:
    return {
        "name": message.name,
        "summary": message.summary,
        "contentType": message.media_type,
        "payload": body,
    }
