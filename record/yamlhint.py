"""What a message says beside what is wrong: what stands there, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches

from record.messages import Phrase
from record.yamlfault import Path, is_secret, short
from record.yamlshape import Shape
from record.yamltree import Node, Tree


def source(tree: Tree, path: Path) -> str:
    """The text of the scalar at a path, empty where there is none."""
    node = tree.node(path)
    return node.source if node is not None and node.is_scalar else ""


def found(node: Node | None, path: Path) -> str | Phrase | None:
    """What stands there, quotes included; None where nothing does, a stand-in for a secret."""
    if node is None:
        return None
    if is_secret(path):
        return Phrase("config.found_secret")
    if node.entries is not None:
        return Phrase("config.found_mapping")
    if node.items is not None:
        return Phrase("config.found_list" if node.items else "config.found_empty_list")
    if node.is_nothing:
        return Phrase("config.found_nothing")
    return short(node.source) if node.plain else f'"{short(node.source)}"'


def values(shape: Shape | None) -> Phrase | None:
    """The closed set of values that may stand in a place."""
    choices = shape.values() if shape is not None else []
    return Phrase("config.one_of", {"choices": choices}) if choices else None


def nearest(word: str, choices: Sequence[str], kinds: Sequence[str] = ()) -> Phrase | None:
    """The nearest of the values that may stand there, or all of them and the kinds of value beside them."""
    near = close(word, choices)
    if near:
        return Phrase("config.did_you_mean", {"choice": near})
    everything = [*(Phrase(f"config.kind_{kind}") for kind in kinds), *choices]
    return Phrase("config.one_of", {"choices": everything}) if everything else None


def close(word: str, choices: Iterable[str]) -> str | None:
    """The nearest of some words, or one that begins alike; hyphens, points and case make no difference."""
    by_letters = {_letters(each): each for each in choices}
    letters = _letters(word)
    begins = [each for each in by_letters if len(each) > 2 and letters.startswith(each)]
    begins += [each for each in by_letters if len(letters) > 2 and each.startswith(letters)]
    matches = get_close_matches(letters, by_letters, n=1, cutoff=0.7) or begins
    return by_letters[matches[0]] if matches else None


def _letters(word: str) -> str:
    return re.sub(r"[-_ .]", "", word).lower()


def write(example: str | None) -> Phrase | None:
    """How to write what seems meant, when that is known."""
    return Phrase("config.write", {"example": example}) if example else None


def number_meant(text: str, key: str = "") -> str | None:
    """The number that a text seems to mean.

    Quotes, leading zeros, a plus, spaces between thousands and a unit that the key names (``tare_kg: 12 kg``)
    are taken away, a decimal comma becomes a point.
    """
    number = re.sub(r"(?<=[0-9])[ _](?=[0-9]{3}([^0-9]|$))", "", text.strip())
    if "_" in key:
        number = number.removesuffix(key.rpartition("_")[2]).rstrip()
    match = re.fullmatch(r"([-+]?)0*([0-9]+)(?:[.,]([0-9]+))?", number)
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    return sign.replace("+", "") + whole + (f".{fraction}" if fraction else "")


def whole_meant(text: str, key: str = "") -> str | None:
    """The same for a whole number; none where there is a fraction."""
    number = number_meant(text, key)
    return number if number and re.fullmatch(r"-?[0-9]+(\.0+)?", number) else None


def date_meant(text: str) -> str | None:
    """The date that a text seems to mean, day first as people here write it: 30/6/2027 is 2027-06-30."""
    match = re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})", text.strip())
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_TRUE = frozenset({"true", "yes", "on", "y", "si", "sí", "1", "verdadero"})
_FALSE = frozenset({"false", "no", "off", "n", "0", "falso"})


def bool_meant(text: str) -> str | None:
    """``true`` or ``false`` for the words of other dialects, such as YAML 1.1's ``NO``."""
    word = text.strip().lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


_FORMS = (
    (r"\^\[0-9\]\{(?P<count>[0-9]+)\}\$", "config.form_digits"),
    (r"\^\[A-Z\]\$", "config.form_capital"),
    (r"\^\[a-z0-9-\]\{1,(?P<count>[0-9]+)\}\$", "config.form_name"),
    (r"\^\[A-Z0-9\]\{(?P<least>[0-9]+),(?P<most>[0-9]+)\}\$", "config.form_code"),
    (r"\^https\?://.*", "config.form_http"),
)
"""Patterns that people can be told in words."""


def form(pattern: str) -> Phrase | str:
    """A regular expression in words where it is a common one, else itself."""
    for known, code in _FORMS:
        match = re.fullmatch(known, pattern)
        if match:
            return Phrase(code, match.groupdict())
    return pattern
