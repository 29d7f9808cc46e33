"""What comes from the registry is believed only when it is whole, of the contract, and signed by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from record.base import Record
from record.errors import BadProof, BadRecord
from record.event import MAX_BYTES
from record.proof import PublicKey, proof_in, unwire, verify

R = TypeVar("R", bound=Record)


def hear(payload: bytes, model: type[R], keys: Mapping[str, PublicKey]) -> R:
    """A record out of a message. Raises `BadRecord` and nothing else, whatever the bytes are."""
    if len(payload) > MAX_BYTES:
        raise BadRecord(f"{len(payload)} bytes, {MAX_BYTES} are allowed")
    try:
        if _is_signed(payload, keys):
            return model.from_bytes(payload)
        return model.from_wire(_proven(payload, keys))
    except KeyError as error:
        raise BadRecord(f"signed by key {str(error.args[0])[:40]!r}, which is not the registry's") from error
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"it cannot be read: {type(error).__name__}: {error}"[:300]) from error


def _is_signed(payload: bytes, keys: Mapping[str, PublicKey]) -> bool:
    """Whether a message in canonical form, as all of the registry's are, is signed by one of the keys: what is left
    once its proof is cut out is what was hashed and signed.

    False for a message in any other form. Raises `BadProof`, `KeyError` for an unknown key.
    """
    proof = proof_in(payload)
    if proof is None:
        return False
    if not keys[proof.key].holds(proof.signature, bytes.fromhex(proof.hash)):
        raise BadProof(f"the signature is not by key {proof.key}")
    return True


def _proven(payload: bytes, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """The record of a message in whatever form, whose proof holds. Raises as `_signed` does."""
    record = unwire(payload)
    verify(record, keys)
    return record
