"""Numbers of containers and plates as they are written in files: in their one form, or none."""

from __future__ import annotations

from record.identifiers import container, plate


def container_of(text: str) -> str | None:
    """A container's number whose check digit holds; None for anything else."""
    found = container.parse(text)
    return found.normal if found else None


def plate_of(text: str) -> str | None:
    """A plate of one of the countries whose trucks come; None for anything else."""
    found = plate.parse(text)
    return found[0].normal if found else None
