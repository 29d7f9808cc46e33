from ocr.ledger import NO_RIVAL, difference, margin


def test_the_margin_is_how_much_dearer_the_next_number_is() -> None:
    assert margin("MSKU4135329", {"MSKU4135329": 0.5, "MSKU4135324": 4.0, "MSKU4185320": 9.0}) == 3.5


def test_a_number_without_rivals_is_clear() -> None:
    assert margin("MSKU4135329", {"MSKU4135329": 0.5}) == NO_RIVAL


def test_another_container_in_the_picture_is_no_rival() -> None:
    assert margin("MSKU4135329", {"MSKU4135329": 0.5, "TRLU6689574": 0.6}) == NO_RIVAL


def test_a_doubtful_number_is_a_rival_however_different() -> None:
    assert margin("MSKU4135329", {"MSKU4135329": 0.5, "TRLU6689574": 2.5}) == 2.0


def test_difference_counts_places() -> None:
    assert difference("MSKU4135329", "MSKU4135329") == 0
    assert difference("MSKU4135329", "MSAU4135320") == 2
