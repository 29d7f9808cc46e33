"""A depot's own file of announcements. People write it, unlike a record on the wire: unknown keys are errors, and so
are numbers that are none and characters that nobody sees.

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

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from record.announcing.document import of_text
from record.announcing.number import container_of, plate_of
from record.base import Record
from record.draft import BaseDocument, DocumentType
from record.preadvice import Announced, Keys, Preadvice, Share
from record.release import Release
from record.yamlfile import fault, load

STRICT = ConfigDict(extra="forbid")


LONGEST = 500
"""Characters of a text in a file; more are no description but a mistake."""


def _line(text: str) -> str:
    if any(not letter.isprintable() for letter in text):
        raise fault("announce.control")
    if not text.strip() or len(text) > LONGEST:
        raise (
            fault("announce.too_long", size=len(text), limit=LONGEST)
            if text.strip()
            else fault("announce.needed")
        )
    return text


def _or_fault(read: Callable[[str], str | None], code: str) -> AfterValidator:
    def known(text: str) -> str:
        found = read(text)
        if found is None:
            raise fault(code)
        return found

    return AfterValidator(known)


Line = Annotated[str, AfterValidator(_line)]
"""A text of one line that people can see whole."""

Container = Annotated[str, _or_fault(container_of, "announce.not_container")]
"""A container's number, whose check digit holds."""

Plate = Annotated[str, _or_fault(plate_of, "announce.not_plate")]
"""A plate of one of the countries whose trucks come."""


class WrittenDocument(BaseDocument):
    """As `record.draft.BaseDocument`, in the form of its type."""

    model_config = STRICT

    @model_validator(mode="after")
    def _is_of_its_type(self) -> Self:
        name = "" if self.type is DocumentType.DAE else self.type.value
        found = of_text(f"{name} {self.number}")
        if found is None or found.type is not self.type:
            raise fault("announce.not_document", at=("number",))
        return self.model_copy(update={"number": found.number})


class WrittenKeys(Keys):
    """As `record.preadvice.Keys`."""

    model_config = STRICT

    document: WrittenDocument | None = None
    containers: Annotated[tuple[Container, ...], Field(strict=False)] = ()
    plates: Annotated[tuple[Plate, ...], Field(strict=False)] = ()
    booking: Line | None = None


class WrittenCargo(Announced):
    """As `record.preadvice.Announced`."""

    model_config = STRICT

    description: Line | None = None
    seals: Annotated[tuple[Line, ...], Field(max_length=4, strict=False)] = ()


class WrittenShare(Share):
    """As `record.preadvice.Share`."""

    model_config = STRICT

    container: Container
    cargo: WrittenCargo


class WrittenPreadvice(Preadvice):
    """As `record.preadvice.Preadvice`."""

    model_config = STRICT

    id: Line
    exporter: Line | None = None
    keys: WrittenKeys
    cargo: WrittenCargo
    shares: Annotated[tuple[WrittenShare, ...], Field(strict=False)] = ()


class WrittenRelease(Release):
    """As `record.release.Release`."""

    model_config = STRICT

    id: Line
    keys: WrittenKeys


class PreadviceFile(Record):
    """The whole file."""

    model_config = STRICT

    preadvice: Annotated[tuple[WrittenPreadvice, ...], Field(strict=False)] = ()
    releases: Annotated[tuple[WrittenRelease, ...], Field(strict=False)] = ()


def read_preadvice(path: Path) -> tuple[Preadvice, ...]:
    """The announcements of a file. Raises `record.yamlfile.FileErrors` with each problem's place."""
    return tuple(Preadvice.from_wire(each.to_wire()) for each in load(path, PreadviceFile).preadvice)
