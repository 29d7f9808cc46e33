"""Events: what makes one, what breaks one, and that reading never does more than refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.errors import BadRecord
from record.event import (
    MAX_BYTES,
    DraftCancelled,
    Event,
    EventType,
    InstallationOpened,
    KeyChanged,
    RecordDead,
    parse,
)
from record.proof import GENESIS, SigningKey, seal, wire

KEY = SigningKey.generate()
INSTALLATION = "018f0000-0000-7000-8000-00000000000a"


def event(**changes: Any) -> dict[str, Any]:
    body = {
        "specversion": "1.0",
        "id": "018f0000-0000-7000-8000-000000000001",
        "source": f"/deposito/garita-1/{INSTALLATION}",
        "type": "ec.iie.draft",
        "time": "2026-11-24T17:00:00.000Z",
        "datacontenttype": "application/json",
        "dataschema": EventType.DRAFT.schema,
        "sequence": 1,
        "previous": GENESIS,
        "simulated": False,
        "data": {"text": "x"},
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


def test_an_event_comes_back_from_its_bytes() -> None:
    read = parse(wire(seal(event(subject="a draft"), KEY)))
    assert read.type is EventType.DRAFT
    assert read.data == {"text": "x"}
    assert parse(wire(read.to_wire())) == read


def test_attributes_that_nobody_knows_yet_are_ignored() -> None:
    assert parse(wire(seal(event(traceparent="00-1"), KEY))).sequence == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", "018f0000-0000-4000-8000-000000000001"),
        ("id", "018F0000-0000-7000-8000-000000000001"),
        ("id", "018f0000-0000-7000-8000-000000000001\n"),
        ("id", ...),
        ("source", f"/deposito/{INSTALLATION}"),
        ("source", f"/Deposito/garita-1/{INSTALLATION}"),
        ("source", "/deposito/garita-1/"),
        ("source", ...),
        ("type", "ec.iie.unknown"),
        ("time", "2026-11-24T17:00:00"),
        ("time", 1732467600),
        ("sequence", 0),
        ("sequence", -1),
        ("sequence", 2**31),
        ("sequence", "1"),
        ("sequence", True),
        ("sequence", ...),
        ("previous", "0" * 63),
        ("previous", "F" * 64),
        ("simulated", "false"),
        ("simulated", 0),
        ("data", []),
        ("data", "text"),
        ("data", ...),
    ],
)
def test_a_wrong_attribute_is_named(name: str, value: object) -> None:
    with pytest.raises(BadRecord, match=f"/{name}"):
        parse(wire(seal(event(**{name: value}), KEY)))


def test_a_missing_proof_is_named() -> None:
    with pytest.raises(BadRecord, match="/proof"):
        parse(wire(event()))


def test_an_event_may_have_64_kibibytes_and_no_byte_more() -> None:
    bare = len(wire(seal(event(data={"text": ""}), KEY)))
    assert len(wire(seal(event(data={"text": "x" * (MAX_BYTES - bare)}), KEY))) == MAX_BYTES == 65536
    parse(wire(seal(event(data={"text": "x" * (MAX_BYTES - bare)}), KEY)))
    with pytest.raises(BadRecord, match="65537 bytes, 65536 are allowed"):
        parse(wire(seal(event(data={"text": "x" * (MAX_BYTES - bare + 1)}), KEY)))


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_refusal(data: bytes) -> None:
    with pytest.raises(BadRecord):
        parse(data)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([*sorted(event()), "proof", "subject"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
            ),
            max_leaves=4,
        ),
        max_size=4,
    )
)
def test_any_object_is_an_event_or_a_refusal(changes: dict[str, Any]) -> None:
    try:
        read = parse(json.dumps({**event(proof="x"), **changes}).encode())
    except BadRecord:
        return
    assert Event.from_wire(read.to_wire()) == read


def test_every_type_has_a_schema_of_its_own() -> None:
    schemas = {each.schema for each in EventType}
    assert len(schemas) == len(EventType)
    assert EventType.DRAFT_CANCELLED.schema == "urn:iie:schema:draft.cancelled:1"


@pytest.mark.parametrize(
    "record",
    [
        InstallationOpened(installation=INSTALLATION, key=str(KEY.public), reason="first"),
        InstallationOpened(
            installation=INSTALLATION,
            key=str(KEY.public),
            reason="restored",
            before="/d/g/x",
            before_sequence=7,
            before_hash=GENESIS,
        ),
        KeyChanged(key=str(KEY.public), reason="rotation"),
        RecordDead(event="x", hash=GENESIS, reason="refused"),
        DraftCancelled(draft="x", lane="carril-1", reason="reversed out", decided_by="machine"),
    ],
)
def test_what_events_carry_comes_back_from_the_wire(record: Any) -> None:
    assert type(record).from_wire(record.to_wire()) == record
