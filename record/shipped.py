"""Where data files are found: example sites, owner codes, code lists, recipes, texts.

Looked for in this order, the first one wins:

    DIR            what the caller was given with --config-dir
    /etc/iie       what the machine's operator laid down
    record/config  inside the wheel
    config         beside the packages, in a checkout
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

SYSTEM = Path("/etc/iie")
"""The operator's folder. A file here replaces the shipped one of the same name."""

PACKAGE = Path(__file__).resolve().parent


class NotShippedError(FileNotFoundError):
    """A data file is in none of the places. Retrying cannot help: the installation or the name is wrong."""

    def __init__(self, name: str, looked: list[Path]) -> None:
        self.name = name
        self.looked = looked
        places = "".join(f"\n  {place}" for place in looked)
        super().__init__(f"data file {name!r} was not found; looked for:{places}")


def places(config_dir: Path | None = None) -> list[Path]:
    """The folders that are searched, in order; they need not exist."""
    given = [config_dir] if config_dir is not None else []
    return [*given, SYSTEM, PACKAGE / "config", PACKAGE.parent / "config"]


def find(name: str, config_dir: Path | None = None) -> Path:
    """The file or folder ``name`` (relative, with ``/``) in the first place that has it.

    Raises:
        NotShippedError: no place has it; the message names every place that was looked at.
        ValueError: ``name`` is absolute or climbs out with ``..``.
    """
    looked = [place / _inside(name) for place in places(config_dir)]
    for candidate in looked:
        if candidate.exists():
            return candidate
    raise NotShippedError(name, looked)


def find_all(folder: str, pattern: str, config_dir: Path | None = None) -> Iterator[Path]:
    """Every file matching the glob ``pattern`` in ``folder`` of any place, sorted by name.

    Of two files with one name the earlier place's is given, so an operator replaces one file of a folder
    without repeating the others.
    """
    by_name: dict[str, Path] = {}
    for place in places(config_dir):
        for path in (place / _inside(folder)).glob(pattern):
            by_name.setdefault(path.name, path)
    yield from (by_name[name] for name in sorted(by_name))


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name!r} must be relative and stay inside the data folder")
    return path
