"""Models of scales and scanners as data: one YAML file each, so that a site names only the model.

    config/scales/mettler-ind231.yaml          config/scanners/zebra-ds2208-cdc.yaml

    brand: Mettler Toledo                      brand: Zebra
    model: IND231                              model: DS2208, USB CDC
    protocol: mt_continuous                    connection: serial
    line: {baud: 9600, bits: 7, parity: E}     line: {baud: 9600}
    basis: manual                              basis: general

A model whose frames follow no protocol declares them: ``protocol: pattern`` with a key ``pattern`` (see
`drivers.scale.pattern`), or ``protocol: modbus`` with a key ``modbus`` (see `drivers.scale.register_map`).

The caller says which files there are; of two with one name the operator's is given (see the house's rules for
data files). An entry says where it is known from, and leaves out what nobody has checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from drivers.errors import DeviceError
from drivers.port import Line
from drivers.readings import Unit
from drivers.scale import pattern, register_map
from drivers.scale.device import MODBUS
from drivers.scale.pattern import PATTERN
from drivers.scale.protocol import Serial, Settings
from drivers.scale.protocols import PROTOCOLS, protocol
from drivers.scanner.framer import Framing
from drivers.scanner.layouts import LAYOUTS

DECLARATIONS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {PATTERN.id: pattern.declared, MODBUS: register_map.declared}
)
"""Protocols whose frames or registers the entry itself declares, under a key of the same name."""


class CatalogueError(ValueError):
    """An entry is wrong. The text names file, line and key."""


class UnknownModel(LookupError):
    """No entry has this name; the text has the nearest of the names that are ``known``."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        near = get_close_matches(name, list(known), n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no model is called {name!r}{hint}")


class Basis(StrEnum):
    """Where an entry is known from, the surest first."""

    CAPTURE = "capture"
    MANUAL = "manual"
    CODE = "code"
    FAMILY = "family"
    GENERAL = "general"


class Connection(StrEnum):
    """What a scanner hangs on."""

    SERIAL = "serial"
    TCP = "tcp"
    HID = "hid"


@dataclass(frozen=True, slots=True)
class Notes:
    """What a technician should know, in both languages of the house."""

    es: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What of a `Line` a model fixes; None leaves it to the protocol's usual line, or to 9600 8N1."""

    baud: int | None = None
    bits: int | None = None
    parity: str | None = None
    stop: float | None = None
    dtr: bool | None = None
    rts: bool | None = None

    def over(self, usual: LineSettings) -> LineSettings:
        """These, and what they leave open from ``usual``."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return LineSettings(
            **{name: getattr(usual, name) if value is None else value for name, value in mine.items()}
        )

    def on(self, port: str) -> Line:
        """The line at ``port``. Raises `CannotOpen` when a setting is nonsense."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return Line(port, **{name: value for name, value in given.items() if value is not None})


def usual_line(spoken: str) -> LineSettings:
    """The line that a protocol usually has, `modbus` too. Raises `UnknownProtocol`."""
    serial = Serial() if spoken == MODBUS else protocol(spoken).serial
    return LineSettings(serial.baud, serial.bits, serial.parity, serial.stop)


@dataclass(frozen=True, slots=True)
class ScaleModel:
    """One model of indicator. ``menu`` is the path that turns its output on, where a manual says it.

    ``poll_interval`` is seconds between two requests, where the protocol speaks only when asked.
    """

    id: str
    brand: str
    model: str
    protocol: str
    basis: Basis
    source: str = ""
    line: LineSettings = LineSettings()
    settings: Settings = field(default_factory=Settings)
    poll_interval: float | None = None
    menu: str = ""
    notes: Notes = Notes()

    def line_at(self, port: str, site: LineSettings | None = None) -> Line:
        """The line of such an indicator at ``port``; what the site says goes before what the model says."""
        return (site or LineSettings()).over(self.line).over(usual_line(self.protocol)).on(port)


@dataclass(frozen=True, slots=True)
class ScannerModel:
    """One model of scanner. ``layout`` counts for keyboard scanners only."""

    id: str
    brand: str
    model: str
    connection: Connection
    basis: Basis
    source: str = ""
    line: LineSettings = LineSettings()
    framing: Framing = field(default_factory=Framing)
    layout: str = "us"
    menu: str = ""
    notes: Notes = Notes()


Model = TypeVar("Model", ScaleModel, ScannerModel)


def scale_models(files: Iterable[Path]) -> Mapping[str, ScaleModel]:
    """Every scale model by its id, which is the file's name. Raises `CatalogueError`."""
    return MappingProxyType({path.stem: _scale(path) for path in files})


def scanner_models(files: Iterable[Path]) -> Mapping[str, ScannerModel]:
    """Every scanner model by its id, which is the file's name. Raises `CatalogueError`."""
    return MappingProxyType({path.stem: _scanner(path) for path in files})


def find(models: Mapping[str, Model], name: str) -> Model:
    """The model of this id. Raises `UnknownModel`, with the nearest ids in its text."""
    try:
        return models[name]
    except KeyError:
        raise UnknownModel(name, models) from None


