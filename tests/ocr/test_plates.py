from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.models import ModelsMissing, find
from ocr.plate_render import render_plate
from ocr.plates import FORMS, PlateReader, candidates
from ocr.sighting import Status
from ocr.slots import ALPHABET, FLOOR, Slots
from record.identifiers.plate import parse

ALL = [form for forms in FORMS.values() for form in forms]


def slots(text: str, doubts: dict[int, dict[str, float]] | None = None, sure: float = 0.98) -> Slots:
    """What a recogniser would say of a text; ``doubts`` gives other characters their share at a place."""
    marks = np.full((len(text), len(ALPHABET)), FLOOR, np.float32)
    for place, character in enumerate(text):
        others = (doubts or {}).get(place, {})
        marks[place, ALPHABET.index(character)] = np.log(sure - sum(others.values()))
        for other, share in others.items():
            marks[place, ALPHABET.index(other)] = np.log(share)
    return Slots(marks, np.full(len(text), np.log(1 - sure), np.float32))


def best(text: str, forms: list[str] = ALL) -> str | None:
    found = candidates(slots(text), forms)
    return found[0].number if found and found[0].cost < 3 else None


@pytest.mark.parametrize(
    "plate",
    [
        "GBA0123",
        "PBX012",
        "CC0123",
        "CD123",
        "HA123B",
        "ABC123",
        "R12345",
        "S54321",
        "T1234",
        "A1B234",
        "AB1234",
    ],
)
def test_plates_of_the_three_countries_are_read(plate: str) -> None:
    assert best(plate) == plate


@pytest.mark.parametrize(
    "text",
    ["MSKU6011672", "0987654321", "22G1", "ECUADOR", "MAXGROSS", "30480KG", "12", "", "D1234567", "DBA0123"],
)
def test_other_texts_of_trucks_and_boxes_are_no_plates(text: str) -> None:
    assert best(text, list(FORMS["EC"])) is None


def test_a_look_alike_is_read_as_its_place_allows() -> None:
    doubtful = slots("GBAO123", {3: {"0": 0.3}})
    assert candidates(doubtful, FORMS["EC"])[0].number == "GBA0123"


def test_a_doubtful_character_leaves_a_small_margin() -> None:
    first, second, *_ = candidates(slots("GBA0123", {6: {"8": 0.4}}), FORMS["EC"])
    assert (first.number, second.number) == ("GBA0123", "GBA0128")
    assert second.cost - first.cost < 1


def test_noise_between_characters_is_passed_over() -> None:
    noisy = slots("GBA1 0123".replace(" ", ""), {3: {}})
    noisy.blank[3] = np.log(0.9)
    assert candidates(noisy, FORMS["EC"])[0].number == "GBA0123"


def test_only_the_sites_countries_are_looked_for() -> None:
    assert best("R12345", list(FORMS["EC"])) is None
    assert best("R12345", list(FORMS["CO"])) == "R12345"


@given(st.text(alphabet=ALPHABET, max_size=12), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_whatever_is_found_is_a_plate_of_one_of_the_countries(text: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    blurred = slots(text)
    blurred.marks[:] = np.maximum(FLOOR, blurred.marks + random.normal(0, 3, blurred.marks.shape))
    found = candidates(blurred, ALL)
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    assert all(parse(one.number) for one in found)


@pytest.fixture(scope="module")
def reader() -> Iterator[PlateReader]:
    try:
        yield PlateReader(find())
    except ModelsMissing as missing:
        pytest.skip(f"no networks to read with: {missing}")


@pytest.mark.parametrize(("plate", "country"), [("GBA0123", "EC"), ("XYZ987", "CO"), ("A4B234", "PE")])
def test_drawn_plates_are_read(reader: PlateReader, plate: str, country: str) -> None:
    seen = reader.read(render_plate(plate, country, seed=3))
    assert (seen.status, seen.plate) == (Status.ACCEPTED, plate)
    assert seen.crop
    assert len(seen.boxes) == 1


def test_a_look_alike_between_letters_needs_an_announcement(reader: PlateReader) -> None:
    data = render_plate("A1B234", "PE", seed=3)
    assert reader.read(data).status is Status.UNSURE
    assert reader.read(data, frozenset({"A1B234"})).plate == "A1B234"
    assert reader.read(data, frozenset({"AIB234"})).plate != "A1B234"


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0cut"])
def test_what_is_no_picture_is_unreadable(reader: PlateReader, data: bytes) -> None:
    assert reader.read(data).status is Status.UNREADABLE
