"""Pydantic's errors told to a person: what is wrong, what stands there, what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pydantic_core import ErrorDetails

from record.messages import Phrase, known
from record.yamlfault import Path, is_secret
from record.yamlhint import (
    bool_meant,
    close,
    date_meant,
    form,
    found,
    nearest,
    number_meant,
    source,
    values,
    whole_meant,
    write,
)
from record.yamlshape import Place, Shape, keys, locate
from record.yamltree import Node, Tree


class Severity(StrEnum):
    """An error makes the file unusable, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check of meaning says: the catalogue's code, and the value (or its key) that it is about."""

    path: Path
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One error in the catalogue's words, its place still a path."""

    path: Path
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    found: str | Phrase | None = None
    meant: Phrase | None = None
    at_key: bool = False


_PLAIN = {
    "bool_type": "config.expected_bool",
    "bool_parsing": "config.expected_bool",
    "int_type": "config.expected_int",
    "int_parsing": "config.expected_int",
    "int_parsing_size": "config.expected_int",
    "int_from_float": "config.expected_int",
    "float_type": "config.expected_number",
    "float_parsing": "config.expected_number",
    "finite_number": "config.expected_number",
    "decimal_type": "config.expected_number",
    "decimal_parsing": "config.expected_number",
    "string_type": "config.expected_text",
    "path_type": "config.expected_text",
    "bytes_type": "config.expected_text",
    "model_type": "config.expected_mapping",
    "model_attributes_type": "config.expected_mapping",
    "dataclass_type": "config.expected_mapping",
    "dict_type": "config.expected_mapping",
    "mapping_type": "config.expected_mapping",
    "list_type": "config.expected_list",
    "tuple_type": "config.expected_list",
    "set_type": "config.expected_list",
    "frozen_set_type": "config.expected_list",
    "none_required": "config.expected_none",
    "literal_error": "config.not_one_of",
    "enum": "config.not_one_of",
    "time_delta_type": "config.expected_duration",
    "time_delta_parsing": "config.expected_duration",
    "date_type": "config.expected_date",
    "date_parsing": "config.expected_date",
    "date_from_datetime_parsing": "config.expected_date",
    "date_from_datetime_inexact": "config.expected_date",
    "datetime_type": "config.expected_time",
    "datetime_parsing": "config.expected_time",
    "datetime_from_date_parsing": "config.expected_time",
    "timezone_aware": "config.expected_time",
    "time_type": "config.expected_time",
    "time_parsing": "config.expected_time",
    "url_type": "config.bad_url",
    "url_parsing": "config.bad_url",
    "url_syntax_violation": "config.bad_url",
    "url_scheme": "config.bad_url",
    "ip_any_address": "config.bad_address",
    "ip_v4_address": "config.bad_address",
    "ip_v6_address": "config.bad_address",
    "uuid_type": "config.bad_uuid",
    "uuid_parsing": "config.bad_uuid",
    "uuid_version": "config.bad_uuid",
    "decimal_max_digits": "config.too_precise",
    "decimal_max_places": "config.too_precise",
    "decimal_whole_digits": "config.too_precise",
}
"""Pydantic's kinds of error that need no figure of their own."""

_BOUNDED = {
    "greater_than_equal": ("config.too_small", "ge"),
    "greater_than": ("config.too_small_strict", "gt"),
    "less_than_equal": ("config.too_large", "le"),
    "less_than": ("config.too_large_strict", "lt"),
    "multiple_of": ("config.not_multiple", "multiple_of"),
    "too_short": ("config.too_few", "min_length"),
    "too_long": ("config.too_many", "max_length"),
    "string_too_short": ("config.too_short", "min_length"),
    "string_too_long": ("config.too_long", "max_length"),
}
"""Those with a bound, and where pydantic keeps it."""


def tell(errors: Sequence[ErrorDetails], tree: Tree, root: Shape) -> list[Told]:
    """All errors of one validation, those of one union as one, echoes left out."""
    placed = [(error, locate(root, error["loc"])) for error in errors]
    told = [_one(error, place, tree, root) for error, place in placed if place.union is None]
    for group in _by_union(placed):
        told += _union(group, tree, root)
    return [each for each in told if not _echo(each, told)]


def _echo(told: Told, others: Sequence[Told]) -> bool:
    """Whether another error says it already: a list short of wrong items, a key missing by a typing error."""
    if told.code == "config.too_few":
        size = len(told.path)
        return any(len(other.path) > size and other.path[:size] == told.path for other in others)
    if told.code == "config.missing_key":
        meant = Phrase("config.did_you_mean", {"choice": told.path[-1]})
        return any(other.meant == meant and other.path[:-1] == told.path[:-1] for other in others)
    return False


Placed = tuple[ErrorDetails, Place]


def _by_union(placed: Iterable[Placed]) -> list[list[Placed]]:
    """The errors inside plain unions, gathered by the outermost union."""
    groups: dict[Path, list[Placed]] = {}
    for error, place in placed:
        if place.union is not None:
            groups.setdefault(place.union.path, []).append((error, place))
    return list(groups.values())


