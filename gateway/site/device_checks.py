"""What a site's file may say wrongly of scales and scanners: protocols, models, declarations, places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gateway.site.site import Declaration, ScalePart, ScannerPart, Site
from record.yamlfile import Remark, Severity

if TYPE_CHECKING:
    from drivers.catalogue import ScannerModel

Place = tuple[str | int, ...]

UNIT = re.compile("[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5]")
"""The address of an indicator on a Modbus line."""

FRAME_SETTINGS = ("decimals", "unit", "checksum", "address", "untared")


def scales(site: Site) -> Iterator[Remark]:
    """A protocol or model that exists, with the settings that it knows; thresholds in their order."""
    for index, lane in enumerate(site.lanes):
        path, scale = ("lanes", index, "scale"), lane.scale
        yield from _spoken(path, scale)
        if scale.leave_kg >= scale.arrive_kg:
            yield Remark((*path, "leave_kg"), "site.leave_above_arrive")


def _spoken(path: Place, scale: ScalePart) -> Iterator[Remark]:
    """What the scale speaks is said once, and is known."""
    if scale.protocol is None and scale.model is None:
        yield Remark(path, "site.no_protocol")
    elif scale.protocol is not None and scale.model is not None:
        yield Remark((*path, "model"), "site.protocol_and_model", at_key=True)
    elif scale.model is not None:
        yield from _model(path, scale, scale.model)
    else:
        yield from _protocol(path, scale, scale.protocol or "")


def _model(path: Place, scale: ScalePart, name: str) -> Iterator[Remark]:
    from drivers.catalogue import CatalogueError, UnknownModel
    from gateway.devices import scale_files, scale_model

    try:
        known = scale_model(name)
    except UnknownModel:
        yield _unknown((*path, "model"), "model", name, [file.stem for file in scale_files()])
    except CatalogueError as error:
        yield Remark((*path, "model"), "site.broken_model", {"problem": str(error)})
    else:
        yield from _undeclared(path, scale, None)
        yield from _settings(path, scale, known.protocol)
        untared = known.settings.untared if scale.untared is None else scale.untared
        yield from _net(path, "model", untared, known.protocol)


def _protocol(path: Place, scale: ScalePart, name: str) -> Iterator[Remark]:
    from drivers.catalogue import DECLARATIONS
    from drivers.scale.protocols import PROTOCOLS

    if name not in PROTOCOLS and name not in DECLARATIONS:
        yield _unknown((*path, "protocol"), "protocol", name, [*PROTOCOLS, *DECLARATIONS])
        return
    yield from _undeclared(path, scale, name)
    if name in DECLARATIONS:
        yield from _declared(path, name, _declarations(scale)[name])
    yield from _settings(path, scale, name)
    yield from _net(path, "protocol", scale.untared, name)


def _unknown(path: Place, kind: str, name: str, known: Iterable[str]) -> Remark:
    """Remark a name that nothing has, with the one that may be meant."""
    near = get_close_matches(name, list(known), 1)
    code = f"site.unknown_{kind}_meant" if near else f"site.unknown_{kind}"
    return Remark(path, code, {kind.removeprefix("scanner_"): name, "meant": near[0] if near else ""})


def _declarations(scale: ScalePart) -> Mapping[str, Declaration | None]:
    return {"pattern": scale.pattern, "modbus": scale.modbus}


def _undeclared(path: Place, scale: ScalePart, protocol: str | None) -> Iterator[Remark]:
    """A declaration says nothing where another protocol is spoken, or where the model brings its own."""
    for key, given in _declarations(scale).items():
        if given is not None and key != protocol:
            yield Remark((*path, key), "site.declaration_unused", {"key": key}, at_key=True)


def _declared(path: Place, name: str, given: Declaration | None) -> Iterator[Remark]:
    """The frames or registers of a protocol that has none of its own."""
    from drivers.catalogue import DECLARATIONS
    from drivers.scale.declaration import DeclarationError

    if given is None:
        yield Remark((*path, "protocol"), "site.declaration_missing", {"protocol": name})
        return
    try:
        DECLARATIONS[name](given)
    except DeclarationError as error:
        where = _longest(given, error.path)
        params = {**error.params, "key": error.path[-1]}
        at_key = error.fault == "key"
        yield Remark((*path, name, *where), f"declaration.{error.fault}", params, at_key=at_key)


def _longest(given: object, path: tuple[str, ...]) -> Place:
    """As much of the path as stands in the file: a key that is missing is told where it is missing."""
    found: Place = ()
    for step in path:
        if not isinstance(given, Mapping) or step not in given:
            break
        given, found = given[step], (*found, step)
    return found


def _settings(path: Place, scale: ScalePart, protocol: str) -> Iterator[Remark]:
    """Settings that the protocol has, with values that it knows."""
    from drivers.scale.device import MODBUS
    from drivers.scale.protocols import PROTOCOLS
    from drivers.scale.register_map import SETTINGS

    spoken = PROTOCOLS.get(protocol)
    fields = spoken.fields if spoken else SETTINGS
    for name in FRAME_SETTINGS:
        if getattr(scale, name) is not None and name not in fields:
            yield _useless(path, name, protocol)
    if spoken and scale.checksum is not None and spoken.checksums and scale.checksum not in spoken.checksums:
        known = ", ".join(spoken.checksums)
        yield Remark((*path, "checksum"), "site.unknown_checksum", {"found": scale.checksum, "known": known})
    if scale.poll_interval_s is not None and spoken and not (spoken.poll or spoken.poll_at):
        yield _useless(path, "poll_interval_s", protocol)
    if protocol == MODBUS and not scale.port.startswith(("/", "socket://", "rfc2217://")):
        yield Remark((*path, "port"), "site.modbus_port", {"port": scale.port})
    if protocol == MODBUS and scale.address is not None and not UNIT.fullmatch(scale.address):
        yield Remark((*path, "address"), "site.modbus_address", {"found": scale.address})


def _net(path: Place, key: str, untared: bool | None, protocol: str) -> Iterator[Remark]:
    """An indicator that calls every weight net weighs no truck until the site says that nobody tares there."""
    from drivers.scale.protocols import PROTOCOLS

    if untared is None and protocol in PROTOCOLS and "untared" in PROTOCOLS[protocol].fields:
        yield Remark((*path, key), "site.only_net", {"protocol": protocol}, Severity.WARNING)


def _useless(path: Place, setting: str, protocol: str) -> Remark:
    params = {"setting": setting, "protocol": protocol}
    return Remark((*path, setting), "site.setting_unknown_to_protocol", params, at_key=True)


def scanners(site: Site) -> Iterator[Remark]:
    """A scanner hangs in one place, and what is said of it belongs to such a place."""
    for index, lane in enumerate(site.lanes):
        for place, scanner in enumerate(lane.scanners):
            path = ("lanes", index, "scanners", place)
            yield from _placed(path, scanner)
            if scanner.model is not None:
                yield from _scanner_model(path, scanner, scanner.model)


def _placed(path: Place, scanner: ScannerPart) -> Iterator[Remark]:
    from drivers.scanner.placed import INPUT_DEVICES

    if scanner.port is None and scanner.hid is None:
        yield Remark(path, "site.scanner_without_place", {"name": scanner.name})
    elif scanner.port is not None and scanner.hid is not None:
        yield Remark((*path, "hid"), "site.scanner_in_two_places", at_key=True)
    elif scanner.hid is not None:
        yield from _keyboard(path, scanner, scanner.hid)
    elif scanner.port is not None and scanner.port.startswith(INPUT_DEVICES):
        yield Remark((*path, "port"), "site.keyboard_as_port", {"port": scanner.port})
    elif scanner.layout is not None:
        yield Remark((*path, "layout"), "site.only_for_keyboards", {"key": "layout"}, at_key=True)


def _keyboard(path: Place, scanner: ScannerPart, place: str) -> Iterator[Remark]:
    from drivers.scanner.hid import VENDOR_PRODUCT

    if not place.startswith("/") and not VENDOR_PRODUCT.fullmatch(place):
        yield Remark((*path, "hid"), "site.no_input_device", {"found": place})
    elif re.fullmatch(r"/dev/input/event[0-9]+", place):
        yield Remark((*path, "hid"), "site.input_not_by_id", {"device": place}, Severity.WARNING)
    for key in ("baud", "bits", "parity", "stop"):
        if getattr(scanner, key) is not None:
            yield Remark((*path, key), "site.not_for_keyboards", {"key": key}, at_key=True)


def _scanner_model(path: Place, scanner: ScannerPart, name: str) -> Iterator[Remark]:
    from drivers.catalogue import CatalogueError, UnknownModel
    from gateway.devices import scanner_files, scanner_model

    try:
        known = scanner_model(name)
    except UnknownModel:
        yield _unknown((*path, "model"), "scanner_model", name, [file.stem for file in scanner_files()])
    except CatalogueError as error:
        yield Remark((*path, "model"), "site.broken_model", {"problem": str(error)})
    else:
        yield from _connected(path, scanner, known)


def _connected(path: Place, scanner: ScannerPart, known: ScannerModel) -> Iterator[Remark]:
    """A keyboard scanner's model belongs to an input device, any other to a port."""
    from drivers.catalogue import Connection

    keyboard = known.connection is Connection.HID
    if scanner.place and keyboard != (scanner.hid is not None):
        code = "site.model_is_a_keyboard" if keyboard else "site.model_is_no_keyboard"
        yield Remark((*path, "model"), code, {"model": known.id})
