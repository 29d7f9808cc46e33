"""What a pydantic model expects at a place, read from the core schema that pydantic itself validates with.

Pydantic names the place of an error by keys and indices, and lays the tags of discriminated unions and the
labels of plain ones between them. Walking its schema beside its path tells which is which, and gives the keys
and values that would have been right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from record.yamlfault import Path, Step

Schema = Mapping[str, Any]

_INNER = {
    "model": "schema",
    "model-field": "schema",
    "dataclass": "schema",
    "dataclass-field": "schema",
    "typed-dict-field": "schema",
    "default": "schema",
    "nullable": "schema",
    "function-before": "schema",
    "function-after": "schema",
    "function-wrap": "schema",
    "definitions": "schema",
    "json-or-python": "json_schema",
    "lax-or-strict": "strict_schema",
}
"""Where a wrapper keeps what it wraps."""


_KINDS = {
    "str": "text",
    "int": "number",
    "float": "number",
    "decimal": "number",
    "bool": "bool",
    "list": "list",
    "tuple": "list",
    "dict": "mapping",
    "model-fields": "mapping",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error is: the path in the file, and the shapes that may stand there (none when unknown)."""

    path: Path
    shape: Shape | None
    union: Union | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """The outermost plain union that an error is inside, and the label of the member that complains."""

    path: Path
    shape: Shape
    label: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema with the definitions that it may name."""

    schema: Schema
    definitions: Mapping[str, Schema]

    @classmethod
    def of(cls, model: type[BaseModel]) -> Shape:
        """The shape of a whole model."""
        schema: Schema = model.__pydantic_core_schema__
        definitions = {item["ref"]: item for item in schema.get("definitions", ())}
        return cls(schema, definitions).bare()

    def at(self, schema: Schema) -> Shape:
        """A schema inside this one, without its wrappers."""
        return Shape(schema, self.definitions).bare()

    def bare(self) -> Shape:
        """The same without default, nullable and validator functions around it."""
        schema = self.schema
        while True:
            kind = schema["type"]
            if kind == "definition-ref":
                schema = self.definitions[schema["schema_ref"]]
            elif kind == "chain":
                schema = schema["steps"][0]
            elif kind in _INNER:
                schema = schema[_INNER[kind]]
            else:
                return Shape(schema, self.definitions)

    @property
    def kind(self) -> str:
        """Pydantic's name of the schema, such as ``model-fields`` or ``int``."""
        return str(self.schema["type"])

    def fields(self) -> dict[str, Shape]:
        """The keys of a model by the name that a file uses; of a union those of every member; else none."""
        if self.kind in ("union", "tagged-union"):
            return {key: shape for member in self.members() for key, shape in member.fields().items()}
        if self.kind not in ("model-fields", "typed-dict", "dataclass-args"):
            return {}
        fields = self.schema["fields"]
        named = (
            fields.items() if isinstance(fields, Mapping) else ((field["name"], field) for field in fields)
        )
        return {_alias(name, field): self.at(field) for name, field in named}

    def members(self) -> list[Shape]:
        """The shapes of a union."""
        choices = self.schema.get("choices", ())
        if isinstance(choices, Mapping):
            return [self.at(choice) for choice in choices.values()]
        return [self.at(choice[0] if isinstance(choice, tuple) else choice) for choice in choices]

    def values(self) -> list[str]:
        """The closed set of values that may stand here, as a file writes them; empty when it is open."""
        match self.kind:
            case "literal":
                return [_written(value) for value in self.schema["expected"]]
            case "enum":
                return [_written(member) for member in self.schema["members"]]
            case "tagged-union":
                return [_written(tag) for tag in self.schema["choices"]]
            case "union":
                return [value for member in self.members() for value in member.values()]
            case _:
                return []

    def kinds(self) -> list[str]:
        """The open kinds of value among a union's members: ``text``, ``number``, ``list``, ``mapping``."""
        return list(dict.fromkeys(_KINDS[m.kind] for m in self.members() if m.kind in _KINDS))

    def below(self, step: Step) -> Shape | None:
        """The shape one step further down, None where the schema says nothing of it."""
        if self.kind == "dict":
            return self._part("values_schema")
        if self.kind == "tuple":
            items = self.schema["items_schema"]
            variadic = self.schema.get("variadic_item_index")
            index = step if isinstance(step, int) else 0
            if variadic is not None and index >= variadic:
                index = variadic
            return self.at(items[index]) if index < len(items) else None
        if self.kind in ("list", "set", "frozenset", "generator"):
            return self._part("items_schema")
        return self.fields().get(str(step))

    def _part(self, name: str) -> Shape | None:
        return self.at(self.schema[name]) if name in self.schema else None

    def choice(self, label: Step) -> Shape | None:
        """A union's member by its tag or its label."""
        choices = self.schema["choices"]
        if isinstance(choices, Mapping):
            found = choices.get(label)
            return self.at(found) if isinstance(found, Mapping) else None
        for choice in choices:
            schema, name = choice if isinstance(choice, tuple) else (choice, None)
            if label in (name, *_labels(schema, self.definitions)):
                return self.at(schema)
        return None


def locate(root: Shape, loc: tuple[Step, ...]) -> Place:
    """Pydantic's ``loc`` to the path in the file, its tags and labels left out."""
    shape: Shape | None = root
    path: list[Step] = []
    union: Union | None = None
    for step in loc:
        if step == "[key]":
            continue
        if shape is not None and shape.kind in ("tagged-union", "union"):
            if shape.kind == "union" and union is None:
                union = Union(tuple(path), shape, str(step))
            shape = shape.choice(step)
            continue
        path.append(step)
        shape = shape.below(step) if shape is not None else None
    return Place(tuple(path), shape, union)


def keys(shape: Shape, path: Path = (), depth: int = 6) -> Iterator[Path]:
    """Every key that a model knows, with the path to it; list items are left out of the path."""
    if depth == 0:
        return
    for key, below in shape.fields().items():
        yield (*path, key)
        yield from keys(_item(below), (*path, key), depth - 1)


def _item(shape: Shape) -> Shape:
    """What a list or a free mapping holds in the end."""
    while shape.kind in ("list", "tuple", "set", "frozenset", "dict"):
        below = shape.below(0)
        if below is None:
            break
        shape = below
    return shape


def _alias(name: str, field: Schema) -> str:
    alias = field.get("validation_alias", name)
    return alias if isinstance(alias, str) else name


def _labels(schema: Schema, definitions: Mapping[str, Schema]) -> set[str]:
    """The names that pydantic may give a union's member in a path."""
    if schema["type"] == "definition-ref":
        schema = definitions[schema["schema_ref"]]
    names = {str(schema["type"])}
    if "cls" in schema:
        names.add(schema["cls"].__name__)
    if schema["type"] in _INNER:
        inner = _labels(schema[_INNER[schema["type"]]], definitions)
        names |= inner | {f"{schema['type']}[{name}]" for name in inner}
    return names


def _written(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
