"""The container reader as the gate uses it; made in the reading process, never in the daemon's own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.camera.condition import Looker
from gateway.site.camera import Sees
from gateway.site.site import LanePart
from ocr.barcodes import BarcodeReader
from ocr.child import Reader
from ocr.worker import ReadingWorker
from record.shipped import find

if TYPE_CHECKING:
    from ocr.plates import PlateReader
    from ocr.reader import ContainerReader

log = logging.getLogger(__name__)

PLATES, BARCODES, LOOK = "plates", "barcodes", "look"
"""The readers beside the one of containers; the last one measures what a picture is worth."""


def container_reader(config_dir: Path | None = None, cache_dir: Path | None = None) -> ContainerReader:
    """A reader with the listed owner codes. Raises `ocr.models.ModelsMissing` where none are prepared."""
    from ocr.models import find as find_models
    from ocr.reader import ContainerReader

    return ContainerReader(find_models(cache_dir), owner_codes(config_dir))


def plate_reader(cache_dir: Path | None = None) -> PlateReader:
    """A reader of plates. Raises `ocr.models.ModelsMissing` where none are prepared."""
    from ocr.models import find as find_models
    from ocr.plates import PlateReader

    return PlateReader(find_models(cache_dir))


def tell_missing_models(cache_dir: Path | None = None) -> None:
    """Say once, at the start, that no picture can be read and what to do; the gate works on without."""
    from ocr.models import ModelsDamaged, ModelsMissing
    from ocr.models import find as find_models

    try:
        find_models(cache_dir)
    except (ModelsMissing, ModelsDamaged) as error:
        log.error("no picture can be read, container numbers will be missing: %s", error)


def owner_codes(config_dir: Path | None = None) -> frozenset[str]:
    """Every listed owner code, such as MSKU."""
    lines = find("owner-codes.txt", config_dir).read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def reading_worker(
    config_dir: Path | None = None,
    cache_dir: Path | None = None,
    lanes: Iterable[LanePart] = (),
    *,
    every: bool = False,
) -> ReadingWorker:
    """The one process that reads the pictures of all lanes, with the readers that their cameras need.

    ``every`` names all readers, for a gate whose cameras may be others tomorrow; each is made at its first picture.
    """
    cameras = [camera for lane in lanes for camera in lane.cameras]
    looked_for = {sees for camera in cameras for sees in camera.looked_for}
    others: dict[str, Callable[[], Reader]] = {}
    if cameras or every:
        others[LOOK] = Looker
    if Sees.PLATES in looked_for or every:
        others[PLATES] = partial(plate_reader, cache_dir)
    if Sees.BARCODES in looked_for or every:
        others[BARCODES] = BarcodeReader
    return ReadingWorker(partial(container_reader, config_dir, cache_dir), others=others)
