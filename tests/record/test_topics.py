"""Topics: built and read in one place, so that reading undoes building; and no name breaks out of its place."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from record.errors import BadRecord
from record.topics import (
    EVENT_FILTERS,
    HEALTH_FILTER,
    RESERVED,
    STATE_FILTER,
    Gate,
    Stream,
    gate_of,
    gate_of_source,
    is_name,
)

NAMES = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True).filter(lambda name: name not in RESERVED)
LANE_STREAMS = st.sampled_from([Stream.INGRESS, Stream.EGRESS, Stream.VISIT])


def matches(topic: str, pattern: str) -> bool:
    """Whether a topic falls under an MQTT filter of plain levels and ``+`` (MQTT 5, 4.7)."""
    levels, wanted = topic.split("/"), pattern.split("/")
    return len(levels) == len(wanted) and all(
        w in ("+", level) for level, w in zip(levels, wanted, strict=True)
    )


@given(NAMES, NAMES, NAMES, LANE_STREAMS)
def test_a_gate_is_found_again_in_all_its_topics(depot: str, gate: str, lane: str, stream: Stream) -> None:
    built = Gate(depot, gate)
    topics = [built.receipt, built.command, built.reply, built.state, built.health, built.installation]
    for topic in (*topics, built.lane(lane, stream)):
        assert gate_of(topic) == built
        assert topic.startswith(f"{built.root}/")
    assert len(set(topics)) == len(topics)
    assert gate_of_source(built.source("018f0000-0000-7000-8000-00000000000a")) == built


@given(NAMES, NAMES, NAMES, LANE_STREAMS)
def test_each_event_topic_falls_under_one_filter(depot: str, gate: str, lane: str, stream: Stream) -> None:
    built = Gate(depot, gate)
    for topic in (built.lane(lane, stream), built.installation):
        assert sum(matches(topic, each) for each in EVENT_FILTERS) == 1
        assert not matches(topic, STATE_FILTER)
        assert not matches(topic, HEALTH_FILTER)
    for topic in (built.receipt, built.command, built.reply, built.state, built.health):
        assert not any(matches(topic, each) for each in EVENT_FILTERS)
    assert matches(built.state, STATE_FILTER)
    assert matches(built.health, HEALTH_FILTER)


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_gates_share_no_topic(depot: str, gate: str, other_depot: str, other_gate: str) -> None:
    assume((depot, gate) != (other_depot, other_gate))
    assert Gate(depot, gate).root != Gate(other_depot, other_gate).root


@given(st.text(max_size=40))
def test_whatever_is_a_name_stands_in_one_level(text: str) -> None:
    if is_name(text):
        assert text.isascii()
        assert not set(text) & set("/+#$ \n\x00")
        assert Gate(text, text).root.count("/") == 3
    else:
        with pytest.raises(BadRecord):
            Gate(text, "garita-1")
        with pytest.raises(BadRecord):
            Gate("deposito", text)
        with pytest.raises(BadRecord):
            Gate("deposito", "garita-1").lane(text, Stream.INGRESS)


@pytest.mark.parametrize("name", [*sorted(RESERVED), "", "Depósito", "a/b", "+", "#", "a" * 33, "garita-1\n"])
def test_a_name_that_no_topic_can_hold_is_told_with_what_was_found(name: str) -> None:
    with pytest.raises(BadRecord) as refused:
        Gate("deposito", name)
    assert repr(name) in str(refused.value)


@pytest.mark.parametrize(
    "topic", ["", "gate/v1", "gate/v1/d/g", "gate/v2/d/g/state", "registry/v1/state", "gate/v1//g/state"]
)
def test_a_topic_of_no_gate_is_refused(topic: str) -> None:
    with pytest.raises(BadRecord):
        gate_of(topic)


@pytest.mark.parametrize("topic", ["gate/v1/d/preadvice/1", "gate/v1/d/release/1"])
def test_what_is_told_to_a_depot_belongs_to_no_gate(topic: str) -> None:
    with pytest.raises(BadRecord, match="reserved"):
        gate_of(topic)


@pytest.mark.parametrize("source", ["", "/", "d/g/i", "/d/g", "/d/g/i/x", "/d/state/i"])
def test_a_source_of_no_gate_is_refused(source: str) -> None:
    with pytest.raises(BadRecord):
        gate_of_source(source)
