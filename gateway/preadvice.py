"""What the depot was told to expect, found by what the gate knows of a truck.

Announcements come from a file of the site (YAML, a list under ``preadvice``) or from the registry. Nothing
here decides; it only finds, so that an unknown or withdrawn announcement is a finding and not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, Field

from record.base import Record
from record.draft import BaseDocument
from record.preadvice import Preadvice
from record.proof import canonical, sha256
from record.release import Release
from record.yamlfile import load


class PreadviceFile(Record):
    """A file of announcements. People write it, unlike a record on the wire: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")

    preadvice: tuple[Preadvice, ...] = Field(strict=False)


class Announcements:
    """All announcements that are valid now, by document and by container."""

    def __init__(self, announcements: Iterable[Preadvice] = ()) -> None:
        self._by_id: dict[str, Preadvice] = {}
        for each in announcements:
            self.add(each)

    @classmethod
    def read(cls, path: Path) -> Announcements:
        """From a file. Raises `record.yamlfile.FileErrors` with each problem's place."""
        return cls(load(path, PreadviceFile).preadvice)

    def add(self, preadvice: Preadvice) -> None:
        """Take an announcement in; a higher version replaces a lower one."""
        known = self._by_id.get(preadvice.id)
        if known is None or known.version <= preadvice.version:
            self._by_id[preadvice.id] = preadvice

    def update(self, others: Announcements) -> None:
        """Take all announcements of another collection in."""
        for each in others._by_id.values():
            self.add(each)

    def withdraw(self, identity: str) -> None:
        """Forget an announcement."""
        self._by_id.pop(identity, None)

    def of_document(self, document: BaseDocument | None) -> Preadvice | None:
        """The announcement of a base document."""
        if document is None:
            return None
        return next((each for each in self._by_id.values() if each.keys.document == document), None)

    def containers(self) -> frozenset[str]:
        """Every container that is announced: what a reader may take at a lower confidence."""
        return frozenset(number for each in self._by_id.values() for number in each.keys.containers)


class Releases:
    """All releases that are valid now."""

    def __init__(self, releases: Iterable[Release] = ()) -> None:
        self._by_id: dict[str, Release] = {}
        for each in releases:
            self.add(each)

    def add(self, release: Release) -> None:
        """Take a release in; a higher version replaces a lower one."""
        known = self._by_id.get(release.id)
        if known is None or known.version <= release.version:
            self._by_id[release.id] = release

    def update(self, others: Releases) -> None:
        """Take all releases of another collection in."""
        for each in others._by_id.values():
            self.add(each)

    def withdraw(self, identity: str) -> None:
        """Forget a release."""
        self._by_id.pop(identity, None)

    def of(self, document: BaseDocument | None, containers: frozenset[str], at: datetime) -> Release | None:
        """The release of a document or of a container, valid at a moment."""
        for each in self._by_id.values():
            if each.valid_until is not None and each.valid_until < at:
                continue
            if (document and each.keys.document == document) or containers & set(each.keys.containers):
                return each
        return None


def hash_of(preadvice: Preadvice) -> str:
    """SHA-256 of the announcement's canonical form: what exactly was looked up."""
    return sha256(canonical(preadvice.to_wire()))
