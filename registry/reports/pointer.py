"""JSON Pointers (RFC 6901) into a payload: what stands at one, and the payload with another value there."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

Json = dict[str, Any]


def at(payload: Any, pointer: str) -> Any:
    """What stands at a pointer, None where nothing does."""
    place = payload
    for part in parts(pointer):
        if isinstance(place, list):
            place = place[int(part)] if part.isdigit() and int(part) < len(place) else None
        elif isinstance(place, dict):
            place = place.get(part)
        else:
            return None
    return place


def laid(payload: Json, values: dict[str, Any]) -> Json:
    """A copy of a payload with values at pointers; None takes the value away.

    A pointer to the item after the last one makes that item. Raises `KeyError` for a pointer that leads nowhere.
    """
    made = copy.deepcopy(payload)
    for pointer in sorted(values, key=in_order):
        _put(made, pointer, values[pointer])
    return made


def covers(field: str, pointer: str) -> bool:
    """Whether a pointer is a field's, or leads further into it."""
    return pointer == field or pointer.startswith(field + "/")


@lru_cache(maxsize=1024)
def parts(pointer: str) -> tuple[str, ...]:
    """The steps of a pointer."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def in_order(pointer: str) -> list[tuple[int, str]]:
    """A key by which pointers are sorted, item 2 before item 10."""
    return [(len(part) if part.isdigit() else 0, part) for part in parts(pointer)]


def _put(payload: Json, pointer: str, value: Any) -> None:
    *path, last = parts(pointer)
    place: Any = payload
    for part in path:
        place = _item(place, part, pointer) if isinstance(place, list) else place.setdefault(part, {})
    if not isinstance(place, dict):
        raise KeyError(pointer)
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value


def _item(items: list[Any], part: str, pointer: str) -> Any:
    if not part.isdigit() or int(part) > len(items):
        raise KeyError(pointer)
    if int(part) == len(items):
        items.append({"sequence": len(items) + 1})
    return items[int(part)]
