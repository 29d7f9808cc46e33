"""Every way in which the text of a layout lets its frames differ, as hexadecimal bytes with what they mean.

Padding, short and long forms, line ends, signs, points, units, states, lamps, parity, addresses, with and without
a check, cut and joined frames: `variants.csv`, a capture a row. Its meaning is every weight and every reason in
the order in which they come; what belongs to nothing is left out, so an empty meaning is no weight at all.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.readings import Checksum, Skip, Skipped, Weight
from drivers.scale.fields import plain
from drivers.scale.protocol import Settings
from drivers.scale.protocols import PROTOCOLS

Hears = Callable[..., list[Weight | Skipped]]


def rows() -> dict[str, list[dict[str, str]]]:
    """The rows of each protocol."""
    found = defaultdict(list)
    with Path(__file__).with_name("variants.csv").open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            found[row["protocol"]].append(row)
    return found


ROWS = rows()


def meaning(found: list[Weight | Skipped]) -> str:
    """Weights and reasons, as they stand in the file."""
    return "; ".join(
        _weight(each) if isinstance(each, Weight) else each.skip
        for each in found
        if isinstance(each, Weight) or each.skip is not Skip.NOT_MINE
    )


def _weight(weight: Weight) -> str:
    said = [plain(weight.value), weight.unit, weight.stability, weight.kind]
    said += ["zero"] if weight.zero else []
    return " ".join([*said, "checked"] if weight.checksum is Checksum.OK else said)


def test_every_protocol_that_speaks_by_itself_of_its_frames_has_variants() -> None:
    assert set(ROWS) == set(PROTOCOLS) - {"pattern", "ticket_block"}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_variant_means_what_its_layout_says(name: str, heard: Hears) -> None:
    wrong = []
    for row in ROWS[name]:
        settings = Settings(decimals=int(row["decimals"]) if row["decimals"] else None)
        said = meaning(heard(name, row["bytes"], settings))
        if said != row["meaning"]:
            wrong.append((bytes.fromhex(row["bytes"]), row["meaning"], said))
    assert not wrong
