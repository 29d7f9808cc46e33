"""The lists of codes that customs forms use, as data: ``config/codes/*.yaml``.

A list names itself, its version, where it is from and how sure that is; each code has a Spanish name and may
have an English one, a mark of its own, a note, and attributes that only its list knows.

    list: districts
    version: "2026-11"
    source: "Ecuapass drop-down lists"
    mark: confirmed
    codes:
      "028": {es: "Guayaquil marítimo", en: "Guayaquil seaport"}

No list is complete, so a code that is missing is a reason to warn. An operator adds codes by laying a file of
the same name into the operator's folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record.errors import IieError
from record.shipped import find as find_shipped

if TYPE_CHECKING:
    from record.yamltree import Tree

LISTS = (
    "access_key_documents",
    "base_documents",
    "booking_prefixes",
    "cargo_types",
    "correction_fields",
    "districts",
    "identity_documents",
    "load_units",
    "packaging",
    "plate_provinces",
    "procedures",
    "provinces",
    "regimes",
    "size_aliases",
    "size_heights",
    "size_lengths",
    "size_types",
    "uld_bases",
    "uld_categories",
    "vehicle_types",
)
"""Every list, by the name of its file."""


class Mark(StrEnum):
    """How sure a code is: published, one operator's practice, general knowledge, or of unknown meaning."""

    CONFIRMED = "confirmed"
    PRACTICE = "practice"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class CodeListError(IieError):
    """A list's file is wrong; the message is ``file:line:column`` and what is expected there. Retrying is of
    no use until somebody has corrected the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: its names, how sure it is, and what else its list says of it."""

    code: str
    es: str
    en: str
    mark: Mark
    note: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str = "es") -> str:
        """The name in ``es`` or ``en``; Spanish where there is no English one."""
        return self.en if language == "en" and self.en else self.es


class CodeList(Mapping[str, Entry]):
    """One list: codes to entries, in the file's order."""

    def __init__(self, name: str, version: str, source: str, entries: Mapping[str, Entry]) -> None:
        self.name = name
        self.version = version
        self.source = source
        self._entries = dict(entries)

    def __getitem__(self, code: str) -> Entry:
        return self._entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def known(self, **more: str) -> frozenset[str]:
        """The codes of known meaning, of those whose attributes are as given (``trade="export"``)."""
        return frozenset(
            code
            for code, entry in self._entries.items()
            if entry.mark is not Mark.UNKNOWN and more.items() <= entry.more.items()
        )


class Codes:
    """All lists, each read when it is first asked for and then kept."""

    def __init__(self, find: Callable[[str], Path] = find_shipped) -> None:
        """``find`` gives the file of a name such as ``codes/districts.yaml``."""
        self._find = find
        self._read: dict[str, CodeList] = {}

    def __getitem__(self, name: str) -> CodeList:
        """The list of a name of `LISTS`. Raises KeyError for another name, CodeListError for a wrong file."""
        if name not in LISTS:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = read(self._find(f"codes/{name}.yaml"), name)
        return self._read[name]

    def check(self) -> None:
        """Read every list now. Raises CodeListError for the first that is wrong."""
        for name in LISTS:
            self[name]

    @cached_property
    def districts(self) -> frozenset[str]:
        """Customs districts of known meaning."""
        return self["districts"].known()

    @cached_property
    def export_regimes(self) -> frozenset[str]:
        """Regimes under which goods leave the country."""
        return self["regimes"].known(trade="export")

    @cached_property
    def import_regimes(self) -> frozenset[str]:
        """Regimes under which goods enter the country."""
        return self["regimes"].known(trade="import")

    @cached_property
    def size_aliases(self) -> Mapping[str, str]:
        """Trade names of containers (``40HC``) to the size-type code that is meant."""
        return {code: entry.more["means"] for code, entry in self["size_aliases"].items()}


@cache
def shipped() -> Codes:
    """The lists as they were shipped, or as the machine's operator replaced them."""
    return Codes()


def read(path: Path, name: str) -> CodeList:
    """One list from its file. Raises CodeListError naming file, line and column."""
    from record.yamltree import FaultError, parse

    try:
        tree = parse(path.read_bytes())
    except FaultError as error:
        raise CodeListError(f"{path}:{error}", file=str(path)) from error
    if tree.faults:
        fault = tree.faults[0]
        raise CodeListError(f"{path}:{fault.mark.line}:{fault.mark.column}: {fault.code}", file=str(path))
    return _list(_File(path, tree), name)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    tree: Tree

    def wrong(self, what: str, *place: str) -> CodeListError:
        mark = self.tree.mark(place)
        return CodeListError(f"{self.path}:{mark.line}:{mark.column}: {what}", file=str(self.path))

    def text(self, value: Any, *place: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.wrong(f"{'.'.join(place)} must be a text", *place)
        return value

    def mark(self, value: Any, *place: str) -> Mark:
        try:
            return Mark(value)
        except ValueError as error:
            raise self.wrong(f"mark must be one of {', '.join(Mark)}", *place) from error


def _list(file: _File, name: str) -> CodeList:
    data = file.tree.root.data()
    if not isinstance(data, dict):
        raise file.wrong("a list with its codes is expected")
    if data.get("list") != name:
        raise file.wrong(f"list must be {name}", "list")
    version = file.text(data.get("version"), "version")
    source = file.text(data.get("source"), "source")
    mark = file.mark(data.get("mark"), "mark")
    codes = data.get("codes")
    if not isinstance(codes, dict) or not codes:
        raise file.wrong("codes must be a mapping of codes", "codes")
    entries = {code: _entry(file, code, value, mark) for code, value in codes.items()}
    return CodeList(name, version, source, entries)


def _entry(file: _File, code: str, value: Any, mark: Mark) -> Entry:
    place = ("codes", code)
    if not isinstance(value, dict):
        raise file.wrong("a code needs its name, such as {es: cartón}", *place)
    texts = {key: file.text(text, *place, key) for key, text in value.items()}
    if "es" not in texts:
        raise file.wrong(f"code {code} has no Spanish name (es)", *place)
    own = file.mark(texts.pop("mark"), *place, "mark") if "mark" in texts else mark
    es, en, note = texts.pop("es"), texts.pop("en", ""), texts.pop("note", "")
    return Entry(code, es, en, own, note, texts)
