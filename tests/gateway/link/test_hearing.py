"""What comes from the registry, whatever it is, is a record or a `BadRecord`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link.hearing import hear
from gateway.outbox.event import Place, seal_letter
from gateway.outbox.letter import Letter
from record.errors import BadRecord
from record.event import Event, EventType
from record.proof import GENESIS, SigningKey, canonical, seal, sha256, unwire, verify, wire
from record.receipt import Answer, Receipt

KEY = SigningKey.generate()
KEYS = {KEY.public.id: KEY.public}
RECEIPT = Receipt(
    answer=Answer.ACCEPTED,
    event="e",
    source="/depot/g1/x",
    sequence=1,
    hash="0" * 64,
    at=datetime(2026, 1, 1, tzinfo=UTC),
)
SEALED = seal(RECEIPT.to_wire(), KEY)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def refused(payload):
    with pytest.raises(BadRecord):
        hear(payload, Receipt, KEYS)


def test_a_signed_receipt_is_heard_in_canonical_form_and_in_any_other():
    in_canonical_form = hear(wire(SEALED), Receipt, KEYS)
    assert in_canonical_form.event == "e"
    assert in_canonical_form.proof == SEALED["proof"]
    assert hear(json.dumps(SEALED, indent=2).encode(), Receipt, KEYS) == in_canonical_form


def test_the_proof_may_stand_anywhere():
    first = {"proof": SEALED["proof"], **{name: SEALED[name] for name in SEALED if name != "proof"}}
    assert hear(json.dumps(first).encode(), Receipt, KEYS).event == "e"
    alone = b'{"proof":"' + SEALED["proof"].encode() + b'"}'
    refused(alone)


@given(st.binary(max_size=400))
def test_any_bytes(payload):
    refused(payload)


@given(VALUES)
def test_any_json(value):
    refused(json.dumps(value).encode())


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_any_signed_object_that_is_no_receipt(value):
    try:
        canonical(value)
    except BadRecord:
        return
    refused(wire(seal(value, KEY)))


@given(st.integers(0, len(wire(SEALED)) - 1), st.integers(1, 255))
def test_any_changed_byte(place, change):
    changed = bytearray(wire(SEALED))
    changed[place] ^= change
    try:
        heard = hear(bytes(changed), Receipt, KEYS)
    except BadRecord:
        return
    assert heard.model_copy(update={"proof": ""}) == RECEIPT.model_copy(update={"proof": ""})


def test_a_second_proof_hides_nothing():
    inner = SEALED | {"reasons": []}
    forged = wire(SEALED)[:-1] + b',"event":"other"}'
    refused(forged)
    refused(wire(inner)[:-1] + b',"proof":"' + SEALED["proof"].encode() + b'"}')


@given(
    st.dictionaries(st.text(), VALUES, max_size=5),
    st.none() | st.text(),
    st.booleans(),
)
def test_an_event_has_the_canonical_form_of_its_record(data, subject, simulated):
    letter = Letter(EventType.DRAFT, "t", data, subject=subject, simulated=simulated)
    place = Place("/depot/g1/01980000-0000-7000-8000-000000000001", 1, GENESIS)
    event = "01980000-0000-7000-8000-000000000002"
    try:
        sealed = seal_letter(letter, place, event, "2026-01-01T00:00:00.000Z", KEY)
    except BadRecord:
        return
    record = unwire(sealed.body)
    assert wire(record) == sealed.body
    assert verify(record, KEYS).hash == sealed.hash == sha256(canonical(record))
    assert (record["id"], record["data"], record.get("subject")) == (event, data, subject)
    assert Event.from_bytes(sealed.body).sequence == 1
