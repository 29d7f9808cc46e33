"""States: what a gate and a registry say of themselves, also by their Last Will."""

from __future__ import annotations

import pytest

from record.errors import BadRecord
from record.proof import GENESIS
from record.registry_state import GateState, Head, RegistryState, ServiceState

AT = "2026-11-24T17:00:00.000Z"


def test_heads_come_back_by_source() -> None:
    state = {"state": "online", "at": AT, "key": "k", "heads": {"/d/g/i": {"sequence": 7, "hash": GENESIS}}}
    read = RegistryState.from_wire(state)
    assert read.heads["/d/g/i"] == Head(sequence=7, hash=GENESIS)
    assert RegistryState.from_wire(read.to_wire()) == read


def test_a_last_will_knows_no_heads_and_no_installation() -> None:
    assert RegistryState.from_wire({"state": "offline", "at": AT}).heads == {}
    will = GateState.from_wire({"state": "offline", "at": AT})
    assert will.head is None
    assert will.to_wire() == {"state": "offline", "at": AT}


@pytest.mark.parametrize("state", list(ServiceState))
def test_every_state_is_told_by_its_word(state: ServiceState) -> None:
    assert GateState.from_wire({"state": state.value, "at": AT}).state is state


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"state": "asleep"}, "/state"),
        ({"at": 5}, "/at"),
        ({"heads": {"/d/g/i": {"sequence": "7", "hash": GENESIS}}}, "/heads/~1d~1g~1i/sequence"),
        ({"heads": {"/d/g/i": {"sequence": 7, "hash": "x"}}}, "/heads/~1d~1g~1i/hash"),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, object], where: str) -> None:
    with pytest.raises(BadRecord, match=where):
        RegistryState.from_wire({"state": "online", "at": AT, **changes})
