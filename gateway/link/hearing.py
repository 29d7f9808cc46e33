"""What comes from the registry is believed only when it is whole, of the contract, and signed by its key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from record.base import Record
from record.errors import BadProof, BadRecord
from record.event import MAX_BYTES
from record.proof import Proof, PublicKey, sha256, unwire, verify

R = TypeVar("R", bound=Record)


PROOF = re.compile(rb',?"proof":"(v1\.([0-9a-f]{64})\.[0-9a-f]{16}\.[0-9A-Za-z_-]{86})"')


def hear(payload: bytes, model: type[R], keys: Mapping[str, PublicKey]) -> R:
    """A record out of a message. Raises `BadRecord` and nothing else, whatever the bytes are."""
    if len(payload) > MAX_BYTES:
        raise BadRecord(f"{len(payload)} bytes, {MAX_BYTES} are allowed")
    try:
        return model.from_wire(_proven(payload, keys))
    except KeyError as error:
        raise BadRecord(f"signed by key {str(error.args[0])[:40]!r}, which is not the registry's") from error
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it cannot be read: {type(error).__name__}: {error}"[:300]) from error


def _proven(payload: bytes, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """The record of a message whose proof holds.

    A message that came in canonical form, as all of the registry's do, is what was hashed once its proof is cut
    out; any other is brought to that form first. Raises `BadRecord`, `KeyError` for an unknown key.
    """
    found = PROOF.search(payload)
    if found is not None:
        hashed = payload[: found.start()] + payload[found.end() :]
        if sha256(hashed).encode("ascii") == found[2]:
            proof = Proof.parse(found[1].decode("ascii"))
            if not keys[proof.key].holds(proof.signature, bytes.fromhex(proof.hash)):
                raise BadProof(f"the signature is not by key {proof.key}")
            return unwire(hashed) | {"proof": str(proof)}
    record = unwire(payload)
    verify(record, keys)
    return record
