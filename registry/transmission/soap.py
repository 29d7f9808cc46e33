"""The adapter that speaks SOAP 1.1 over HTTP, as one operator's system is known to have done (`envelope`).

What tells *not reached* from *unanswered* is whether the request may have left: a refused connection, a name that is
not found or a failed handshake brought nothing; a reply that did not come may follow a document that did arrive.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from lxml import etree

from registry.transmission import envelope
from registry.transmission.parcel import Answer, NotReached, Parcel, Refused, Sender, Unanswered

CARGO = "SENAE_ExportCargaService"
COMMON = "SENAE_CommonResponseService_EC"
CONTENT = "text/xml; charset=utf-8"
CONNECT_S = 10.0
LARGEST = 4 * 1024 * 1024
"""Bytes of a reply; a longer one is none of these services."""

NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Soap:
    """Customs' services under one address, such as ``https://…/cdes_svr``."""

    url: str
    timeout_s: float = 60.0
    ca: Path | None = None
    certificate: tuple[Path, Path] | None = None

    def send(self, parcel: Parcel) -> None:
        """Bring one document."""
        operation = envelope.SEND.format(kind=parcel.kind)
        self._call(CARGO, operation, envelope.sending(parcel))

    def references(self, sender: Sender, since: datetime) -> Sequence[str]:
        """References of the answers since a moment."""
        return list(envelope.references(self._call(COMMON, envelope.LIST, envelope.listing(sender, since))))

    def answer(self, sender: Sender, reference: str) -> Answer:
        """One answer."""
        reply = self._call(COMMON, envelope.ACCEPTANCE, envelope.asking(sender, reference))
        return envelope.answer(reply, reference)

    def _call(self, service: str, operation: str, body: bytes) -> etree._Element:
        headers = {"Content-Type": CONTENT, "SOAPAction": f'"{operation}"'}
        try:
            status, reply = self._post(f"{self.url.rstrip('/')}/{service}", body, headers)
        except NOTHING_LEFT as error:
            raise NotReached(f"{self.url}: {error}") from error
        except httpx.HTTPError as error:
            raise Unanswered(f"{self.url}: {type(error).__name__}: {error}") from error
        if status in (httpx.codes.OK, httpx.codes.INTERNAL_SERVER_ERROR):
            return envelope.taken(reply, operation)
        if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            raise NotReached(f"{self.url}: HTTP {status}")
        if 300 <= status < 500:
            raise Refused(f"HTTP {status}")
        raise Unanswered(f"{self.url}: HTTP {status}")

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """The reply's status and bytes. A new connection each time: minutes lie between two calls."""
        timeout = httpx.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s))
        with (
            httpx.Client(timeout=timeout, verify=self._trust(), trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as reply,
        ):
            found = bytearray()
            for piece in reply.iter_bytes():
                found += piece
                if len(found) > LARGEST:
                    raise Unanswered(f"{self.url}: the reply has more than {LARGEST} bytes")
            return reply.status_code, bytes(found)

    def _trust(self) -> ssl.SSLContext:
        """Whom the adapter believes, and its own certificate. Raises `NotReached` where a file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate is not None:
                context.load_cert_chain(*self.certificate)
        except OSError as error:
            raise NotReached(f"the certificates for {self.url} cannot be used: {error}") from error
        return context
