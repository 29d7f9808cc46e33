"""The contract as it is published: schemas hold for what is sent, examples are whole, topics are the ones used."""

from __future__ import annotations

from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from record import topics
from record.asyncapi import CHANNELS, document
from record.contract import MESSAGES, schema
from record.event import Event, parse
from record.example import GATE_KEY, REGISTRY_KEY, example_key, examples
from record.finding import Code
from record.proof import GENESIS, Proof, verify, wire

EXAMPLES = examples()
EVENTS = {name: each for name, each in EXAMPLES.items() if MESSAGES[name].type}
KEYS = {key.public.id: key.public for key in map(example_key, (GATE_KEY, REGISTRY_KEY))}


def errors(name: str, value: object) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema(name)).iter_errors(value)]


@pytest.mark.parametrize("name", MESSAGES)
def test_each_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_every_message_that_is_published_has_an_example() -> None:
    assert set(EXAMPLES) == set(MESSAGES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fits_its_schema_and_its_model(name: str) -> None:
    assert errors(name, EXAMPLES[name]) == []
    model = MESSAGES[name].model
    assert model is not None
    content = EXAMPLES[name]["data"] if name in EVENTS else EXAMPLES[name]
    assert model.from_wire(content).to_wire() == content


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"gate-state", "health"}))
def test_an_example_is_proven(name: str) -> None:
    verify(EXAMPLES[name], KEYS)


@pytest.mark.parametrize("name", EVENTS)
def test_the_cloudevents_sdk_reads_an_event_whole(name: str) -> None:
    event = EVENTS[name]
    read = JSONFormat().read(CloudEvent, wire(event))
    assert read.get_id() == event["id"]
    assert read.get_data() == event["data"]
    attributes = read.get_attributes()
    for own in ("sequence", "previous", "simulated", "proof", "dataschema"):
        assert attributes[own] == event[own]


def test_the_events_are_one_chain() -> None:
    previous = GENESIS
    of_gate = [event for name, event in EVENTS.items() if name != "report"]
    for sequence, event in enumerate(of_gate, 1):
        read = parse(wire(event))
        assert (read.sequence, read.previous) == (sequence, previous)
        dead = read.type.value == "ec.iie.record.dead"
        previous = read.data["hash"] if dead else Proof.parse(read.proof).hash


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("draft", {"type": "ec.iie.visit.closed"}, "$.type"),
        ("draft", {"time": "yesterday"}, "$.time"),
        ("draft", {"sequence": 0}, "$.sequence"),
        ("visit.closed", {"data": {"visit": "v"}}, "$.data"),
        ("receipt", {"hash": "00"}, "$.hash"),
        ("receipt", {"answer": "perhaps"}, "$.answer"),
        ("command", {"gate": "elsewhere"}, "$.gate"),
    ],
)
def test_what_is_wrong_does_not_fit(name: str, change: dict[str, Any], place: str) -> None:
    assert place in errors(name, EXAMPLES[name] | change)


def test_further_fields_are_allowed() -> None:
    for name, example in EXAMPLES.items():
        assert errors(name, example | {"later": "v1 only grows"}) == []


def test_every_finding_has_its_texts_in_the_schema() -> None:
    codes = schema("draft")["$defs"]["Code"]["oneOf"]
    assert {each["const"] for each in codes} == {code.value for code in Code}
    assert all(" / " in each["description"] for each in codes)


def test_the_document_has_the_topics_that_are_spoken_on() -> None:
    gate = topics.Gate("depot", "gate")
    used = {gate.lane("lane", stream) for stream in topics.Stream if stream is not topics.Stream.INSTALLATION}
    used |= {gate.installation, gate.receipt, gate.command, gate.reply, gate.state, gate.health}
    used |= {gate.preadvice.replace("+", "id"), gate.release.replace("+", "id")}
    used |= {gate.preadvice.replace("+", "index"), topics.REGISTRY_STATE, topics.report("depot")}
    used |= {topics.released("depot")}
    addresses = {channel.address.replace("{", "").replace("}", "") for channel in CHANNELS}
    assert addresses == used


def test_the_document_says_what_is_retained() -> None:
    operations = document()["operations"]
    retained = {name for name, each in operations.items() if each["bindings"]["mqtt"]["retain"]}
    kept = ("state", "health", "preadvice", "preadviceIndex", "release", "registryState")
    assert retained == {f"send.{name}" for name in kept}


def test_an_envelope_has_no_attribute_that_cloudevents_forbids() -> None:
    own = set(Event.model_fields) - {"data"}
    assert all(name.isalnum() and name == name.lower() for name in own)
