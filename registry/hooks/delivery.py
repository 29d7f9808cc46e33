"""One change brought to one receiver: a signed POST, as Standard Webhooks 1.0 has it with asymmetric keys (v1a).

    POST /avisos HTTP/1.1
    Content-Type: application/cloudevents+json
    webhook-id: 0199f2c4-…               the event's id: the same at each attempt
    webhook-timestamp: 1795539600        of this attempt, seconds
    webhook-signature: v1a,base64        Ed25519 over "id.timestamp.body" with the registry's key

Receivers check with the registry's public key: no secret is kept on either side.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from record.proof import SigningKey
from registry.hooks.address import Lookup, Target, looked_up, resolved

PATIENCE_S = 10.0
LONGEST_WAIT_S = 3600
TRY_LATER = frozenset({408, 425, 429})
"""Answers beside 5xx that say nothing about the change itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of an attempt. ``away``: the receiver itself is not there; others need not be tried."""

    status: int | None
    error: str | None = None
    away: bool = False
    wait_s: int = 0

    @property
    def taken(self) -> bool:
        """Whether the receiver has the change."""
        return self.status is not None and 200 <= self.status < 300


def headers(event: str, body: bytes, key: SigningKey, now: datetime) -> dict[str, str]:
    """What goes with a change: its id, the time of this attempt, the signature over both and the body."""
    moment = str(int(now.timestamp()))
    signature = key.sign(b".".join((event.encode(), moment.encode(), body)))
    return {
        "content-type": "application/cloudevents+json",
        "user-agent": "iie-registry",
        "webhook-id": event,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1a,{b64encode(signature).decode('ascii')}",
    }


class Line:
    """A line to one receiver, for some changes in a row."""

    def __init__(self, client: httpx.Client, found: Target, address: str) -> None:
        host = f"[{address}]" if ":" in address else address
        self._client, self._url = client, f"{found.scheme}://{host}:{found.port}{found.path}"
        self._host = found

    def post(self, body: bytes, given: dict[str, str]) -> Outcome:
        """Send one change. What is answered is its status; its body is not read."""
        named = {**given, "host": self._host.netloc}
        extensions = {"sni_hostname": self._host.host} if self._host.scheme == "https" else {}
        try:
            with self._client.stream(
                "POST", self._url, content=body, headers=named, extensions=extensions
            ) as answer:
                return _outcome(answer)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            return Outcome(None, f"{type(error).__name__}: {error}"[:300], away=True)


def _outcome(answer: httpx.Response) -> Outcome:
    status = answer.status_code
    if 200 <= status < 300:
        return Outcome(status)
    away = status >= 500 or status in TRY_LATER
    wait = answer.headers.get("retry-after", "")
    seconds = min(int(wait), LONGEST_WAIT_S) if wait.isascii() and wait.isdigit() and len(wait) < 7 else 0
    return Outcome(status, None, away, seconds if away else 0)


@contextmanager
def line(found: Target, trust: ssl.SSLContext, lookup: Lookup = looked_up) -> Iterator[Line]:
    """A line to a receiver. Raises `BadAddress` where its name leads elsewhere, `OSError` where it leads nowhere."""
    address = resolved(found, lookup)
    with httpx.Client(verify=trust, trust_env=False, follow_redirects=False, timeout=PATIENCE_S) as client:
        yield Line(client, found, address)
