"""Reading what a site declares: typed values out of a YAML mapping, and an error that names key and value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import NoReturn, TypeVar

from drivers.readings import Unit
from drivers.scale.fields import unit as unit_named

Meaning = TypeVar("Meaning")
Path = tuple[str, ...]

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "base": "{found} is none of {known}",
        "bit": "a bit's number is expected, or its number as 'bit' and 0 or 1 as 'when', not {found}",
        "characters": "{found} has characters that are no single bytes",
        "columns": "{found} are no columns such as 4 or 4-11, counted from 1",
        "expression": "{found} is no expression: {problem}",
        "factor": "{found} is no number above 0",
        "far": "lies more than {most} registers away from the weight",
        "field": "{found} is no field; fields are {known}",
        "flag": "{found} is neither true nor false",
        "key": "is no key here; keys are {known}",
        "map": "{found} is no map of keys to values",
        "meaning": "{found} means nothing; known are {known}",
        "missing": "is missing",
        "one": "exactly one of expression and positions has to stand here",
        "undeclared": "a scale of protocol pattern needs the declaration of its frames",
        "unit": "{found} is no unit; units are {known}",
        "value": "{found} has no group (?P<value>…)",
        "whole": "{found} is no whole number from {least} to {most}",
    }
)
"""What can be wrong with a declaration, by a code that never changes."""


class DeclarationError(ValueError):
    """A declaration is wrong: ``path`` leads to the key, ``fault`` is a code of `FAULTS`, ``params`` its values.

    The text names the key and what stands there.
    """

    def __init__(self, path: Path, fault: str, params: Mapping[str, object]) -> None:
        self.path, self.fault, self.params = path, fault, params
        super().__init__(f"{'.'.join(path)}: {FAULTS[fault].format(**params)}")


def wrong(path: Path, fault: str, **params: object) -> NoReturn:
    """Raise `DeclarationError` about the key at this path."""
    raise DeclarationError(path, fault, params)


def listed(known: Mapping[str, object] | frozenset[str] | tuple[object, ...]) -> str:
    """The words that would have been right, for a person."""
    return ", ".join(map(str, sorted(known) if isinstance(known, frozenset) else known))


class Entry:
    """One mapping of a declaration; ``path`` is where it stands, such as ``status``, ``bits``."""

    def __init__(self, values: object, path: Path, keys: frozenset[str]):
        """Raises `DeclarationError` where ``values`` is no mapping or has a key that is none of ``keys``."""
        if not isinstance(values, Mapping):
            wrong(path, "map", found=repr(values))
        self._path = path
        self.values: dict[str, object] = {str(key): value for key, value in values.items()}
        for key in self.values:
            if key not in keys:
                wrong(self.place(key), "key", known=listed(keys))

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def place(self, key: str) -> Path:
        """Where the key stands."""
        return (*self._path, key)

    def within(self, key: str, keys: frozenset[str]) -> Entry:
        """The mapping under this key."""
        return Entry(self.values.get(key, {}), self.place(key), keys)

    def characters(self, key: str) -> bytes:
        """Text whose characters are single bytes; empty where it is absent."""
        try:
            return str(self.values.get(key, "")).encode("latin-1")
        except UnicodeEncodeError:
            wrong(self.place(key), "characters", found=repr(self.values[key]))

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number within these bounds, None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong(self.place(key), "whole", found=repr(value), least=least, most=most)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            wrong(self.place(key), "flag", found=repr(value))
        return value

    def word(self, key: str, meanings: Mapping[str, Meaning], default: Meaning) -> Meaning:
        """One of these words."""
        return self._meaning(key, meanings) if key in self.values else default

    def _meaning(self, key: str, meanings: Mapping[str, Meaning]) -> Meaning:
        name = str(self.values[key]).lower()
        if name not in meanings:
            wrong(self.place(key), "meaning", found=repr(self.values[key]), known=listed(meanings))
        return meanings[name]

    def words(self, key: str, meanings: Mapping[str, Meaning]) -> dict[bytes, Meaning]:
        """A map of the maker's words to what they mean."""
        words = self.values.get(key, {})
        if not isinstance(words, Mapping):
            wrong(self.place(key), "map", found=repr(words))
        entry = Entry(words, self.place(key), frozenset(str(word) for word in words))
        return {word.encode("latin-1", "replace"): entry._meaning(word, meanings) for word in entry.values}

    def unit(self, key: str) -> Unit | None:
        """A unit of mass, None where it is absent."""
        if key not in self.values:
            return None
        found = unit_named(str(self.values[key]).encode("ascii", "replace"))
        if found is None:
            wrong(self.place(key), "unit", found=repr(self.values[key]), known=listed(tuple(Unit)))
        return found

    def factor(self, key: str) -> Decimal:
        """A number above zero, one where it is absent."""
        try:
            factor = Decimal(str(self.values.get(key, 1)))
        except InvalidOperation:
            factor = Decimal(0)
        if not factor.is_finite() or factor <= 0:
            wrong(self.place(key), "factor", found=repr(self.values[key]))
        return Decimal(format(factor, "f"))
