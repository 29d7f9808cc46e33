"""What comes from the registry is believed only when it is whole, of the contract, and signed by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from record.base import Record
from record.errors import BadRecord
from record.event import MAX_BYTES
from record.proof import PublicKey, unwire, verify

R = TypeVar("R", bound=Record)


def hear(payload: bytes, model: type[R], keys: Mapping[str, PublicKey]) -> R:
    """A record out of a message. Raises `BadRecord` and nothing else, whatever the bytes are."""
    if len(payload) > MAX_BYTES:
        raise BadRecord(f"{len(payload)} bytes, {MAX_BYTES} are allowed")
    try:
        record = unwire(payload)
        verify(record, keys)
        return model.from_wire(record)
    except KeyError as error:
        raise BadRecord(f"signed by key {str(error.args[0])[:40]!r}, which is not the registry's") from error
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it cannot be read: {type(error).__name__}: {error}"[:300]) from error
