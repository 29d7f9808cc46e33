"""Real photographs of containers for a rehearsal, where a folder of them with labels is at hand.

The folder is not part of the project: ``labels.csv`` names each picture's number and size-type as a person
read them. Only pictures of one container are used, of a size-type whose tare the rehearsal's site has stored.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

USUAL_FOLDER = Path("../shared/data/photos")
LABELS = "labels.csv"
LEVEL = ("h1", "h2")
"""Layouts in which the number stands in level lines, as a gate's camera is hung to see it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph and what is written on the container."""

    path: Path
    number: str
    type_code: str


def photos(folder: Path, type_codes: Collection[str]) -> list[Photo]:
    """The usable photographs of a folder, in the order of its labels; none where there is no such folder."""
    labels = folder / LABELS
    if not labels.is_file():
        return []
    with labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Photo(folder / row["file"], row["number"], row["type_code"])
        for row in rows
        if row["scored"] == "1"
        and row["check_ok"] == "1"
        and row["layout"] in LEVEL
        and row["type_code"] in type_codes
        and len(row["number"]) == 11
        and row["file"].endswith(".jpg")
        and (folder / row["file"]).is_file()
    ]
