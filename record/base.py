"""What all records on the wire have in common: strict types, nothing invented, unknown fields ignored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)

from record.errors import BadRecord

WRITTEN_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
WRITTEN_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
"""No exponent: ten characters of it would ask for a billion digits."""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, to the millisecond.

    Raises ValueError for a time without a zone, and for one that lies beyond the calendar in UTC.
    """
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    if moment.tzinfo is not UTC:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError as error:
            raise ValueError("in UTC the time lies beyond the years 1 to 9999") from error
    beyond = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - beyond) if beyond else moment


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as every record writes its times."""
    if moment.tzinfo is not UTC:
        moment = utc(moment)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def plain(number: Decimal) -> str:
    """A decimal as records write it: digits and point, never an exponent."""
    return format(number, "f")


def _moment(value: object, info: ValidationInfo) -> object:
    """A written time as a moment; what is no text is left to the strict rules."""
    if info.mode != "json" or not isinstance(value, str):
        return value
    if WRITTEN_TIME.fullmatch(value) is None:
        raise ValueError("a time is written like 2026-11-24T17:00:00.000Z")
    return datetime.fromisoformat(value.upper())


def _decimal(value: object, info: ValidationInfo) -> object:
    """A written number as a decimal; what is neither text nor number is left to the strict rules."""
    if info.mode != "json" or isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if isinstance(value, str) and WRITTEN_NUMBER.fullmatch(value) is None:
        raise ValueError("a number is digits and at most one point, without exponent")
    return Decimal(str(value))


Timestamp = Annotated[
    datetime,
    BeforeValidator(_moment),
    AfterValidator(utc),
    PlainSerializer(timestamp, return_type=str, when_used="json"),
]
"""A moment, UTC inside, RFC 3339 with milliseconds on the wire."""

Number = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(allow_inf_nan=False),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
]
"""A decimal number; a string on the wire, since records hold no floating-point numbers."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
"""A depot, gate or lane."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """A frozen record. Readers ignore the fields that they do not know: version 1 only ever grows."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", serialize_by_alias=True)

    def to_wire(self) -> dict[str, Any]:
        """The record as JSON values: no floats, no empty optional fields."""
        return self.model_dump(mode="json", exclude_none=True)

    def to_text(self) -> str:
        """The record as JSON text."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def from_wire(cls, data: object) -> Self:
        """Read JSON values. Raises `BadRecord` that names each field and what was found in it."""
        return cls.from_bytes(_json(data))

    @classmethod
    def from_bytes(cls, text: bytes) -> Self:
        """Read JSON as it is written. Raises `BadRecord` as `from_wire` does."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise BadRecord(describe(cls.__name__, error)) from error


def describe(what: str, error: ValidationError) -> str:
    """All problems of a record in one line: field, what is wrong, what was found.

    A list that is too short because its items are wrong is no problem of its own.
    """
    found = error.errors(include_url=False)
    places = [problem["loc"] for problem in found]
    problems = (
        f"{pointer(problem['loc'])}: {problem['msg']} ({str(problem['input'])[:60]!r})"
        for problem in found
        if not (problem["type"] == "too_short" and _is_within(problem["loc"], places))
    )
    return f"{what}: " + "; ".join(islice(problems, 8))


def _is_within(place: tuple[str | int, ...], places: Iterable[tuple[str | int, ...]]) -> bool:
    """Whether another place lies inside this one."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in places)


def pointer(location: Iterable[str | int]) -> str:
    """A place in a record as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _json(data: object) -> bytes:
    return json.dumps(data).encode()
