"""Reading the pictures of a tape anew: what another version of the reader would have seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.clerk.visit import Seen
from gateway.evidence import EvidenceStore
from gateway.reading import container_reader
from gateway.tape.tape import Recording
from ocr.sighting import Sighting
from record.messages import text


def reread_differences(recording: Recording, folder: Path, lang: str = "es") -> Iterator[str]:
    """One line for each picture that is read otherwise now, or that is no longer there."""
    store, reader = EvidenceStore(folder), container_reader()
    for line in recording.lines:
        if not isinstance(line.heard, Seen):
            continue
        path = store.path(line.heard.picture)
        where = f"{line.heard.camera} {line.heard.picture[:12]}"
        if not path.exists():
            yield text("replay.no_picture", lang, where=where)
            continue
        now = reader.read(path.read_bytes())
        if _said(now) != _said(line.heard.sighting):
            then = _said(line.heard.sighting)
            yield text("replay.read_otherwise", lang, where=where, then=then, now=_said(now))


def _said(sighting: Sighting) -> str:
    """Status, numbers and size-type: what a decision rests on."""
    return " ".join((sighting.status.value, *sighting.numbers, sighting.type_code or "-"))
