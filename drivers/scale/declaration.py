"""Reading what a site declares: typed values out of a YAML mapping, and an error that names key and value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeVar

from drivers.readings import Unit
from drivers.scale.fields import unit as unit_named

Meaning = TypeVar("Meaning")


class DeclarationError(ValueError):
    """A declaration is wrong; the text names the key and what stands there."""


def wrong(key: str, text: str) -> NoReturn:
    """Raise `DeclarationError` about this key."""
    raise DeclarationError(f"{key}: {text}")


class Entry:
    """One mapping of a declaration; ``path`` is where it stands, such as ``status.motion``."""

    def __init__(self, values: object, path: str, keys: frozenset[str]):
        """Raises `DeclarationError` where ``values`` is no mapping or has a key that is none of ``keys``."""
        if not isinstance(values, Mapping):
            wrong(path, f"{values!r} is no map of keys to values")
        self._path = path
        self.values: dict[str, object] = {str(key): value for key, value in values.items()}
        for key in self.values:
            if key not in keys:
                wrong(self.place(key), f"is no key here; keys are {', '.join(sorted(keys))}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def place(self, key: str) -> str:
        """Where the key stands."""
        return f"{self._path}.{key}" if self._path else key

    def within(self, key: str, keys: frozenset[str]) -> Entry:
        """The mapping under this key."""
        return Entry(self.values.get(key, {}), self.place(key), keys)

    def characters(self, key: str) -> bytes:
        """Text whose characters are single bytes; empty where it is absent."""
        try:
            return str(self.values.get(key, "")).encode("latin-1")
        except UnicodeEncodeError:
            wrong(self.place(key), f"{self.values[key]!r} has characters that are no single bytes")

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number within these bounds, None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong(self.place(key), f"{value!r} is no whole number from {least} to {most}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            wrong(self.place(key), f"{value!r} is neither true nor false")
        return value

    def word(self, key: str, meanings: Mapping[str, Meaning], default: Meaning) -> Meaning:
        """One of these words."""
        return self._meaning(key, meanings) if key in self.values else default

    def _meaning(self, key: str, meanings: Mapping[str, Meaning]) -> Meaning:
        name = str(self.values[key]).lower()
        if name not in meanings:
            wrong(self.place(key), f"{self.values[key]!r} means nothing; known are {', '.join(meanings)}")
        return meanings[name]

    def words(self, key: str, meanings: Mapping[str, Meaning]) -> dict[bytes, Meaning]:
        """A map of the maker's words to what they mean."""
        words = self.values.get(key, {})
        if not isinstance(words, Mapping):
            wrong(self.place(key), f"{words!r} is no map of words to what they mean")
        entry = Entry(words, self.place(key), frozenset(str(word) for word in words))
        return {word.encode("latin-1", "replace"): entry._meaning(word, meanings) for word in entry.values}

    def unit(self, key: str) -> Unit | None:
        """A unit of mass, None where it is absent."""
        if key not in self.values:
            return None
        found = unit_named(str(self.values[key]).encode("ascii", "replace"))
        if found is None:
            wrong(self.place(key), f"{self.values[key]!r} is no unit; units are {', '.join(Unit)}")
        return found

    def factor(self, key: str) -> Decimal:
        """A number above zero, one where it is absent."""
        try:
            factor = Decimal(str(self.values.get(key, 1)))
        except InvalidOperation:
            factor = Decimal(0)
        if not factor.is_finite() or factor <= 0:
            wrong(self.place(key), f"{self.values[key]!r} is no number above 0")
        return Decimal(format(factor, "f"))
