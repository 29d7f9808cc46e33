"""Broker and registry: do they answer, do they let this gate in, and until when do certificates hold?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from gateway.doctor.symptom import Symptom, doubtful, ill, well
from gateway.link.login import BadCertificate, password, tls_context, trusting
from gateway.site.site import Site
from gateway.upload.sender import Outcome, Sender
from record.errors import IieError
from record.messages import Phrase
from record.proof import SigningKey
from record.system_reason import reason

PATIENCE_S = 5.0
SOON = timedelta(days=30)
NO_FILE = "0" * 64


def broker(site: Site, folder: Path) -> Iterator[Symptom]:
    """A connection to the broker, with TLS where the site says so; nobody is logged on."""
    part = site.broker
    place = f"{part.host}:{part.port}"
    try:
        password(part, folder)
    except OSError as error:
        yield ill("broker", "no_password", path=str(error.filename), why=reason(error))
    try:
        context = tls_context(part.tls, folder) if part.tls else None
        yield from _reached("broker", part.host, part.port, context)
    except BadCertificate as error:
        yield ill("broker", "bad_certificate", why=str(error))
    except OSError as error:
        yield ill("broker", "no_answer", address=place, why=_why(error))


def registry(site: Site, folder: Path) -> Iterator[Symptom]:
    """A signed question for a file that is none: the registry answers a gate that it knows."""
    if site.registry is None:
        yield well("registry", "registry_unnamed")
        return
    parts = urlsplit(site.registry.url)
    authority = folder / site.registry.ca if site.registry.ca else None
    try:
        context = trusting(authority)
        if parts.scheme == "https":
            yield from _reached("registry", parts.hostname or "", parts.port or 443, context)
        sender = Sender(site.registry.url, SigningKey.read(folder / site.keys.signing), _now, context)
        asked = sender.send(NO_FILE, b"?")
        sender.close()
    except IieError as error:
        yield ill("registry", "bad_certificate", why=str(error))
        return
    except OSError as error:
        yield ill("registry", "no_answer", address=site.registry.url, why=_why(error))
        return
    if asked.outcome is Outcome.FILE_LATER:
        yield well("registry", "registry_knows", address=site.registry.url)
    else:
        yield ill("registry", "registry_refuses", address=site.registry.url, why=asked.reason)


def certificates(site: Site, folder: Path, today: date | None = None) -> Iterator[Symptom]:
    """Certificates that lie here: of scales, of this gate, of authorities."""
    day = today or _now().date()
    for lane in site.lanes:
        place = f"{lane.name}/{lane.scale.name}"
        if lane.scale.certificate is None:
            yield doubtful(place, "scale_uncertified")
        else:
            yield _until(place, "scale_certificate", lane.scale.certificate.valid_until, day)
    tls = site.broker.tls
    files = [tls.ca, tls.certificate] if tls else []
    files.append(site.registry.ca if site.registry else None)
    for name in dict.fromkeys(file for file in files if file is not None):
        try:
            held = x509.load_pem_x509_certificates((folder / name).read_bytes())
        except (OSError, ValueError) as error:
            yield ill(str(name), "bad_certificate", why=str(error))
            continue
        yield _until(str(name), "certificate", min(each.not_valid_after_utc for each in held).date(), day)


def _reached(place: str, host: str, port: int, context: ssl.SSLContext | None) -> Iterator[Symptom]:
    """Connect, and look at the certificate that is shown. Raises `OSError`."""
    with socket.create_connection((host, port), PATIENCE_S) as line:
        if context is None:
            yield well(place, "answers", address=f"{host}:{port}")
            return
        with context.wrap_socket(line, server_hostname=host) as secure:
            shown = secure.getpeercert(binary_form=True)
    if shown is not None:
        until = x509.load_der_x509_certificate(shown).not_valid_after_utc.date()
        yield _until(place, "certificate", until, _now().date())


def _until(place: str, kind: str, until: date, day: date) -> Symptom:
    if until < day:
        return ill(place, f"{kind}_over", until=str(until))
    return (doubtful if until - day < SOON else well)(place, f"{kind}_until", until=str(until))


def _why(error: OSError) -> Phrase | str:
    """TLS numbers its errors by itself."""
    return str(error) if isinstance(error, ssl.SSLError) else reason(error)


def _now() -> datetime:
    return datetime.now(UTC)
