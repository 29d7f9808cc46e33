"""Logging in to a camera: HTTP Basic (RFC 7617) and Digest (RFC 7616; MD5, SHA-256, with or without `auth`).

Passwords are named, never written: a `Login` holds a callable that fetches the secret when it is needed, so
that neither a configuration nor a log nor a traceback holds it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drivers.errors import Advice, CannotOpen

_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)\s+", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-zA-Z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"SHA-256": "sha256", "MD5": "md5"}
_STRENGTH = ("SHA-256", "MD5")


@dataclass(frozen=True)
class Login:
    """A camera's user and the way to its password."""

    user: str
    secret: Callable[[], str] = field(repr=False)


def secret_file(path: Path) -> Callable[[], str]:
    """The password as the first line of a file, read at each login. `CannotOpen` when it cannot be read."""

    def read() -> str:
        try:
            return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except OSError as error:
            problem = f"secret file {path}: {error.strerror}"
            raise CannotOpen(problem, advice=Advice.CHECK_LOGIN) from error

    return read


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in that a server offers (`WWW-Authenticate`)."""

    scheme: str
    parameters: Mapping[str, str]

    @property
    def algorithm(self) -> str:
        """The digest's hash without its `-sess` suffix, upper case."""
        return self.parameters.get("algorithm", "MD5").upper().removesuffix("-SESS")

    @property
    def usable(self) -> bool:
        """Whether it can be answered: Basic, or Digest with a known hash that does not sign the body only."""
        if self.scheme == "basic":
            return True
        offered = self.parameters.get("qop")
        known = self.algorithm in _HASHES and "nonce" in self.parameters
        return known and (offered is None or "auth" in re.split(r"[,\s]+", offered))

    @property
    def preference(self) -> int:
        """Lower is better: the strongest digest first, Basic last."""
        return _STRENGTH.index(self.algorithm) if self.scheme == "digest" else len(_STRENGTH)


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """All challenges in the values of `WWW-Authenticate`, several of which may stand in one header."""
    found: list[Challenge] = []
    for header in headers:
        pieces = _SCHEME.split(header)
        for scheme, rest in zip(pieces[1::2], pieces[2::2], strict=True):
            values = {
                name.lower(): _unquoted(quoted) or bare for name, quoted, bare in _PARAMETER.findall(rest)
            }
            found.append(Challenge(scheme.lower(), values))
    return found


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


class Authorization:
    """Answers one server's challenges; keeps its nonce so that later requests need no second round."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._challenge: Challenge | None = None
        self._count = 0

    def challenged(self, headers: Iterable[str]) -> bool:
        """Take the best challenge of an answer 401; False when none can be answered."""
        usable = [challenge for challenge in challenges(headers) if challenge.usable]
        self._challenge = min(usable, key=lambda challenge: challenge.preference, default=None)
        self._count = 0
        return self._challenge is not None

    def header(self, method: str, uri: str) -> str | None:
        """The value of `Authorization` for a request, None before the first challenge."""
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            return basic(self._login.user, self._login.secret())
        self._count += 1
        nonce = secrets.token_hex(8)
        return digest(challenge, self._login.user, self._login.secret(), method, uri, self._count, nonce)


def basic(user: str, password: str) -> str:
    """RFC 7617 2: user and password in Base64."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def digest(
    challenge: Challenge, user: str, password: str, method: str, uri: str, count: int, client_nonce: str
) -> str:
    """RFC 7616 3.4: the answer to a digest challenge, for the ``count``-th request with its nonce."""
    given = challenge.parameters
    algorithm, realm, nonce = challenge.algorithm, given.get("realm", ""), given["nonce"]

    def hashed(text: str) -> str:
        return hashlib.new(_HASHES[algorithm], text.encode("utf-8"), usedforsecurity=False).hexdigest()

    secret = hashed(f"{user}:{realm}:{password}")
    if given.get("algorithm", "").upper().endswith("-SESS"):
        secret = hashed(f"{secret}:{nonce}:{client_nonce}")
    request = hashed(f"{method}:{uri}")
    quoted = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    bare: dict[str, str] = {}
    if "qop" in given:
        bare = {"qop": "auth", "nc": f"{count:08x}"}
        quoted["cnonce"] = client_nonce
        quoted["response"] = hashed(f"{secret}:{nonce}:{bare['nc']}:{client_nonce}:auth:{request}")
    else:
        quoted["response"] = hashed(f"{secret}:{nonce}:{request}")
    if "opaque" in given:
        quoted["opaque"] = given["opaque"]
    if "algorithm" in given:
        bare["algorithm"] = given["algorithm"]
    return "Digest " + ", ".join(
        [f'{name}="{_quoted(value)}"' for name, value in quoted.items()]
        + [f"{name}={value}" for name, value in bare.items()]
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
