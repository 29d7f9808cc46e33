"""What the depot was told to expect, and what may leave: found by what the gate knows of a truck.

Announcements and releases come from files of the depot (`record.announcing.files`) or from the registry
(`gateway.preadvice.notices`). Nothing here decides; it only finds, so that an unknown or withdrawn
announcement is a finding and not an error. Lanes ask while the link takes in what comes: every method may be
called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Generic, TypeVar

from record.announcing.yaml_file import read_preadvice
from record.draft import BaseDocument
from record.preadvice import Preadvice
from record.proof import canonical, sha256
from record.release import Release

N = TypeVar("N", Preadvice, Release)

FOREVER = datetime.max.replace(tzinfo=UTC)


class _Notices(Generic[N]):
    """Notices by their id, in their newest version, and by what they name."""

    def __init__(
        self, notices: Iterable[N] = (), refresh: Callable[[], Iterable[N] | None] = lambda: None
    ) -> None:
        """``notices`` are those that are kept; others that are added stay beside them.

        ``refresh`` is asked before each question: all that are kept, where somebody changed them, else None.
        """
        self._lock = RLock()
        self._refresh: Callable[[], Iterable[N] | None] = refresh
        self._by_id: dict[str, N] = {}
        self._by_document: dict[BaseDocument, set[str]] = {}
        self._by_container: dict[str, set[str]] = {}
        for each in notices:
            self.add(each)
        self._kept = set(self._by_id)

    def __len__(self) -> int:
        with self._lock:
            return len(self._by_id)

    def get(self, identity: str) -> N | None:
        """The notice of this id."""
        with self._lock:
            return self._by_id.get(identity)

    def all(self) -> tuple[N, ...]:
        """All of them, by id."""
        with self._lock:
            return tuple(self._by_id[identity] for identity in sorted(self._by_id))

    def add(self, notice: N) -> bool:
        """Take one in; False where it is known already, or in a higher version."""
        with self._lock:
            known = self._by_id.get(notice.id)
            if known is not None and (known.version > notice.version or known == notice):
                return False
            self.withdraw(notice.id)
            self._by_id[notice.id] = notice
            if notice.keys.document is not None:
                self._by_document.setdefault(notice.keys.document, set()).add(notice.id)
            for container in notice.keys.containers:
                self._by_container.setdefault(container, set()).add(notice.id)
            return True

    def update(self, others: _Notices[N]) -> None:
        """Take all notices of another collection in."""
        for each in others.all():
            self.add(each)

    def withdraw(self, identity: str) -> bool:
        """Forget one; False where there is none."""
        with self._lock:
            notice = self._by_id.pop(identity, None)
            if notice is None:
                return False
            if notice.keys.document is not None:
                _take_out(self._by_document, notice.keys.document, identity)
            for container in notice.keys.containers:
                _take_out(self._by_container, container, identity)
            return True

    def _named(self, document: BaseDocument | None, containers: Iterable[str] = ()) -> list[N]:
        """Every notice that names the document or one of the containers, the most lasting and newest last."""
        with self._lock:
            self._renew()
            found = set(self._by_document.get(document, ())) if document else set()
            found.update(*(self._by_container.get(number, ()) for number in containers))
            return sorted((self._by_id[identity] for identity in found), key=_rank)

    def _renew(self) -> None:
        anew = self._refresh()
        if anew is None:
            return
        wanted = {each.id: each for each in anew}
        for identity in self._kept - set(wanted):
            self.withdraw(identity)
        for notice in wanted.values():
            self.add(notice)
        self._kept = set(wanted)


class Announcements(_Notices[Preadvice]):
    """All announcements that are known, by document and by container."""

    @classmethod
    def read(cls, path: Path) -> Announcements:
        """From a depot's YAML file. Raises `record.yamlfile.FileErrors` with each problem's place."""
        return cls(read_preadvice(path))

    def of_document(self, document: BaseDocument | None) -> Preadvice | None:
        """The announcement of a base document, also one that has expired: that is a finding, not nothing."""
        found = self._named(document)
        return found[-1] if found else None

    def containers(self) -> frozenset[str]:
        """Every container that is announced: what a reader may take at a lower confidence."""
        with self._lock:
            self._renew()
            return frozenset(self._by_container)

    def plates(self) -> frozenset[str]:
        """Every plate that is announced, likewise."""
        with self._lock:
            self._renew()
            return frozenset(plate for each in self._by_id.values() for plate in each.keys.plates)


class Releases(_Notices[Release]):
    """All releases that are known."""

    def of(self, document: BaseDocument | None, containers: frozenset[str], at: datetime) -> Release | None:
        """The release of a document or of a container, valid at a moment; one of the document comes first."""
        for found in (self._named(document), self._named(None, containers)):
            valid = [each for each in found if (each.valid_until or FOREVER) >= at]
            named = [each for each in valid if containers & set(each.keys.containers)]
            if valid:
                return (named or valid)[-1]
        return None


def hash_of(preadvice: Preadvice) -> str:
    """SHA-256 of the announcement's canonical form: what exactly was looked up.

    Without the driver: ten digits beside known text could be found out from the hash.
    """
    return sha256(canonical(preadvice.model_copy(update={"driver": None}).to_wire()))


def _rank(notice: Preadvice | Release) -> tuple[datetime, int, str]:
    return notice.valid_until or FOREVER, notice.version, notice.id


K = TypeVar("K")


def _take_out(index: dict[K, set[str]], key: K, identity: str) -> None:
    index[key].discard(identity)
    if not index[key]:
        del index[key]
