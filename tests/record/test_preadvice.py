"""Announcements: what was announced of which container, and nothing that was not."""

from __future__ import annotations

from typing import Any

import pytest

from record.errors import BadRecord
from record.preadvice import Preadvice

DOCUMENT = {"type": "DAE", "number": "02820264000000001"}
BANANAS = {"description": "BANANO FRESCO", "packages": 1080, "packaging": "035", "weight_kg": "21000"}


def preadvice(*containers: str, **changes: Any) -> Preadvice:
    keys = {"document": DOCUMENT, "containers": list(containers)}
    return Preadvice.from_wire({"id": "aviso-1", "keys": keys, "cargo": BANANAS, **changes})


@pytest.mark.parametrize("containers", [(), ("MSCU1234566",)])
def test_what_was_announced_of_at_most_one_container_is_that_ones(containers: tuple[str, ...]) -> None:
    told = preadvice(*containers)
    assert told.of_container("MSCU1234566") == told.of_container(None) == told.cargo


def test_of_several_containers_only_what_holds_for_each_is_known() -> None:
    one = preadvice("MSCU1234566", "MAEU1234561").of_container("MAEU1234561")
    assert (one.description, one.packaging) == ("BANANO FRESCO", "035")
    assert (one.packages, one.weight_kg) == (None, None)


def test_a_share_is_its_containers_and_no_others() -> None:
    share = {"container": "MAEU1234561", "cargo": {"packages": 540, "weight_kg": "10500"}}
    told = preadvice("MSCU1234566", "MAEU1234561", shares=[share])
    assert told.of_container("MAEU1234561").packages == 540
    assert told.of_container("MSCU1234566").packages is None


def test_a_version_is_the_first_unless_it_says_more() -> None:
    assert preadvice().version == 1
    assert preadvice(version=4).version == 4


def test_it_comes_back_from_the_wire() -> None:
    told = preadvice("MSCU1234566", valid_until="2026-11-30T00:00:00-05:00", exporter="EXPORTADORA")
    assert told.to_wire()["valid_until"] == "2026-11-30T05:00:00.000Z"
    assert Preadvice.from_wire(told.to_wire()) == told


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"cargo": {"packages": 0}}, "/cargo/packages"),
        ({"cargo": {"packaging": 35}}, "/cargo/packaging"),
        ({"cargo": {"weight_kg": "-1"}}, "/cargo/weight_kg"),
        ({"cargo": {"weight_kg": "1e9"}}, "/cargo/weight_kg"),
        ({"keys": {"document": {"type": "DAE"}}}, "/keys/document/number"),
        ({"version": 0}, "/version"),
        ({"valid_until": "tomorrow"}, "/valid_until"),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRecord, match=where):
        preadvice(**changes)
