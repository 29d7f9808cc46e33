"""Where a person may be sent after a login or a change of language."""

from __future__ import annotations


def local(place: str) -> str:
    """A place of this site; the first page for anything that leads elsewhere."""
    inside = place.startswith("/") and not place.startswith("//") and "\\" not in place
    return place if inside and place.isprintable() else "/"