def _scale(path: Path) -> ScaleModel:
    entry = Entry(path)
    protocol = entry.take("protocol", _text, required=True)
    if protocol not in PROTOCOLS and protocol != MODBUS:
        raise entry.wrong("protocol", f"there is no protocol {protocol!r}")
    declared = (
        entry.take(protocol, DECLARATIONS[protocol], required=True) if protocol in DECLARATIONS else None
    )
    settings = entry.take("settings", lambda value: _settings(value, protocol), Settings())
    model = ScaleModel(
        id=path.stem,
        brand=entry.take("brand", _text, required=True),
        model=entry.take("model", _text, required=True),
        protocol=protocol,
        basis=entry.take("basis", Basis, required=True),
        source=entry.take("source", _text, ""),
        line=entry.take("line", _line, LineSettings()),
        settings=replace(settings, declared=declared),
        poll_interval=entry.take("poll_interval", _number, None),
        menu=entry.take("menu", _text, ""),
        notes=entry.take("notes", _notes, Notes()),
    )
    entry.end()
    return model


def _scanner(path: Path) -> ScannerModel:
    entry = Entry(path)
    model = ScannerModel(
        id=path.stem,
        brand=entry.take("brand", _text, required=True),
        model=entry.take("model", _text, required=True),
        connection=entry.take("connection", Connection, required=True),
        basis=entry.take("basis", Basis, required=True),
        source=entry.take("source", _text, ""),
        line=entry.take("line", _line, LineSettings()),
        framing=entry.take("framing", _framing, Framing()),
        layout=entry.take("layout", _layout, "us"),
        menu=entry.take("menu", _text, ""),
        notes=entry.take("notes", _notes, Notes()),
    )
    entry.end()
    return model


class Entry:
    """The keys of one file, taken one by one; what is left over is a mistake."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CatalogueError(f"{path}: {error}") from error
        if not isinstance(root, yaml.MappingNode):
            raise CatalogueError(f"{path}: keys with values are expected")
        self._lines: dict[str, int] = {}
        self._nodes: dict[str, yaml.Node] = {}
        for key, value in root.value:
            self._lines[key.value] = key.start_mark.line + 1
            if key.value in self._nodes:
                raise self.wrong(key.value, "stands twice")
            self._nodes[key.value] = value

    def take(
        self, key: str, convert: Callable[[Any], Any], default: Any = None, *, required: bool = False
    ) -> Any:
        """The converted value of ``key``; ``convert`` raises `ValueError` for what it does not take."""
        node = self._nodes.pop(key, None)
        if node is None:
            if required:
                raise CatalogueError(f"{self._path}: the key {key!r} is missing")
            return default
        loader = yaml.SafeLoader("")
        try:
            return convert(loader.construct_document(node))
        except (ValueError, TypeError, LookupError, DeviceError) as error:
            raise self.wrong(key, str(error)) from error
        finally:
            loader.dispose()

    def end(self) -> None:
        """Raises `CatalogueError` for a key that nobody has taken."""
        for key in self._nodes:
            raise self.wrong(key, "there is no such key here")

    def wrong(self, key: str, reason: str) -> CatalogueError:
        """The error of one key."""
        return CatalogueError(f"{self._path}:{self._lines[key]}: {key}: {reason}")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text is expected, not {value!r}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"a number above 0 is expected, not {value!r}")
    return float(value)


def _known(value: Any, known: Iterable[str]) -> dict[str, Any]:
    """A mapping with none but known keys."""
    names = set(known)
    if not isinstance(value, dict):
        raise ValueError(f"keys with values are expected, not {value!r}")
    for key in value:
        if key not in names:
            raise ValueError(f"{key!r} is not one of {', '.join(sorted(names))}")
    return value


def _line(value: Any) -> LineSettings:
    settings = LineSettings(**_known(value, (each.name for each in fields(LineSettings))))
    settings.on("")
    return settings


def _settings(value: Any, name: str) -> Settings:
    if name == MODBUS:
        raise ValueError(f"what {MODBUS} needs stands under the key {MODBUS}")
    protocol = PROTOCOLS[name]
    given = dict(_known(value, {*protocol.fields - {"declared"}, "poll"}))
    if "unit" in given:
        given["unit"] = Unit(given["unit"])
    if "poll" in given:
        given["poll"] = _bytes(given["poll"])
    if "address" in given:
        given["address"] = _text(given["address"])
    if "checksum" in given and given["checksum"] not in protocol.checksums:
        raise ValueError(f"checksum is not one of {', '.join(protocol.checksums)}")
    if "decimals" in given and given["decimals"] not in range(6):
        raise ValueError("decimals is not a count from 0 to 5")
    if not isinstance(given.get("untared", False), bool):
        raise ValueError("untared is true or false")
    return Settings(**given)


def _framing(value: Any) -> Framing:
    given = _known(value, ("prefix", "suffix", "pause"))
    converted: dict[str, Any] = {key: _bytes(given[key]) for key in ("prefix", "suffix") if key in given}
    if "pause" in given:
        converted["pause"] = _number(given["pause"])
    return Framing(**converted)


def _bytes(value: Any) -> bytes:
    """A text whose characters are bytes, with YAML's own escapes: ``"\\x05"``, ``"W\\r"``."""
    if not isinstance(value, str):
        raise ValueError(f"a text in double quotes is expected, not {value!r}")
    return value.encode("latin-1")


def _layout(value: Any) -> str:
    if value not in LAYOUTS:
        raise ValueError(f"{value!r} is not one of {', '.join(LAYOUTS)}")
    return str(value)


def _notes(value: Any) -> Notes:
    given = _known(value, ("es", "en"))
    if set(given) != {"es", "en"}:
        raise ValueError("both es and en are expected")
    return Notes(_text(given["es"]), _text(given["en"]))
