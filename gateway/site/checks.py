"""What a site's file may say wrongly although every value alone is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from gateway.site.camera import Camera, Region, Sees, UsbCameraPart, WebCameraPart
from gateway.site.device_checks import scales, scanners
from gateway.site.signal_checks import GPIO, signals
from gateway.site.site import Site
from record.topics import is_name
from record.yamlfile import Check, Remark, Severity, load

Place = tuple[str | int, ...]


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
    for kind, parts in (
        ("cameras", lane.cameras),
        ("scanners", lane.scanners),
        ("signals", lane.signals),
    ):
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


def _ports(site: Site) -> Iterator[tuple[Place, str]]:
    for index, lane in enumerate(site.lanes):
        yield ("lanes", index, "scale", "port"), lane.scale.port
        for place, scanner in enumerate(lane.scanners):
            key = "port" if scanner.port is not None else "hid"
            if scanner.place:
                yield ("lanes", index, "scanners", place, key), scanner.place
        for place, board in enumerate(lane.signals):
            if board.port.startswith("/") and not board.port.startswith(GPIO):
                yield ("lanes", index, "signals", place, "port"), board.port


def cameras(site: Site) -> Iterator[Remark]:
    """Cameras that can be opened, each with pictures of its own."""
    before: list[tuple[str, Camera]] = []
    for index, lane in enumerate(site.lanes):
        for place, camera in enumerate(lane.cameras):
            path = ("lanes", index, "cameras", place)
            yield from _camera(path, camera)
            for other, known in before:
                if _share(camera, known):
                    yield Remark(path, "site.camera_twice", {"name": camera.name, "other": other})
            before.append((f"{lane.name}/{camera.name}", camera))


def _camera(path: Place, camera: Camera) -> Iterator[Remark]:
    """What one camera's part may say wrongly. No message repeats an address: it may hold a password."""
    if isinstance(camera, WebCameraPart):
        yield from _address(path, camera)
    if isinstance(camera, UsbCameraPart):
        yield from _usb(path, camera)
    left, top, right, bottom = camera.region
    if left >= right or top >= bottom:
        yield Remark((*path, "region"), "site.empty_region")
    if camera.part is not None and Sees.PLATES not in camera.looked_for:
        yield Remark((*path, "part"), "site.part_without_plates", at_key=True)


def _address(path: Place, camera: WebCameraPart) -> Iterator[Remark]:
    """A user has a password, in a file and not in the address."""
    try:
        parts = urlsplit(camera.url)
        named, secret = bool(parts.hostname), parts.username is not None or parts.password is not None
    except ValueError:
        named, secret = False, False
    if secret:
        yield Remark((*path, "url"), "site.secret_in_url")
    elif not named:
        yield Remark((*path, "url"), "site.url_without_host")
    if (camera.user is None) != (camera.password_file is None):
        key = "user" if camera.user is not None else "password_file"
        yield Remark((*path, key), "site.half_a_login", {"key": key}, at_key=True)


def _usb(path: Place, camera: UsbCameraPart) -> Iterator[Remark]:
    if re.fullmatch(r"/dev/video[0-9]+", str(camera.device)):
        params = {"device": str(camera.device)}
        yield Remark((*path, "device"), "site.video_not_by_id", params, Severity.WARNING)
    if (camera.width is None) != (camera.height is None):
        key = "width" if camera.width is not None else "height"
        yield Remark((*path, key), "site.half_a_size", {"key": key}, at_key=True)


def _share(one: Camera, other: Camera) -> bool:
    """Whether two cameras show the same. A wide picture may serve two with regions of their own, unless it
    comes from a USB device, which only one can open."""
    if one.source != other.source:
        return False
    return isinstance(one, UsbCameraPart) or _overlap(one.region, other.region)


def _overlap(one: Region, other: Region) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])


def broker(site: Site) -> Iterator[Remark]:
    """TLS wherever the line leaves this machine; a user has a password in one place."""
    part = site.broker
    if part.tls is None and not _is_loopback(part.host):
        yield Remark(("broker", "host"), "site.no_tls", {"host": part.host})
    if part.password_file and part.password_credential:
        yield Remark(("broker", "password_credential"), "site.two_passwords", at_key=True)


def registry(site: Site) -> Iterator[Remark]:
    """An address alone, and pictures of trucks never in clear over a network."""
    if site.registry is None:
        return
    try:
        parts = urlsplit(site.registry.url)
        host, rest = parts.hostname or "", parts.path.strip("/") or parts.query or parts.fragment
        secret, _ = parts.username or parts.password, parts.port
    except ValueError:
        host, rest, secret = "", "", None
    if not host or rest or secret:
        yield Remark(("registry", "url"), "site.registry_url", {"url": "…" if secret else site.registry.url})
    elif parts.scheme == "http" and not _is_loopback(host):
        yield Remark(("registry", "url"), "site.registry_in_clear", {"host": host})


def page(site: Site) -> Iterator[Remark]:
    """A page that other machines reach without TLS shows PINs and trucks to the network."""
    if site.page is not None and not _is_loopback(site.page.address) and not site.page.secure:
        yield Remark(("page", "address"), "site.page_in_clear", {"address": site.page.address})


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


def papers(site: Site) -> Iterator[Remark]:
    """Regular expressions that can be read."""
    for name, pattern in site.rules.papers.items():
        try:
            re.compile(pattern)
        except re.error as error:
            params = {"pattern": pattern[:60], "problem": str(error)}
            yield Remark(("rules", "papers", name), "site.bad_pattern", params)


def keys(site: Site) -> Iterable[Remark]:
    """The registry's key can be read."""
    from record.proof import BadKey, PublicKey

    try:
        PublicKey.parse(site.keys.registry)
    except BadKey:
        return [Remark(("keys", "registry"), "site.bad_public_key")]
    return []


CHECKS: tuple[Check[Site], ...] = (
    names,
    ports,
    scales,
    scanners,
    signals,
    cameras,
    broker,
    registry,
    page,
    completeness,
    papers,
    keys,
)
