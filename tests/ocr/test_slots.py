import numpy as np

from ocr.slots import ALPHABET, Slots, from_steps, joined


def steps(*each: dict[str, float]) -> Slots:
    chance = np.zeros((len(each), len(ALPHABET)), np.float32)
    for row, shares in zip(chance, each, strict=True):
        for character, share in shares.items():
            row[ALPHABET.index(character)] = share
    return from_steps(chance)


def test_steps_of_one_character_are_one_slot() -> None:
    assert steps({"M": 0.9}, {"M": 0.8}, {}, {"S": 0.9}).text() == "MS"


def test_a_character_that_comes_twice_stays_two_slots() -> None:
    assert steps({"0": 0.9}, {}, {"0": 0.9}).text() == "00"


def test_the_rim_of_a_character_is_no_slot_of_its_own() -> None:
    assert len(steps({"A": 0.1}, {"A": 0.9}, {"A": 0.2})) == 1


def test_a_weak_character_is_a_slot_that_may_be_skipped_cheaply() -> None:
    slots = steps({"A": 0.9}, {}, {"1": 0.2})
    assert len(slots) == 2
    assert slots.blank[1] > -0.3 > slots.blank[0]


def test_blank_steps_give_no_slots() -> None:
    empty = steps({}, {"X": 0.01})
    assert len(empty) == 0
    assert empty.text() == ""
    assert empty.digits(6) == empty.owner() == -9


def test_owner_and_serial_are_told_apart() -> None:
    owner = steps(*({c: 0.95} for c in "MSKU"))
    serial = steps(*({c: 0.95} for c in "413532"))
    assert owner.owner() > -0.1 > owner.digits(3)
    assert serial.digits(6) > -0.1 > serial.owner()
    assert joined([owner, serial]).text() == "MSKU413532"
