"""How the site's file says to log on to the broker: address, user, password, TLS."""

from __future__ import annotations

import os
import ssl
from functools import partial
from pathlib import Path

from gateway.link.connection import Address
from gateway.site.site import BrokerPart, Tls
from record.errors import IieError
from record.topics import Gate

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd lays the credentials of a service (systemd.exec(5), LoadCredential=)."""


class BadCertificate(IieError):
    """A certificate or key of the TLS settings cannot be used."""

    advice = "link.bad_certificate"


def address(part: BrokerPart, gate: Gate, folder: Path) -> Address:
    """The broker's address for one gate; ``folder`` is the site file's, where its relative paths begin.

    Raises `BadCertificate`. The password is read at each connection, not now.
    """
    return Address(
        host=part.host,
        port=part.port,
        client_id=part.client_id or f"{gate.depot}/{gate.gate}",
        username=part.user,
        password=partial(password, part, folder),
        tls=tls_context(part.tls, folder) if part.tls else None,
        keepalive_s=part.keepalive_s,
    )


def password(part: BrokerPart, folder: Path) -> str | None:
    """The broker's password out of its file or systemd credential, None where neither is named.

    Raises `OSError` where it cannot be read.
    """
    if part.password_credential:
        path = Path(os.environ.get(CREDENTIALS, "/run/credentials")) / part.password_credential
    elif part.password_file:
        path = folder / part.password_file
    else:
        return None
    return path.read_text(encoding="utf-8").rstrip("\r\n")


def tls_context(part: Tls, folder: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer that checks the broker's certificate and its name; with a certificate of our own, mutual.

    Raises `BadCertificate` naming the file.
    """
    context = trusting(folder / part.ca)
    if part.certificate is not None:
        key = folder / part.key if part.key else None
        try:
            context.load_cert_chain(folder / part.certificate, key)
        except OSError as error:
            raise BadCertificate(
                f"{folder / part.certificate}: no certificate with its key: {error}"
            ) from error
    return context


def trusting(authority: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer that checks a server's certificate and its name against one authority, or the system's.

    Raises `BadCertificate` naming the file.
    """
    try:
        return ssl.create_default_context(cafile=str(authority) if authority else None)
    except OSError as error:
        raise BadCertificate(f"{authority}: no certificate of an authority: {error}") from error
