"""Evidence on its way: which files a draft names, and the signed request that brings one to the registry.

    HEAD /v1/evidence/{sha256}          200  held already
                                        404  not held; ``Upload-Offset`` says how many bytes are there
                                        410  held once, erased at its age: nothing to send
    PUT  /v1/evidence/{sha256}          201  held now        200  was held
         Content-Range: bytes 0-9/10    409  continue at ``Upload-Offset``

A request is signed with the gate's key as RFC 9421 (HTTP Message Signatures) has it, in one fixed form:

    Content-Digest:  sha-256=:…:                                     RFC 9530, of the bytes in this request
    Signature-Input: iie=("@method" "@path" "content-digest" "content-range");created=…;keyid="…";alg="ed25519"
    Signature:       iie=:…:

``HEAD`` signs method and path alone. The path ends with the hash of the whole file, so that what arrives is
either that file or refused, whoever carried it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from record.draft import Evidence
from record.errors import BadProof, BadRecord
from record.proof import PublicKey, SigningKey

PATH = "/v1/evidence/"
MAX_BYTES = 2 * 1024 * 1024
"""The largest file of evidence."""

SKEW = timedelta(minutes=5)
"""How far the clock of a gate may be off; an older request may be a repeated one."""

COVERED: Mapping[str, tuple[str, ...]] = {
    "HEAD": ("@method", "@path"),
    "PUT": ("@method", "@path", "content-digest", "content-range"),
}
"""What each method signs, in this order."""

INPUT = re.compile(r'iie=(\(([^()]*)\);created=([0-9]{1,12});keyid="([0-9a-f]{16})";alg="ed25519")')
SIGNATURE = re.compile(r"iie=:([A-Za-z0-9+/]{86}==):")
RANGE = re.compile(r"bytes ([0-9]{1,10})-([0-9]{1,10})/([0-9]{1,10})")
DIGEST = re.compile(r"[0-9a-f]{64}")


class FileKind(StrEnum):
    """What a file of evidence is; each kind is kept for its own time."""

    PICTURE = "picture"
    CROP = "crop"
    PERSONAL = "personal"


def named(evidence: Evidence) -> dict[str, FileKind]:
    """The files that a draft names, by SHA-256: what cameras saw, and the driver's file."""
    found: dict[str, FileKind] = {}
    for sighting in evidence.sightings:
        if sighting.crop is not None:
            found[sighting.crop] = FileKind.CROP
        found[sighting.picture] = FileKind.PICTURE
    found |= {plate.picture: FileKind.PICTURE for plate in evidence.plates if plate.picture is not None}
    if evidence.personal is not None:
        found[evidence.personal] = FileKind.PERSONAL
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes that a request carries: from ``first`` on, of a file of ``total`` bytes."""

    first: int
    length: int
    total: int

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read a Content-Range. Raises `BadRecord` for one that is none, is empty or ends outside the file."""
        match = RANGE.fullmatch(text)
        if match is None:
            raise BadRecord(f"Content-Range is not of the form 'bytes 0-9/10': {text[:80]!r}")
        first, last, total = (int(part) for part in match.groups())
        if not first <= last < total:
            raise BadRecord(f"Content-Range names bytes that the file does not have: {text!r}")
        return cls(first, last - first + 1, total)

    @property
    def end(self) -> int:
        """Offset after the last byte."""
        return self.first + self.length

    def __str__(self) -> str:
        return f"bytes {self.first}-{self.end - 1}/{self.total}"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a request and when."""

    key: str
    at: datetime


def head_headers(path: str, key: SigningKey, at: datetime) -> dict[str, str]:
    """The headers of a question for a file."""
    return _signed("HEAD", path, {}, key, at)


def put_headers(path: str, body: bytes, span: Span, key: SigningKey, at: datetime) -> dict[str, str]:
    """The headers of a request that carries ``body``, which is the file's ``span``."""
    return _signed("PUT", path, {"content-digest": digest_of(body), "content-range": str(span)}, key, at)


def digest_of(body: bytes) -> str:
    """Content-Digest of these bytes (RFC 9530)."""
    return digest_header(hashlib.sha256(body).digest())


def digest_header(digest: bytes) -> str:
    """The same from the SHA-256 itself."""
    return f"sha-256=:{b64encode(digest).decode('ascii')}:"


def verified(
    method: str,
    path: str,
    headers: Mapping[str, str],
    key: Callable[[str], PublicKey | None],
    now: datetime,
) -> Signed:
    """Who signed a request. ``headers`` have names in lower case, ``key`` finds a public key by its id.

    Raises `BadProof` where the signature is missing, of another form, old, of an unknown key or does not hold.
    """
    match = INPUT.fullmatch(headers.get("signature-input", ""))
    signature = SIGNATURE.fullmatch(headers.get("signature", ""))
    if match is None or signature is None:
        raise BadProof("the request carries no signature of the form that this service reads (RFC 9421)")
    parameters, covered, created, name = match.groups()
    wanted = COVERED.get(method, ())
    if not wanted or covered != _names(wanted):
        raise BadProof(f"the signature of a {method} covers {_names(wanted)}, not {covered[:120]}")
    at = datetime.fromtimestamp(int(created), UTC)
    if abs(now - at) > SKEW:
        raise BadProof(f"the request is signed for {at:%Y-%m-%dT%H:%M:%SZ}, too far from now: see the clocks")
    public = key(name)
    if public is None:
        raise BadProof(f"key {name} is not accepted here")
    base = _base(method, path, wanted, headers, parameters)
    if not public.holds(_unbase64(signature[1]), base):
        raise BadProof(f"the request's signature is not by key {name}")
    return Signed(name, at)


def _signed(method: str, path: str, headers: dict[str, str], key: SigningKey, at: datetime) -> dict[str, str]:
    covered = COVERED[method]
    parameters = f'({_names(covered)});created={int(at.timestamp())};keyid="{key.public.id}";alg="ed25519"'
    signature = key.sign(_base(method, path, covered, headers, parameters))
    return headers | {
        "signature-input": f"iie={parameters}",
        "signature": f"iie=:{b64encode(signature).decode('ascii')}:",
    }


def _names(covered: Iterable[str]) -> str:
    return " ".join(f'"{name}"' for name in covered)


def _base(
    method: str, path: str, covered: Iterable[str], headers: Mapping[str, str], parameters: str
) -> bytes:
    """The signature base of RFC 9421, 2.5: one line a component, the parameters last."""
    values = {"@method": method, "@path": path, **headers}
    lines = [f'"{name}": {values.get(name, "")}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def _unbase64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadProof(f"the signature is not base64: {error}") from error
