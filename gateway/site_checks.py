"""What a site's file may say wrongly although every value alone is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path

from gateway.site import Site
from record.topics import is_name
from record.yamlfile import Check, Remark, Severity, load


def read_site(path: Path) -> Site:
    """The site of a file. Raises `record.yamlfile.FileErrors` with each problem's place."""
    return load(path, Site, CHECKS)


def names(site: Site) -> Iterator[Remark]:
    """Names that topics reserve, and names that stand twice."""
    for path, name in ((("depot", "name"), site.depot.name), (("gate",), site.gate)):
        if not is_name(name):
            yield Remark(path, "site.reserved_name", {"name": name})
    seen: set[str] = set()
    for index, lane in enumerate(site.lanes):
        if not is_name(lane.name):
            yield Remark(("lanes", index, "name"), "site.reserved_name", {"name": lane.name})
        if lane.name in seen:
            yield Remark(("lanes", index, "name"), "site.name_twice", {"name": lane.name})
        seen.add(lane.name)
        yield from _device_names(site, index)


def _device_names(site: Site, index: int) -> Iterator[Remark]:
    lane = site.lanes[index]
    seen = {lane.scale.name}
    for kind, parts in (("cameras", lane.cameras), ("scanners", lane.scanners)):
        for place, part in enumerate(parts):
            if part.name in seen:
                yield Remark(("lanes", index, kind, place, "name"), "site.name_twice", {"name": part.name})
            seen.add(part.name)


def ports(site: Site) -> Iterator[Remark]:
    """One device a port; a serial device by an id that survives replugging."""
    seen: dict[str, str] = {}
    for path, port in _ports(site):
        where = ".".join(map(str, path))
        if port in seen:
            yield Remark(path, "site.port_twice", {"port": port, "other": seen[port]})
        seen.setdefault(port, where)
        if port.startswith(("/dev/ttyUSB", "/dev/ttyACM")):
            yield Remark(path, "site.port_not_by_id", {"port": port}, Severity.WARNING)


def _ports(site: Site) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, lane in enumerate(site.lanes):
        yield ("lanes", index, "scale", "port"), lane.scale.port
        for place, scanner in enumerate(lane.scanners):
            yield ("lanes", index, "scanners", place, "port"), scanner.port


def scales(site: Site) -> Iterator[Remark]:
    """A protocol that exists, with the settings that it knows; thresholds in their order."""
    from drivers.scale.protocols import PROTOCOLS

    for index, lane in enumerate(site.lanes):
        path, scale = ("lanes", index, "scale"), lane.scale
        if scale.protocol is None:
            yield Remark(path, "site.no_protocol")
        elif scale.protocol not in PROTOCOLS:
            near = get_close_matches(scale.protocol, PROTOCOLS, 1)
            code = "site.unknown_protocol_meant" if near else "site.unknown_protocol"
            params = {"protocol": scale.protocol, "meant": near[0] if near else ""}
            yield Remark((*path, "protocol"), code, params)
        else:
            yield from _unknown_settings(path, site, index)
        if scale.leave_kg >= scale.arrive_kg:
            yield Remark((*path, "leave_kg"), "site.leave_above_arrive")


def _unknown_settings(path: tuple[str | int, ...], site: Site, index: int) -> Iterator[Remark]:
    from drivers.scale.protocols import PROTOCOLS

    scale = site.lanes[index].scale
    known = PROTOCOLS[scale.protocol or ""].fields
    for name in ("decimals", "unit", "checksum", "address"):
        if getattr(scale, name) is not None and name not in known:
            params = {"setting": name, "protocol": scale.protocol or ""}
            yield Remark((*path, name), "site.setting_unknown_to_protocol", params, at_key=True)


def broker(site: Site) -> Iterator[Remark]:
    """TLS wherever the line leaves this machine; a user has a password in one place."""
    part = site.broker
    if part.tls is None and not _is_loopback(part.host):
        yield Remark(("broker", "host"), "site.no_tls", {"host": part.host})
    if part.password_file and part.password_credential:
        yield Remark(("broker", "password_credential"), "site.two_passwords", at_key=True)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def completeness(site: Site) -> Iterator[Remark]:
    """What a lane can work without, but hardly should."""
    for index, lane in enumerate(site.lanes):
        if not lane.cameras:
            yield Remark(("lanes", index), "site.no_camera", {"lane": lane.name}, Severity.WARNING)
        if lane.scale.certificate is None:
            path = ("lanes", index, "scale")
            yield Remark(path, "site.no_certificate", {"lane": lane.name}, Severity.WARNING)


def keys(site: Site) -> Iterable[Remark]:
    """The registry's key can be read."""
    from record.proof import BadKey, PublicKey

    try:
        PublicKey.parse(site.keys.registry)
    except BadKey:
        return [Remark(("keys", "registry"), "site.bad_public_key")]
    return []


CHECKS: tuple[Check[Site], ...] = (names, ports, scales, broker, completeness, keys)
