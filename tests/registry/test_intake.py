"""What arrives is judged by itself: nothing hostile raises, nothing changed passes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.event import MAX_BYTES, EventType
from record.proof import SigningKey, seal, sha256, signed, unwire, wire
from record.topics import Gate
from registry.intake import Arrival, Parked, Reason, Refused, Sound, examine
from registry.roster import Roster


@pytest.fixture
def roster(kit, chain) -> Roster:
    return Roster.of(kit.registry_file(chain))


def test_a_draft_is_sound(chain, roster):
    found = examine(chain.draft(), roster)
    assert isinstance(found, Sound)
    assert found.columns["weight_kg"] == 21350
    assert found.identity.sequence == 1


@pytest.mark.parametrize(
    "topic",
    [
        "gate/v1/depot/g1/state",
        "gate/v1/depot/g1/l1/weather",
        "gate/v1/depot/g1/receipt/ingress",
        "gate/v1/depot/preadvice/l1/ingress",
        "gate/v2/depot/g1/l1/ingress",
        "gate/v1/depot/g1/l1/ingress/more",
        "registry/v1/state",
        "?",
        "",
    ],
)
def test_a_topic_of_no_event_is_refused_without_answer(chain, roster, topic):
    found = examine(Arrival.of(topic, chain.draft().body), roster)
    assert isinstance(found, Refused)
    assert (found.reason, found.gate, found.authentic) == (Reason.BAD_TOPIC, None, False)


HOSTILE = {
    "empty": b"",
    "not JSON": b"{",
    "not an object": b"[1]",
    "a number": b"17",
    "not UTF-8": b'{"a":"\xff"}',
    "a name twice": b'{"a":1,"a":2}',
    "not a number": b'{"a":NaN}',
    "a number of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "a thousand levels": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "ten thousand levels": b"[" * 10_000,
    "NUL bytes": b"\x00" * 100,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_record_is_refused(roster, body):
    found = examine(Arrival.of("gate/v1/depot/g1/l1/ingress", body), roster)
    assert isinstance(found, Refused)
    assert found.reason in (Reason.NOT_JSON, Reason.NOT_CANONICAL, Reason.BAD_PROOF)
    assert not found.authentic


def test_ten_megabytes_are_refused_and_not_kept(roster):
    found = examine(Arrival.of("gate/v1/depot/g1/l1/ingress", b"x" * 10_000_000), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.TOO_LARGE
    assert found.arrival.size == 10_000_000
    assert len(found.arrival.body) < MAX_BYTES


UNCANONICAL = {"float": 1.5, "beyond 2^53": 2**60, "lone surrogate": "\ud800"}


@pytest.mark.parametrize("value", UNCANONICAL.values(), ids=UNCANONICAL)
def test_what_has_no_canonical_form_is_refused(chain, roster, value):
    record = unwire(chain.draft().body)
    record["data"]["extra"] = value
    found = examine(Arrival.of("gate/v1/depot/g1/l1/ingress", json.dumps(record).encode()), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.NOT_CANONICAL


BREACHES = {
    "weight not a number": {"weight_kg": "heavy"},
    "weight negative": {"weight_kg": "-1"},
    "weight without end": {"weight_kg": "1E+400"},
    "weight beyond any truck": {"weight_kg": "99999999999"},
    "packages as a text": {"packages": "1080"},
    "packages beyond any truck": {"packages": 2**40},
    "no container number": {"container": "'; DROP TABLE events"},
    "five seals": {"seals": ["1", "2", "3", "4", "5"]},
}


@pytest.mark.parametrize("change", BREACHES.values(), ids=BREACHES)
def test_a_breach_of_contract_is_refused_and_keeps_its_place(chain, roster, change):
    found = examine(chain.draft(**change), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_CONTRACT
    assert found.authentic
    assert found.identity.sequence == 1


RECORDS = {
    "id": {"id": "1"},
    "specversion": {"specversion": "2.0"},
    "unknown type": {"type": "ec.iie.weather"},
    "time without zone": {"time": "2026-11-24T12:00:00"},
    "data is a list": {"data": []},
    "simulated is a text": {"simulated": "false"},
}


@pytest.mark.parametrize("change", RECORDS.values(), ids=RECORDS)
def test_an_envelope_of_wrong_types_is_refused(kit, chain, roster, change):
    record = chain.record(EventType.DRAFT, kit.draft_data(kit.uuid7())) | change
    found = examine(chain.arrival("l1/ingress", record), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_CONTRACT


@pytest.mark.parametrize("sequence", [0, -1, 2**31, "1", True, None])
def test_an_illegible_sequence_gets_no_answer_and_no_place(kit, chain, roster, sequence):
    record = chain.record(EventType.DRAFT, kit.draft_data(kit.uuid7()), sequence=sequence)
    found = examine(chain.arrival("l1/ingress", record), roster)
    assert isinstance(found, Refused)
    assert (found.identity, found.authentic) == (None, False)


def test_another_gates_source_is_refused_on_this_gates_topic(kit, chain):
    other = kit.Chain(Gate("depot", "g2"), key=chain.key)
    body = other.draft().body
    found = examine(Arrival.of("gate/v1/depot/g1/l1/ingress", body), Roster.of(kit.registry_file(chain)))
    assert isinstance(found, Refused)
    assert found.reason is Reason.WRONG_TOPIC
    assert found.alarm
    assert not found.authentic


def test_an_event_of_another_depot_is_parked_for_its_key(kit, chain):
    other = kit.Chain(Gate("other", "g1"))
    roster = Roster.of(kit.registry_file(chain, other))
    found = examine(Arrival.of("gate/v1/depot/g1/l1/ingress", other.draft().body), roster)
    assert isinstance(found, Parked)
    assert found.reason is Reason.UNKNOWN_KEY


def test_a_draft_on_the_visits_topic_is_refused(kit, chain, roster):
    record = chain.record(EventType.DRAFT, kit.draft_data(kit.uuid7()))
    found = examine(chain.arrival("l1/visit", record), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.WRONG_TOPIC


def test_a_newer_gates_findings_and_outcomes_are_no_breach(kit, chain, roster):
    data = kit.draft_data(kit.uuid7())
    data["findings"] = [
        {"code": "missing_weight", "severity": "error"},
        {"code": "something_of_next_year", "severity": "info"},
    ]
    found = examine(chain.arrival("l1/ingress", chain.record(EventType.DRAFT, data)), roster)
    assert isinstance(found, Sound)
    assert [finding.code for finding in found.data.findings] == ["missing_weight"]
    closed = {
        "visit": kit.uuid7(),
        "stay": kit.uuid7(),
        "lane": "l1",
        "arrived_at": "2026-11-24T17:00:00.000Z",
        "departed_at": "2026-11-24T17:05:00.000Z",
        "outcome": "something_else",
        "decided_by": "machine",
    }
    visit = chain.arrival("l1/visit", chain.record(EventType.VISIT_CLOSED, closed))
    assert isinstance(examine(visit, roster), Sound)


@pytest.mark.parametrize("findings", ["all", [1], [{"code": "NO CODE"}], [{"code": 7, "severity": "info"}]])
def test_findings_of_wrong_types_are_refused(kit, chain, roster, findings):
    data = kit.draft_data(kit.uuid7()) | {"findings": findings}
    found = examine(chain.arrival("l1/ingress", chain.record(EventType.DRAFT, data)), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_CONTRACT


def test_a_gate_cannot_tell_the_registrys_own_events(kit, chain, roster):
    record = chain.record(EventType.REPORT, kit.draft_data(kit.uuid7()))
    found = examine(chain.arrival("l1/ingress", record), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.WRONG_TOPIC


def test_an_unknown_gate_and_an_unknown_key_are_parked(kit, chain, roster):
    stranger = kit.Chain(chain.gate)
    elsewhere = kit.Chain(Gate("depot", "unknown"))
    found = [examine(each.draft(), roster) for each in (stranger, elsewhere)]
    assert [each.reason for each in found] == [Reason.UNKNOWN_KEY, Reason.UNKNOWN_GATE]
    assert all(isinstance(each, Parked) for each in found)


def test_a_signature_by_another_key_under_this_keys_name_is_refused(chain, roster):
    arrival = chain.draft()
    record = unwire(arrival.body)
    parts = record["proof"].split(".")
    forged = seal(record, SigningKey.generate())["proof"].split(".")
    record["proof"] = ".".join([*parts[:3], forged[3]])
    found = examine(Arrival.of(arrival.topic, wire(record)), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_PROOF
    assert found.alarm


def test_a_signature_over_bytes_in_another_form_is_refused(chain, roster):
    arrival = chain.draft()
    record = unwire(arrival.body)
    del record["proof"]
    spaced = json.dumps(record).encode()
    proof = signed(bytes.fromhex(sha256(spaced)), chain.key)
    body = spaced[:-1] + b',"proof":"%b"}' % proof.encode()
    found = examine(Arrival.of(arrival.topic, body), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_PROOF


def test_simulated_events_are_taken_only_where_the_settings_say_so(kit, chain):
    record = chain.record(EventType.DRAFT, kit.draft_data(kit.uuid7()), simulated=True)
    arrival = chain.arrival("l1/ingress", record)
    refused = examine(arrival, Roster.of(kit.registry_file(chain)))
    taken = examine(arrival, Roster.of(kit.registry_file(chain, accept_simulated=True)))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.SIMULATED
    assert isinstance(taken, Sound)


def test_another_operators_code_is_refused(kit, chain, roster):
    data = kit.draft_data(kit.uuid7())
    data["payload"]["depot"]["oce"] = "99999999"
    found = examine(chain.arrival("l1/ingress", chain.record(EventType.DRAFT, data)), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.OTHER_OPERATOR


def test_a_key_change_must_bring_a_key(chain, roster):
    data = {"key": "ed25519:nothing", "reason": "rotation"}
    found = examine(chain.arrival("installation", chain.record(EventType.KEY_CHANGED, data)), roster)
    assert isinstance(found, Refused)
    assert found.reason is Reason.BAD_CONTRACT


@given(data=st.data())
def test_no_changed_byte_passes(kit, data):
    chain = kit.Chain()
    roster = Roster.of(kit.registry_file(chain))
    arrival = chain.draft()
    index = data.draw(st.integers(0, len(arrival.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != arrival.body[index]))
    changed = arrival.body[:index] + bytes([byte]) + arrival.body[index + 1 :]
    assert not isinstance(examine(Arrival.of(arrival.topic, changed), roster), Sound)


@given(body=st.binary(max_size=300), topic=st.text(max_size=60))
def test_no_bytes_and_no_topic_raise(kit, body, topic):
    examine(Arrival.of(topic, body), Roster({}))
    examine(Arrival.of("gate/v1/depot/g1/l1/ingress", body), Roster({}))
