"""People, sessions and what they did, in the gate's database.

people     who may log in; one is disabled, never removed
sessions   who is logged in: the hash of the cookie's token, never the token
links      tokens that log one person in once, by their hash
attempts   log-ins that failed, by person at an address, by address, by person: each makes the next one wait
places     the addresses from which somebody has logged in: strangers' attempts do not lock them out there
audit      what people did, in order; rows are added and never changed (a trigger refuses)
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection

from gateway.console.person import Person, Role
from gateway.database import Migrations
from gateway.outbox.file import OutboxFile
from record.base import timestamp
from record.errors import IieError
from record.web.passwords import Passwords

LONGEST_SESSION = timedelta(hours=12)
LINK_LIFE = timedelta(minutes=30)
TOUCHED_EVERY = timedelta(seconds=60)
FREE = {"pair": 5, "address": 20, "person": 50}
"""Attempts that fail before waiting begins: of a person at one address, at one address, of a person anywhere.

Behind one address sit several people. The last one bounds the guessing of one PIN from many addresses, to some
hundred a day; it does not count where that person has logged in before, so that nobody locks a guard's own tablet.
"""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)
SHORTEST_PIN, LONGEST_PIN = 6, 12
MOST_TRACES = 1000
KNOWN_FOR = timedelta(days=90)

migrations = Migrations("people")


@migrations
def m001_people(db: Connection) -> None:
    """People, their sessions, links, failed attempts, and what they did."""
    for statement in (
        "CREATE TABLE people (name TEXT PRIMARY KEY, role TEXT NOT NULL, secret TEXT, pin INTEGER NOT NULL,"
        " disabled_at TEXT)",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL,"
        " began_at TEXT NOT NULL, seen_at TEXT NOT NULL)",
        "CREATE TABLE links (id TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at TEXT NOT NULL)",
        "CREATE TABLE attempts (subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at TEXT NOT NULL)",
        "CREATE TABLE audit (position INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, name TEXT NOT NULL,"
        " role TEXT NOT NULL, deed TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL)",
        "CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is kept'); END",
        "CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is kept'); END",
    ):
        db.execute(statement)


@migrations
def m002_places(db: Connection) -> None:
    """Where people log in; failed attempts are looked for by their age."""
    db.execute("CREATE TABLE places (subject TEXT PRIMARY KEY, last_at TEXT NOT NULL)")
    db.execute("CREATE INDEX attempts_by_age ON attempts (last_at)")


class BadSecret(IieError):
    """A PIN or a password that may not be used, or a person who is not known."""

    advice = "page.people.bad_secret"


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in person. ``csrf`` goes with every form of theirs."""

    id: str
    person: Person
    csrf: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that somebody did."""

    at: str
    name: str
    role: str
    deed: str
    subject: str
    detail: str


class People:
    """The tables of one gate. Every method may be called from any thread."""

    def __init__(self, file: OutboxFile, passwords: Passwords) -> None:
        self._file, self._passwords = file, passwords
        with file.writing() as db:
            migrations.apply(db)

    def add(self, name: str, role: Role, secret: str | None) -> Person:
        """Add a person, or give them another role and secret, which ends their sessions; without one they enter
        by a link only.

        Raises `BadSecret` for a name or a secret that cannot be used.
        """
        name = " ".join(name.split())
        if not name or len(name) > 64 or not name.isprintable():
            raise BadSecret("a name has 1 to 64 printable characters")
        pin = secret is not None and secret.isascii() and secret.isdigit()
        kept = None
        if secret is not None:
            kept = self._pin(secret) if pin else self._passwords.hashed(secret, name)
        with self._file.writing(durable=True) as db:
            db.execute(ADD, [name, role.value, kept, int(pin)])
            db.execute("DELETE FROM sessions WHERE name = ?", [name])
            db.execute("DELETE FROM links WHERE name = ?", [name])
        return Person(name, role, pin)

    def disable(self, name: str, now: datetime) -> None:
        """End what a person may do, at once. Raises `BadSecret` for somebody unknown."""
        with self._file.writing(durable=True) as db:
            if not db.execute(DISABLE, [timestamp(now), name]).rowcount:
                raise BadSecret(f"nobody is called {name[:64]!r}")
            db.execute("DELETE FROM sessions WHERE name = ?", [name])
            db.execute("DELETE FROM links WHERE name = ?", [name])

    def all(self) -> list[Person]:
        """Everybody, by name."""
        rows = self._file.read("SELECT name, role, pin, disabled_at FROM people ORDER BY name")
        return [Person(name, Role(role), bool(pin), at is not None) for name, role, pin, at in rows]

    def enter(self, name: str, secret: str, address: str, now: datetime) -> str | timedelta | None:
        """Log somebody in: the token for the cookie, how long they have to wait, or None for a wrong secret."""
        person, place = _hashed(name.casefold()), address[:64]
        pair = f"pair:{person}:{place}"
        subjects = {"pair": pair, "address": f"address:{place}", "person": f"person:{person}"}
        wait = self._attempt(subjects, now)
        if wait > timedelta(0):
            return wait
        rows = self._file.read("SELECT secret, disabled_at FROM people WHERE name = ?", [name])
        kept, disabled = rows[0] if rows else (None, None)
        if not self._passwords.fits(kept, secret) or disabled is not None:
            return None
        with self._file.writing() as db:
            db.execute("DELETE FROM attempts WHERE subject IN (?, ?)", [pair, subjects["address"]])
            db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", [pair, timestamp(now)])
            return self._begin(db, name, now)

    def link(self, name: str, now: datetime) -> str:
        """A token that logs a person in once. Raises `BadSecret` for somebody unknown."""
        if not self._file.read("SELECT 1 FROM people WHERE name = ? AND disabled_at IS NULL", [name]):
            raise BadSecret(f"nobody is called {name[:64]!r}")
        token = secrets.token_urlsafe(32)
        with self._file.writing(durable=True) as db:
            db.execute("DELETE FROM links WHERE name = ? OR expires_at < ?", [name, timestamp(now)])
            db.execute(
                "INSERT INTO links VALUES (?, ?, ?)", [_hashed(token), name, timestamp(now + LINK_LIFE)]
            )
        return token

    def use_link(self, token: str, now: datetime) -> str | None:
        """The session's token for a link, now and never again; None for one that is none, used or too old."""
        with self._file.writing(durable=True) as db:
            found = db.execute(
                "DELETE FROM links WHERE id = ? AND expires_at >= ? RETURNING name",
                [_hashed(token), timestamp(now)],
            ).fetchall()
            return self._begin(db, found[0][0], now) if found else None

    def session(self, token: str, now: datetime, idle: timedelta) -> Session | None:
        """The session of a token, if it still stands."""
        rows = self._file.read(SESSION, [_hashed(token)])
        if not rows:
            return None
        csrf, began, seen, name, role, pin, disabled = rows[0]
        seen_at, began_at = datetime.fromisoformat(seen), datetime.fromisoformat(began)
        if disabled is not None or now - seen_at > idle or now - began_at > LONGEST_SESSION:
            return None
        person = Person(name, Role(role), bool(pin))
        return Session(_hashed(token), person, csrf, stale=now - seen_at > TOUCHED_EVERY)

    def touch(self, session: str, now: datetime) -> None:
        """Write down that a session is in use."""
        with self._file.writing() as db:
            db.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [timestamp(now), session])

    def leave(self, session: str) -> None:
        """End a session."""
        with self._file.writing() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", [session])

    def note(self, person: Person, deed: str, subject: str, detail: str, now: datetime) -> None:
        """Write down what somebody did."""
        row = [timestamp(now), person.name, person.role.value, deed, subject, detail[:1000]]
        with self._file.writing(durable=True) as db:
            db.execute(
                "INSERT INTO audit (at, name, role, deed, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", row
            )

    def traces(self, limit: int = 200) -> list[Trace]:
        """What was done last, newest first."""
        query = "SELECT at, name, role, deed, subject, detail FROM audit ORDER BY position DESC LIMIT ?"
        return [Trace(*row) for row in self._file.read(query, [min(limit, MOST_TRACES)])]

    def _begin(self, db: Connection, name: str, now: datetime) -> str:
        token, moment = secrets.token_urlsafe(32), timestamp(now)
        db.execute("DELETE FROM sessions WHERE began_at < ?", [timestamp(now - LONGEST_SESSION)])
        row = [_hashed(token), name, secrets.token_urlsafe(32), moment, moment]
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        return token

    def _attempt(self, subjects: dict[str, str], now: datetime) -> timedelta:
        """Count an attempt as it begins, so that many at once gain nothing; how long it has to wait instead."""
        with self._file.writing() as db:
            db.execute("DELETE FROM attempts WHERE last_at < ?", [timestamp(now - FORGOTTEN)])
            db.execute("DELETE FROM places WHERE last_at < ?", [timestamp(now - KNOWN_FOR)])
            known = db.execute("SELECT 1 FROM places WHERE subject = ?", [subjects["pair"]]).fetchall()
            counts = {}
            for kind, subject in subjects.items():
                if known and kind == "person":
                    continue
                rows = db.execute(
                    "SELECT failures, last_at FROM attempts WHERE subject = ?", [subject]
                ).fetchall()
                failures, last = (rows[0][0], datetime.fromisoformat(rows[0][1])) if rows else (0, now)
                counts[subject] = failures if now - last <= FORGOTTEN else 0
                wait = last + pause(kind, counts[subject]) - now
                if wait > timedelta(0):
                    return wait
            for subject, failures in counts.items():
                db.execute(
                    "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?)",
                    [subject, failures + 1, timestamp(now)],
                )
        return timedelta(0)

    def _pin(self, pin: str) -> str:
        if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
            raise BadSecret(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits")
        if len(set(pin)) < 3 or pin in "01234567890123" or pin in "98765432109876":
            raise BadSecret("a PIN is no run and no repetition of digits")
        return self._passwords.hashed_pin(pin)


def pause(kind: str, failures: int) -> timedelta:
    """How long after the last attempt the next one may come."""
    beyond = failures - FREE[kind]
    return timedelta(0) if beyond < 0 else min(FIRST_WAIT * 2 ** min(beyond, 20), LONGEST_WAIT)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


ADD = (
    "INSERT INTO people (name, role, secret, pin) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
    " SET role = excluded.role, secret = coalesce(excluded.secret, secret),"
    " pin = CASE WHEN excluded.secret IS NULL THEN pin ELSE excluded.pin END, disabled_at = NULL"
)
DISABLE = "UPDATE people SET disabled_at = ? WHERE name = ? AND disabled_at IS NULL"
SESSION = (
    "SELECT csrf, began_at, seen_at, people.name, role, pin, disabled_at FROM sessions"
    " JOIN people ON people.name = sessions.name WHERE id = ?"
)
