"""The office of base documents: what people know of one from customs is written down, and that it is regularised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from record.base import timestamp
from record.messages import Phrase
from registry.daes import book
from registry.daes.book import Declaration, Deed
from registry.database import writing
from registry.numbers import ECUADOR
from registry.people.role import Right
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import LONGEST_REASON, BadFields
from registry.reports.field import BadValue, whole
from registry.reports.office import NoReport, NotAllowed, NotNow, Office

MOST = 2_000_000_000
NUMBERS = ("packages", "weight_kg", "containers")
TEXTS = {"exporter": 200, "channel": 40, "status": 40}


@dataclass(frozen=True, slots=True)
class Declarations:
    """What people do to the documents of one registry."""

    office: Office

    def say(self, identity: str, version: int, who: Who, texts: Mapping[str, str], reason: str) -> None:
        """Write down what customs' screen says of a document; an empty text says nothing any more.

        Raises `BadFields`, `Stale`, `NoReport`, `NotAllowed`, `NotNow` where nothing is said.
        """
        values = read(texts)
        with writing(self.office.engine) as connection:
            found = self._current(connection, identity, version, who)
            changes = [
                {"field": name, "before": _plain(getattr(found, name)), "after": _plain(value)}
                for name, value in values.items()
                if getattr(found, name) != value
            ]
            if not changes:
                raise NotNow(Phrase("console.dae.nothing"))
            now, line = self.office.now(), " ".join(reason.split())[:LONGEST_REASON]
            book.write(connection, found, who, now, Deed.SAID, values, line, {"changes": changes})

    def regularise(self, identity: str, version: int, who: Who, reason: str) -> None:
        """Customs has closed the document: nothing of it is corrected any more. Raises as `say` does."""
        now = self.office.now()
        with writing(self.office.engine) as connection:
            found = self._current(connection, identity, version, who)
            if found.regularised:
                raise NotNow(Phrase("console.dae.regularised"))
            values, line = {"regularised_at": now}, _needed(reason)
            book.write(connection, found, who, now, Deed.REGULARISED, values, line, {})

    def revoke(self, identity: str, version: int, who: Who, reason: str) -> None:
        """A supervisor takes back that a document is regularised: it was marked by mistake. Raises as `say` does."""
        if not who.may(Right.OVERRIDE):
            raise NotAllowed(f"a {who.role.value} takes nothing back")
        with writing(self.office.engine) as connection:
            found = self._current(connection, identity, version, who)
            if not found.regularised:
                raise NotNow(Phrase("console.dae.not_regularised"))
            values, line = {"regularised_at": None}, _needed(reason)
            book.write(connection, found, who, self.office.now(), Deed.REVOKED, values, line, {})

    def _current(self, connection: Any, identity: str, version: int, who: Who) -> Declaration:
        if not who.may(Right.WORK):
            raise NotAllowed(f"a {who.role.value} writes nothing down")
        found = book.find(connection, identity, lock=True)
        if found is None or not who.sees(found.depot):
            raise NoReport(f"no document {identity[:40]!r}")
        if found.version != version:
            raise Stale(f"document {identity} is at version {found.version}, not {version}")
        return found


def read(texts: Mapping[str, str]) -> dict[str, Any]:
    """What a form says, as values. Raises `BadFields`."""
    values: dict[str, Any] = {}
    problems: dict[str, Phrase] = {}
    for name in (*NUMBERS, *TEXTS, "ends_at"):
        if name not in texts:
            continue
        try:
            values[name] = _value(name, texts[name].strip())
        except BadValue as error:
            problems[name] = error.phrase
    if problems:
        raise BadFields(problems)
    return values


def _value(name: str, text: str) -> Any:
    if any(not letter.isprintable() for letter in text):
        raise BadValue("invisible")
    if not text:
        return None
    if name in NUMBERS:
        return whole(text, MOST)
    if name in TEXTS:
        line = " ".join(text.split())
        if len(line) > TEXTS[name]:
            raise BadValue("too_long", found=len(line), longest=TEXTS[name])
        return line
    return end_of(text)


def end_of(text: str) -> datetime:
    """The end of a day in Ecuador. Raises `BadValue`."""
    try:
        day = date.fromisoformat(text)
        if not 2012 <= day.year <= 2100:
            raise BadValue("day")
        return datetime.combine(day + timedelta(days=1), time(0), tzinfo=ECUADOR) - timedelta(seconds=1)
    except ValueError:
        raise BadValue("day") from None


def _plain(value: Any) -> Any:
    return timestamp(value) if isinstance(value, datetime) else value


def _needed(reason: str) -> str:
    line = " ".join(reason.split())[:LONGEST_REASON]
    if not line:
        raise NotNow(Phrase("console.value.reason"))
    return line
