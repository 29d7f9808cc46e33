"""What makes a record provable: its canonical bytes, its hash, the key that signed it.

An event's bytes are the RFC 8785 form (JSON Canonicalization Scheme) of the event without its ``proof``. They
hold the hash of the event before them (``previous``), so that every hash covers all of the chain up to it.

    proof = v1 . HASH . KEY . SIGNATURE
                 |      |     +---- Ed25519 (RFC 8032) over the 32 bytes of HASH, base64url without padding
                 |      +---------- id of the key: first 16 hexadecimal digits of the SHA-256 of its 32 bytes
                 +----------------- SHA-256 of the canonical bytes, 64 hexadecimal digits

A proof is one string, since a CloudEvents attribute may not be an object (CloudEvents 1.0.2, 3.1). Keys are read and
written by cryptography; libsodium signs and checks, in half the time, while other threads go on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_open, crypto_sign_PUBLICKEYBYTES
from nacl.exceptions import BadSignatureError

from record import jcs
from record.errors import BadProof, BadRecord, IieError
from record.ownership import as_the_folder

VERSION = "v1"
GENESIS = "0" * 64
"""The hash before the first event of a chain."""

FORM = re.compile(rf"{VERSION}\.([0-9a-f]{{64}})\.([0-9a-f]{{16}})\.([A-Za-z0-9_-]{{85}}[AQgw])")
"""The only way to write a proof: the last four bits of base64url belong to no byte and are 0."""

MEMBER = re.compile(rb',?"proof":"%b"' % FORM.pattern.encode("ascii"))
"""A proof among the members of a record in canonical form."""

PREFIX = "ed25519:"


class BadKey(IieError):
    """A key file or a written key that cannot be used."""

    advice = "error.bad_key"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A party's public key; its text form is ``ed25519:`` and base64url of the 32 bytes."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read the text form. Raises `BadKey` naming what was found."""
        body = text.removeprefix(PREFIX)
        try:
            raw = _unbase64(body) if text.startswith(PREFIX) else b""
        except ValueError:
            raw = b""
        key = cls(raw)
        if len(raw) != 32 or str(key) != text:
            raise BadKey(f"not a public key of the form {PREFIX}…: {text[:80]!r}")
        return key

    @property
    def id(self) -> str:
        """First 16 hexadecimal digits of the key's SHA-256."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def __str__(self) -> str:
        return PREFIX + _base64(self.raw)

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` over ``message`` was made by this key."""
        if len(signature) != crypto_sign_BYTES or len(self.raw) != crypto_sign_PUBLICKEYBYTES:
            return False  # libsodium takes signature and message in one piece, and a key's length for granted
        try:
            crypto_sign_open(signature + message, self.raw)
        except BadSignatureError:
            return False
        return True


class SigningKey:
    """A party's private Ed25519 key, kept in a file that only its owner reads, never in a YAML or a log."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.id = self.public.id
        seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        self._secret = seed + self.public.raw

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """Read a PEM file (PKCS 8, unencrypted). Raises `BadKey` naming the file."""
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise BadKey(f"{path}: cannot read the signing key: {error.strerror}") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadKey(f"{path}: not an unencrypted PEM key: {error}") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise BadKey(f"{path}: not an Ed25519 key")
        return cls(private)

    @classmethod
    def read_or_create(cls, path: Path) -> SigningKey:
        """Read the key, or make one where there is none yet, readable by its owner only.

        A power cut leaves the whole key or none; of two that make one at once both get the same. Raises
        `BadKey` naming the file.
        """
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                cls.generate()._write(path)
        except OSError as error:
            raise BadKey(f"{path}: cannot make the signing key: {error.strerror}") from error
        return cls.read(path)

    def _write(self, path: Path) -> None:
        """Write the key whole under a name of its own, then give it its name unless that is taken."""
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            as_the_folder(part)
            with suppress(FileExistsError):
                path.hardlink_to(part)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return crypto_sign(message, self._secret)[:crypto_sign_BYTES]


@dataclass(frozen=True, slots=True)
class Proof:
    """The parsed proof of a record."""

    hash: str
    key: str
    signature: bytes

    @classmethod
    def parse(cls, text: object) -> Proof:
        """Read the text form. Raises `BadProof`."""
        found = FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise BadProof(f"proof is not of the form {VERSION}.hash.key.signature: {str(text)[:120]!r}")
        return cls(found[1], found[2], _unbase64(found[3]))

    def __str__(self) -> str:
        return ".".join((VERSION, self.hash, self.key, _base64(self.signature)))


def canonical(record: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes of a record without its ``proof``. Raises `BadRecord` for floats and the like."""
    return written({name: value for name, value in record.items() if name != "proof"})


