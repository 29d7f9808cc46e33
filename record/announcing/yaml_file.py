"""A depot's own file of announcements. People write it, unlike a record on the wire: unknown keys are errors.

preadvice:
  - id: aviso-1
    keys: {document: {type: DAE, number: "02820264000000001"}, containers: [MSCU1234566]}
    cargo: {description: BANANO FRESCO, packages: 1080, packaging: "035"}
releases:
  - id: salida-1
    keys: {containers: [MSCU1234566]}
    reason: load
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from record.base import Record
from record.draft import BaseDocument
from record.preadvice import Announced, Keys, Preadvice, Share
from record.release import Release
from record.yamlfile import load

STRICT = ConfigDict(extra="forbid")


class WrittenDocument(BaseDocument):
    """As `record.draft.BaseDocument`."""

    model_config = STRICT


class WrittenKeys(Keys):
    """As `record.preadvice.Keys`."""

    model_config = STRICT

    document: WrittenDocument | None = None


class WrittenCargo(Announced):
    """As `record.preadvice.Announced`."""

    model_config = STRICT


class WrittenShare(Share):
    """As `record.preadvice.Share`."""

    model_config = STRICT

    cargo: WrittenCargo


class WrittenPreadvice(Preadvice):
    """As `record.preadvice.Preadvice`."""

    model_config = STRICT

    keys: WrittenKeys
    cargo: WrittenCargo
    shares: Annotated[tuple[WrittenShare, ...], Field(strict=False)] = ()


class WrittenRelease(Release):
    """As `record.release.Release`."""

    model_config = STRICT

    keys: WrittenKeys


class PreadviceFile(Record):
    """The whole file."""

    model_config = STRICT

    preadvice: Annotated[tuple[WrittenPreadvice, ...], Field(strict=False)] = ()
    releases: Annotated[tuple[WrittenRelease, ...], Field(strict=False)] = ()


def read_preadvice(path: Path) -> tuple[Preadvice, ...]:
    """The announcements of a file. Raises `record.yamlfile.FileErrors` with each problem's place."""
    return tuple(Preadvice.from_wire(each.to_wire()) for each in load(path, PreadviceFile).preadvice)
