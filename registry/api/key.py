"""The registry's public key for other programs, to check what it has signed."""

from __future__ import annotations

from base64 import b64encode

from fastapi import APIRouter, Request, Response

from record.proof import PublicKey
from registry.api.answer import refusals, told
from registry.api.caller import Guarded, Reader
from registry.api.models import Key

router = APIRouter(prefix="/v1/key", tags=["key"], route_class=Guarded)


@router.get("", response_model=Key, responses=refusals())
def read_key(request: Request, caller: Reader) -> Response:
    """The key that receipts, changes of reports and webhooks are signed with."""
    public: PublicKey = request.app.state.public_key
    return told(request, Key(id=public.id, key=str(public), webhook_key=webhook_key(public)))


def webhook_key(key: PublicKey) -> str:
    """A key in the form of Standard Webhooks 1.0 (asymmetric signatures)."""
    return f"whpk_{b64encode(key.raw).decode('ascii')}"
