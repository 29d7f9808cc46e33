"""The published contract: every message with its JSON Schema (2020-12), made from the models that read and write it.

A schema says what is sent (serialization mode): times and decimals are strings, what is unknown is left out.
Readers ignore fields that they do not know, so no schema forbids further ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core.core_schema import SerSchema

from record.base import Record, timestamp
from record.command import Command
from record.draft import Draft, VisitClosed
from record.event import (
    MEDIA_TYPE,
    DraftCancelled,
    Event,
    EventType,
    InstallationOpened,
    KeyChanged,
    RecordDead,
)
from record.finding import Code
from record.health import GateHealth
from record.messages import LANGUAGES, catalogue
from record.preadvice import Index, Preadvice
from record.receipt import Receipt
from record.registry_state import GateState, RegistryState
from record.release import Release
from record.reply import Reply
from record.report import ReportChange

DIALECT = "https://json-schema.org/draft/2020-12/schema"
JSON = "application/json"
MODE: JsonSchemaMode = "serialization"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"

Schema = dict[str, Any]


class Written(GenerateJsonSchema):
    """Schemas of what is written, times included: their form is not to be seen from the writer's type."""

    def ser_schema(self, schema: SerSchema) -> Schema | None:
        """The schema of what a field's own writer makes."""
        if schema.get("function") is timestamp:
            return {"type": "string", "format": "date-time", "pattern": MOMENT}
        return super().ser_schema(schema)


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message. ``type`` is the event's, whose ``data`` the model describes; None for no event."""

    name: str
    model: type[Record]
    summary: str
    type: EventType | None = None

    @property
    def media_type(self) -> str:
        """Content type of the bytes."""
        return MEDIA_TYPE if self.type else JSON


MESSAGES = {
    message.name: message
    for message in (
        Message("draft", Draft, "A draft IIE or ISE, in one revision", EventType.DRAFT),
        Message("draft.cancelled", DraftCancelled, "A draft was taken back", EventType.DRAFT_CANCELLED),
        Message(
            "visit.closed", VisitClosed, "A truck has left, with or without drafts", EventType.VISIT_CLOSED
        ),
        Message(
            "installation.opened",
            InstallationOpened,
            "A chain begins: the first event of an outbox",
            EventType.INSTALLATION_OPENED,
        ),
        Message("key.changed", KeyChanged, "The next event is signed by another key", EventType.KEY_CHANGED),
        Message(
            "record.dead", RecordDead, "In place of an event that cannot be delivered", EventType.RECORD_DEAD
        ),
        Message("report", ReportChange, "What became of a report, told by the registry", EventType.REPORT),
        Message("receipt", Receipt, "The registry's signed answer to one event"),
        Message("command", Command, "What the registry asks of one gate, signed"),
        Message("reply", Reply, "What a gate answers to a command, signed"),
        Message("preadvice", Preadvice, "What a depot is told to expect, signed by the registry"),
        Message("release", Release, "What customs lets leave, signed by the registry"),
        Message("index", Index, "Ids of all announcements and releases, once a day, signed by the registry"),
        Message("gate-state", GateState, "State of a gate; its Last Will says offline"),
        Message("health", GateHealth, "Condition of a gate: devices, outbox, clock and disk"),
        Message(
            "registry-state", RegistryState, "State of the registry, and the head that it holds per source"
        ),
    )
}
"""Every message by name."""


def schema(name: str) -> Schema:
    """The JSON Schema of one message, complete in itself. Raises `KeyError` for a name that is none."""
    message = MESSAGES[name]
    models: list[type[Record]] = [message.model, Event] if message.type else [message.model]
    of, defs = definitions(models, "#/$defs/{model}")
    body = payload(message, of, defs)
    return {
        "$schema": DIALECT,
        "$id": f"urn:iie:schema:{'event:' if message.type else ''}{name}:1",
        **body,
        **({"$defs": defs} if defs else {}),
    }


def definitions(
    models: list[type[Record]], template: str
) -> tuple[dict[type[Record], Schema], dict[str, Schema]]:
    """A reference to each model, and the schemas that they refer to, findings with their texts."""
    found, whole = models_json_schema(
        [(model, MODE) for model in models], ref_template=template, schema_generator=Written
    )
    defs: dict[str, Schema] = whole.get("$defs", {})
    for body in defs.values():
        if body.get("enum") == [code.value for code in Code]:
            body.pop("enum")
            body["oneOf"] = [_finding(code) for code in Code]
    return {model: found[model, MODE] for model in models}, defs


def payload(message: Message, of: dict[type[Record], Schema], defs: dict[str, Schema]) -> Schema:
    """A message's schema by references into ``defs``; an event's is the envelope with its data's schema."""
    about: Schema = {"title": message.name, "description": message.summary}
    if message.type is None:
        return {**about, **of[message.model]}
    fixed = {"type": {"const": message.type.value}, "dataschema": {"const": message.type.schema}}
    data = {"data": of[message.model]}
    return {**about, "allOf": [of[Event], {"type": "object", "properties": fixed | data}]}


def _finding(code: Code) -> Schema:
    texts = catalogue().texts[f"finding.{code.value}"]
    return {"const": code.value, "description": " / ".join(texts[language] for language in LANGUAGES)}
