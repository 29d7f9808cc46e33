"""RFC 8785 (JSON Canonicalization Scheme) for records, which hold no floating-point numbers.

Without them the canonical form is what orjson writes with sorted names: no spaces, and nothing escaped that need not
be. Only the order of names differs where one lies beyond the Basic Multilingual Plane: RFC 8785 sorts by UTF-16 units,
orjson by code points; such records go the slow way. It is many times as fast.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
import rfc8785

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader holds exactly (RFC 7493, 2.2)."""

PLAIN = "\ud7ff"
"""Up to here code points and UTF-16 units sort alike, whatever follows."""

BEYOND = re.compile(rb"[\xee-\xff]")
"""First bytes, in UTF-8, of what lies beyond `PLAIN`."""

SORTED = orjson.OPT_SORT_KEYS
"""Names in order. Floats have to be kept from orjson, which writes them, and what is no number as null."""


class NotCanonicalError(ValueError):
    """A value that has no canonical form; says where it stands."""


def dumps(record: Mapping[str, object]) -> bytes:
    """The canonical bytes.

    Raises:
        NotCanonicalError: a floating-point number, a whole number beyond 2^53 - 1, a name that is no text, half
            of a surrogate pair, a value that is no JSON, or nesting too deep; names the place.
    """
    try:
        if _ordinary(record) or _check(record, ""):
            with suppress(orjson.JSONEncodeError):  # the slow way says what is wrong, or goes deeper
                written = orjson.dumps(record, option=SORTED)
                if written.isascii() or BEYOND.search(written) is None or _check(record, ""):
                    return written
        return rfc8785.dumps(record)  # type: ignore[arg-type]  # _check has seen every value
    except UnicodeEncodeError as error:
        raise NotCanonicalError("half of a surrogate pair is no text") from error
    except rfc8785.CanonicalizationError as error:
        raise NotCanonicalError(str(error)) from error
    except RecursionError as error:
        raise NotCanonicalError("nested too deeply") from error


def loads(data: bytes) -> dict[str, Any] | None:
    """The record of which these are the canonical bytes, so that no name stands twice in it; None where they are
    the canonical bytes of none."""
    try:
        record = orjson.loads(data)
        return record if type(record) is dict and dumps(record) == data else None
    except (orjson.JSONDecodeError, NotCanonicalError):
        return None


def _ordinary(value: object) -> bool:
    """Whether there is nothing but JSON's own types, within their bounds; quick, and names no place."""
    if type(value) is dict:
        for name, inner in value.items():
            if type(name) is not str or (type(inner) is not str and not _ordinary(inner)):
                return False
        return True
    if type(value) is list:
        for inner in value:  # noqa: SIM110 - a generator takes twice the time
            if type(inner) is not str and not _ordinary(inner):
                return False
        return True
    return value is None or type(value) is bool or (type(value) is int and -LARGEST <= value <= LARGEST)


def _check(value: object, where: str) -> bool:
    """Whether all names below sort alike in UTF-16. Raises `NotCanonicalError`."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise NotCanonicalError(f"{where or '/'} is {str(value)[:40]}, beyond 2^53 - 1")
        return True
    if isinstance(value, dict):
        plain = True
        for name, inner in value.items():
            if type(name) is not str:
                raise NotCanonicalError(f"{where or '/'} has the name {name!r}, which is no text")
            plain = _check(inner, f"{where}/{name}") and plain and (name.isascii() or max(name) <= PLAIN)
        return plain
    if isinstance(value, list | tuple):
        plain = True
        for index, inner in enumerate(value):
            plain = _check(inner, f"{where}/{index}") and plain
        return plain
    if isinstance(value, float):
        raise NotCanonicalError(
            f"{where or '/'} is a floating-point number ({value!r}); decimals are strings"
        )
    raise NotCanonicalError(f"{where or '/'} is no JSON but {type(value).__name__}")