def written(record: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes of a record, all of it. Raises `BadRecord` for floats and the like."""
    try:
        return jcs.dumps(record)
    except jcs.NotCanonicalError as error:
        raise BadRecord(f"the record has no canonical form: {error}") from error


def sha256(data: bytes) -> str:
    """SHA-256 in 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def seal(record: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """The record with its ``proof`` by ``key``."""
    proof = signed(hashlib.sha256(canonical(record)).digest(), key)
    return {**{name: value for name, value in record.items() if name != "proof"}, "proof": proof}


def seal_written(record: Mapping[str, Any], key: SigningKey) -> bytes:
    """`wire` of what `seal` makes, with each member written once: those before ``proof``, and those after it.

    Raises `BadRecord` for floats and the like.
    """
    return seal_linked(record, key)[0]


def seal_linked(record: Mapping[str, Any], key: SigningKey) -> tuple[bytes, str]:
    """What `seal_written` makes, and its hash: the ``previous`` of the next record of a chain."""
    before = written({name: value for name, value in record.items() if name < "proof"})[1:-1]
    after = written({name: value for name, value in record.items() if name > "proof"})[1:-1]
    joint = b"," if before and after else b""
    digest = hashlib.sha256(b"{%b%b%b}" % (before, joint, after)).digest()
    members = (before, b'"proof":"%b"' % signed(digest, key).encode("ascii"), after)
    return b"{%b}" % b",".join(filter(None, members)), digest.hex()


def signed(digest: bytes, key: SigningKey) -> str:
    """The proof of what has this SHA-256, by ``key``, as a record carries it."""
    return f"{VERSION}.{digest.hex()}.{key.id}.{_base64(key.sign(digest))}"


def wire(record: Mapping[str, Any]) -> bytes:
    """The bytes of a sealed record as they are sent and stored: canonical too, ``proof`` included."""
    return jcs.dumps(dict(record))


def unwire(data: bytes) -> dict[str, Any]:
    """A record from the bytes that came. Raises `BadRecord` for what is no JSON object or has a key twice."""
    canonical_record = jcs.loads(data)
    return _unwire_other(data) if canonical_record is None else canonical_record


def unwire_hashed(data: bytes) -> tuple[dict[str, Any], str | None]:
    """What `unwire` makes, and the record's hash where its bytes are canonical and its proof says it rightly: then
    nothing has to be written anew for it. Raises `BadRecord` as `unwire` does."""
    record = jcs.loads(data)
    if record is None:
        return _unwire_other(data), None
    proof = proof_in(data)
    return record, proof.hash if proof and str(proof) == record.get("proof") else None


def _unwire_other(data: bytes) -> dict[str, Any]:
    """A record from bytes that are not in canonical form."""
    try:
        record = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"not a JSON object: {error}") from error
    if not isinstance(record, dict):
        raise BadRecord(f"not a JSON object but {type(record).__name__}")
    return record


def proof_in(data: bytes) -> Proof | None:
    """The proof in a sealed record's canonical bytes, where what is left without it has the hash that it says.

    None where it has not: the record was changed, or is in another form.
    """
    found = MEMBER.search(data)
    if found is None:
        return None
    digest, key, signature = (part.decode("ascii") for part in found.groups())
    covered = data[: found.start()] + data[found.end() :]
    return Proof(digest, key, _unbase64(signature)) if sha256(covered) == digest else None


def verify(record: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> Proof:
    """Check hash and signature with the key that the proof names.

    Raises `BadProof` where either does not hold, `KeyError` where the key is not among ``keys``.
    """
    proof = Proof.parse(record.get("proof"))
    digest = sha256(canonical(record))
    if digest != proof.hash:
        raise BadProof(f"the record's hash is {digest}, its proof says {proof.hash}")
    if not keys[proof.key].holds(proof.signature, bytes.fromhex(proof.hash)):
        raise BadProof(f"the signature is not by key {proof.key}")
    return proof


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return record


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _unbase64(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
