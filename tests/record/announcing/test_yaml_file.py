"""A depot's own file of announcements: every mistake has its place, and nothing is passed over in silence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from record.announcing.yaml_file import PreadviceFile, read_preadvice
from record.preadvice import Preadvice
from record.shipped import find
from record.yamlfile import FileErrors, check_text

FILE = """
preadvice:
  - id: aviso-1
    valid_until: "2026-11-30T00:00:00-05:00"
    keys:
      document: {type: DAE, number: "02820264000000001"}
      containers: [MSCU1234566]
    cargo:
      description: BANANO FRESCO
      packages: 1080
      packaging: "035"
      weight_kg: 21000.5
    shares:
      - container: MSCU1234566
        cargo: {packages: 540}
"""


def read(tmp_path: Path, text: str) -> tuple[Preadvice, ...]:
    path = tmp_path / "avisos.yaml"
    path.write_text(text)
    return read_preadvice(path)


def test_a_right_file_gives_plain_announcements(tmp_path: Path) -> None:
    (told,) = read(tmp_path, FILE)
    assert type(told) is Preadvice
    assert told == Preadvice.from_wire(told.to_wire())
    assert told.cargo.weight_kg == Decimal("21000.5")
    assert told.shares[0].cargo.packages == 540


def test_the_shipped_example_is_right() -> None:
    assert read_preadvice(find("preadvice.example.yaml"))


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("    valid_until", "    valid_til", "4:5: preadvice[0].valid_til"),
        ("containers:", "container:", "7:7: preadvice[0].keys.container"),
        ('number: "0', 'numero: "0', "6:29: preadvice[0].keys.document.numero"),
        ("      packages: 1080", "      paquetes: 1080", "10:7: preadvice[0].cargo.paquetes"),
        ("cargo: {packages", "cargo: {paquetes", "15:17: preadvice[0].shares[0].cargo.paquetes"),
        ("packages: 1080", 'packages: "1080"', "10:17: preadvice[0].cargo.packages"),
        ('packaging: "035"', "packaging: 35", "11:18: preadvice[0].cargo.packaging"),
        ("21000.5", "-1", "12:18: preadvice[0].cargo.weight_kg"),
        ("21000.5", '"1e9"', "12:18: preadvice[0].cargo.weight_kg"),
        ('"2026-11-30T00:00:00-05:00"', "mañana", "4:18: preadvice[0].valid_until"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, place: str) -> None:
    assert right in FILE
    with pytest.raises(FileErrors) as told:
        read(tmp_path, FILE.replace(right, wrong, 1))
    assert f"avisos.yaml:{place}" in str(told.value)


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileErrors, match=r"absent\.yaml"):
        read_preadvice(tmp_path / "absent.yaml")


def test_numbers_that_are_none_and_characters_that_nobody_sees_are_refused_at_their_place() -> None:
    text = """preadvice:
  - id: "a\\u0007"
    driver: x
    keys:
      document: {type: DAE, number: "12"}
      containers: [CSQU3054384]
      plates: ["???"]
    cargo: {description: "\\e[2J", vehicle_tare_kg: -1}
"""
    _, problems = check_text(text, PreadviceFile, name="f.yaml")
    assert [(each.line, each.path.partition(".")[2], each.code) for each in problems] == [
        (2, "id", "announce.control"),
        (3, "driver", "config.pattern"),
        (5, "keys.document.number", "announce.not_document"),
        (6, "keys.containers[0]", "announce.not_container"),
        (7, "keys.plates[0]", "announce.not_plate"),
        (8, "cargo.description", "announce.control"),
        (8, "cargo.vehicle_tare_kg", "config.too_small_strict"),
    ]
    assert not any(each in problem.line_text("es") for problem in problems for each in ("Decimal", "^["))


def test_a_number_is_taken_as_people_write_it() -> None:
    text = """preadvice:
  - id: a
    keys:
      document: {type: DAE, number: "028-2026-40-00123456"}
      containers: [csqu 305438-3]
      plates: [gba-1234]
    cargo: {}
"""
    found, problems = check_text(text, PreadviceFile, name="f.yaml")
    assert found, problems
    keys = found.preadvice[0].keys
    assert keys.document
    assert (keys.document.number, keys.containers, keys.plates) == (
        "02820264000123456",
        ("CSQU3054383",),
        ("GBA1234",),
    )
