"""Facts as JSON and back, exactly: what the tape and the gate's database keep of a visit."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from drivers.readings import Stamped
from gateway.clerk.act import Act
from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.ledger import Entry, Total
from gateway.clerk.stay import Match, OpenStay
from gateway.clerk.visit import PlateSeen, Seen, Taken, Tick, Visit
from gateway.clerk.weighing import Resumed
from record.base import describe
from record.errors import BadRecord
from record.preadvice import Preadvice
from record.release import Release

T = TypeVar("T")

Heard = Stamped | Taken | Seen | PlateSeen | Act | Resumed | Tick
"""Everything that a clerk hears."""

EXACT = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
"""Frames of devices are any bytes."""


class Codec(Generic[T]):
    """Turns values of one type into JSON and back. How, is worked out when the first value comes: a gate that starts
    has to weigh first."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[list[T]]:
        return TypeAdapter(list[self._kind], config=EXACT)  # type: ignore[name-defined]  # the kind is known only now

    def dump(self, value: T) -> Any:
        """The value in JSON's own types."""
        return json.loads(self._adapter.dump_json([value]))[0]

    def load(self, data: Any) -> T:
        """The value that was dumped. Raises `BadRecord` for what is none."""
        try:
            return self._adapter.validate_json(json.dumps([data]))[0]
        except ValidationError as error:
            raise BadRecord(describe("fact", error)) from error


PREADVICE: Codec[Preadvice | None] = Codec(Preadvice | None)
RELEASE: Codec[Release | None] = Codec(Release | None)
TOTAL: Codec[Total] = Codec(Total)
NUMBERS: Codec[frozenset[str]] = Codec(frozenset[str])
YES_OR_NO: Codec[bool] = Codec(bool)
MATCH: Codec[Match | None] = Codec(Match | None)
STAY: Codec[OpenStay] = Codec(OpenStay)
TARE: Codec[LearntTare | None] = Codec(LearntTare | None)
ENTRY: Codec[Entry] = Codec(Entry)
VISIT: Codec[Visit] = Codec(Visit)

_HEARD: dict[str, Codec[Any]] = {
    kind.__name__: Codec(kind) for kind in (Stamped, Taken, Seen, PlateSeen, Act, Resumed, Tick)
}


def dump_heard(heard: Heard) -> dict[str, Any]:
    """One thing that a clerk heard; a sighting without its crop, which is a file of its own."""
    if isinstance(heard, Seen) and heard.sighting.crop is not None:
        heard = replace(heard, sighting=replace(heard.sighting, crop=None))
    name = type(heard).__name__
    return {name: _HEARD[name].dump(heard)}


def load_heard(data: Any) -> Heard:
    """What `dump_heard` made. Raises `BadRecord`."""
    if not isinstance(data, dict) or len(data) != 1 or next(iter(data)) not in _HEARD:
        raise BadRecord(f"not a thing that a clerk hears: {str(data)[:80]}")
    name, value = next(iter(data.items()))
    heard: Heard = _HEARD[name].load(value)
    return heard
