"""Errors of declarations name the key and the value."""

import pytest

from drivers.readings import Unit
from drivers.scale.declaration import DeclarationError, Entry

KEYS = frozenset({"a", "b"})


def entry(**values: object) -> Entry:
    return Entry(values, ("top",), KEYS)


def test_values_are_typed() -> None:
    read = entry(a=3, b="kg")
    assert (read.whole("a", 0, 5), read.unit("b"), read.whole("c", 0, 5), read.unit("c")) == (
        3,
        Unit.KG,
        None,
        None,
    )
    assert entry(a={"S": "Stable"}).words("a", {"stable": 1}) == {b"S": 1}
    assert entry(a="\x02").characters("a") == b"\x02"
    assert str(entry(a="0.5").factor("a")) == "0.5"
    assert (entry(a=True).flag("a"), entry().flag("a")) == (True, False)


@pytest.mark.parametrize(
    ("values", "read", "text"),
    [
        ({"a": 9}, lambda found: found.whole("a", 0, 5), r"top\.a: 9 is no whole number from 0 to 5"),
        ({"a": True}, lambda found: found.whole("a", 0, 5), r"top\.a: True is no whole"),
        ({"a": "st"}, lambda found: found.unit("a"), r"top\.a: 'st' is no unit"),
        ({"a": "x"}, lambda found: found.word("a", {"y": 1}, 0), r"top\.a: 'x' means nothing; known are y"),
        ({"a": {"S": "x"}}, lambda found: found.words("a", {"y": 1}), r"top\.a\.S: 'x' means nothing"),
        ({"a": 3}, lambda found: found.words("a", {"y": 1}), r"top\.a: 3 is no map"),
        ({"a": "€"}, lambda found: found.characters("a"), r"top\.a: '€' has characters"),
        ({"a": "no"}, lambda found: found.factor("a"), r"top\.a: 'no' is no number above 0"),
        ({"a": -1}, lambda found: found.factor("a"), r"top\.a: -1 is no number above 0"),
        ({"a": "yes"}, lambda found: found.flag("a"), r"top\.a: 'yes' is neither true nor false"),
        ({"a": 3}, lambda found: found.within("a", KEYS), r"top\.a: 3 is no map"),
    ],
)
def test_a_wrong_value(values: dict[str, object], read: object, text: str) -> None:
    with pytest.raises(DeclarationError, match=text):
        read(entry(**values))  # type: ignore[operator]


def test_an_unknown_key() -> None:
    with pytest.raises(DeclarationError, match=r"top\.z: is no key here; keys are a, b"):
        entry(z=1)