def _union(group: list[Placed], tree: Tree, root: Shape) -> list[Told]:
    """One union's errors: those of the member that the value resembles, or one that names all members.

    A member resembles the value when it complains of something inside the value only.
    """
    union = group[0][1].union
    assert union is not None  # noqa: S101  # `_by_union` gathers no others
    by_label: dict[str, list[Placed]] = {}
    for error, place in group:
        by_label.setdefault(place.union.label if place.union else "", []).append((error, place))
    size = len(union.path)
    inside = [each for each in by_label.values() if all(len(place.path) > size for _, place in each)]
    if inside:
        return [_one(error, place, tree, root) for error, place in min(inside, key=len)]
    told = [_one(error, place, tree, root) for error, place in group]
    if len({each.code for each in told}) == 1 and told[0].code != "config.not_one_of":
        return told[:1]
    meant = nearest(source(tree, union.path), union.shape.values(), union.shape.kinds())
    return [Told(union.path, "config.no_variant", found=told[0].found, meant=meant)]


def _one(error: ErrorDetails, place: Place, tree: Tree, root: Shape) -> Told:
    kind, context = error["type"], error.get("ctx", {})
    node = tree.node(place.path)
    told = Told(place.path, "config.invalid", {"reason": error["msg"]}, found=found(node, place.path))
    if error["loc"] and error["loc"][-1] == "[key]":
        return Told(place.path, "config.bad_key", {"key": place.path[-1]}, at_key=True)
    if kind == "extra_forbidden":
        return _unknown(place.path, tree, root, error)
    if kind == "missing":
        return Told(place.path, "config.missing_key", {"key": place.path[-1]}, meant=values(place.shape))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag(place, tree)
    if node is not None and node.is_nothing and kind not in ("value_error", "none_required"):
        return replace(told, code="config.empty_value", params={}, found=None, meant=values(place.shape))
    if kind in _BOUNDED:
        code, name = _BOUNDED[kind]
        return replace(told, code=code, params={"bound": _plain(context[name])})
    if kind == "string_pattern_mismatch":
        return replace(told, code="config.pattern", params={"form": form(context["pattern"])})
    if kind in _PLAIN:
        return _typed(replace(told, code=_PLAIN[kind], params={}), node, place)
    if known(kind):
        path = (*place.path, *context.get("at", ()))
        return replace(told, path=path, code=kind, params=context.get("params", context), found=None)
    return replace(told, params={"reason": str(context.get("error", error["msg"]))})


def _plain(bound: object) -> object:
    """A bound as people write it: 2 for 2.0."""
    if isinstance(bound, str) and (match := re.fullmatch(r"Decimal\('(.+)'\)", bound)):
        return match[1]
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _typed(told: Told, node: Node | None, place: Place) -> Told:
    """A value of the wrong kind, with the way to write the one that seems meant."""
    text = node.source if node is not None and node.is_scalar else ""
    if is_secret(told.path):
        text = "…"
    key = next((step for step in reversed(told.path) if isinstance(step, str)), "")
    match told.code:
        case "config.not_one_of" if place.shape is not None:
            return replace(told, meant=nearest(text, place.shape.values()))
        case "config.expected_text" if node is not None and node.is_scalar:
            return replace(told, code="config.text_quotes", meant=write(f'"{text}"'))
        case "config.expected_bool":
            return replace(told, meant=write(bool_meant(text)))
        case "config.expected_int":
            return replace(told, meant=write(whole_meant(text, key)))
        case "config.expected_number":
            return replace(told, meant=write(number_meant(text, key)))
        case "config.expected_date":
            return replace(told, meant=write(date_meant(text)))
        case _:
            return told


def _unknown(path: Path, tree: Tree, root: Shape, error: ErrorDetails) -> Told:
    """A key that is not there: the nearest one that is, the place where it belongs, or all that there are."""
    key = str(path[-1])
    parent = locate(root, error["loc"][:-1])
    here = list(parent.shape.fields()) if parent.shape else []
    holder = tree.node(path[:-1])
    used = set(holder.entries or ()) if holder else set()
    free = [name for name in here if name not in used]
    near = close(key, free)
    told = Told(path, "config.unknown_key", {"key": key}, at_key=True)
    if near:
        return replace(told, meant=Phrase("config.did_you_mean", {"choice": near}))
    variant = _variant(key, locate(root, error["loc"][:-2]).shape)
    if variant:
        return replace(told, meant=variant)
    elsewhere = sorted(".".join(map(str, each[:-1])) for each in keys(root) if each[-1] == key)
    if elsewhere and not elsewhere[0]:
        return replace(told, meant=Phrase("config.belongs_top"))
    if elsewhere:
        return replace(told, meant=Phrase("config.belongs", {"place": elsewhere[0]}))
    return replace(told, meant=Phrase("config.keys_here", {"choices": free or here})) if here else told


def _variant(key: str, shape: Shape | None) -> Phrase | None:
    """The other member of a discriminated union that has the key."""
    if shape is None or shape.kind != "tagged-union":
        return None
    for tag, member in zip(shape.values(), shape.members(), strict=True):
        if key in member.fields():
            choice = f"{shape.schema['discriminator']}: {tag}"
            return Phrase("config.other_variant", {"choice": choice})
    return None


def _tag(place: Place, tree: Tree) -> Told:
    """The key that chooses among the members of a discriminated union: absent, or none of its values."""
    shape = place.shape
    name = shape.schema["discriminator"] if shape is not None else None
    if not isinstance(name, str):
        return Told(place.path, "config.no_variant", found=found(tree.node(place.path), place.path))
    path = (*place.path, name)
    node = tree.node(path)
    if node is None:
        return Told(path, "config.missing_key", {"key": name}, meant=values(shape))
    tags = shape.values() if shape is not None else []
    return Told(path, "config.not_one_of", found=found(node, path), meant=nearest(node.source, tags))
