"""Passwords: kept as argon2id (RFC 9106), which takes some tenths of a second and 64 MiB each: one at a time."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from record.errors import IieError

SHORTEST, LONGEST = 10, 200
"""Characters of a password."""


class BadPassword(IieError):
    """A password that may not be used; ``advice`` says why."""

    advice = "console.people.bad_password"


class Passwords:
    """Makes and checks hashes. Safe for several threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._one = threading.Lock()
        self._nobodys = ""

    def hashed(self, password: str, name: str = "") -> str:
        """The hash to keep. Raises `BadPassword` for one that is too short, too long, or the user's name."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadPassword(f"a password has {SHORTEST} to {LONGEST} characters")
        if name and name.casefold() in password.casefold():
            raise BadPassword("a password does not hold the user's name")
        if len(set(password)) < 4:
            raise BadPassword("a password has at least four different characters")
        with self._one:
            return self._hasher.hash(password)

    def hashed_pin(self, pin: str) -> str:
        """The hash of a PIN, whose digits the caller has judged; only slowness and waiting protect it."""
        with self._one:
            return self._hasher.hash(pin)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that a hash was made of; as slow where there is none to compare with."""
        with self._one:
            if not self._nobodys:
                self._nobodys = self._hasher.hash("nobody has this password")
            try:
                return self._hasher.verify(kept or self._nobodys, password[:LONGEST]) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)
