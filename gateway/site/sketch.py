"""A first site file out of a few answers, with comments that say what may be added.

What is not asked has a default that a depot can begin with; figures that no authority has published are marked
*placeholder* in the models (`gateway.site.site`) and stay out of the sketch.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    """What a technician knows on the first day."""

    depot: str
    district: str
    oce: str
    operator_type: str
    gate: str
    lane: str
    scale: str
    port: str
    broker: str
    registry_key: str
    profile: str = "temporal"
    scanner: str | None = None
    cameras: tuple[str, ...] = ()
    registry_url: str | None = None
    language: str = "es"
    data: str = "/var/lib/iie-gateway"


def sketch(answers: Answers, is_model: bool) -> str:
    """The text of a site's file. ``is_model``: the scale is named by its model, else by its protocol."""
    user = f"{answers.depot}/{answers.gate}"
    parts = [
        "# yaml-language-server: $schema=site.schema.json",
        "# iie-gateway check THIS-FILE tells every mistake with line and column; --live opens the devices too.",
        "",
        "depot:",
        f"  name: {answers.depot}",
        f"  profile: {answers.profile}          # temporal, paletizadora or distrito",
        f"  district: {quoted(answers.district)}",
        f"  oce: {quoted(answers.oce)}",
        f"  operator_type: {quoted(answers.operator_type)}",
        "",
        f"gate: {answers.gate}",
        f"language: {answers.language}",
        "",
        "# Outbox, pictures and tapes: a disk that survives a power cut.",
        f"data: {quoted(answers.data)}",
        "",
        "keys:",
        "  # Made at the first start. `iie-gateway key THIS-FILE` prints its public half for the registry.",
        f"  signing: {quoted(answers.data + '/gate.pem')}",
        f"  registry: {quoted(answers.registry_key)}",
        "",
        *broker(answers.broker, user),
        "",
        *registry(answers.registry_url),
        "# The page for the guard and the technician: http://127.0.0.1:8090 on this machine. For a tablet:",
        "# address: 0.0.0.0, hosts with the name that is typed there, and tls. Persons: iie-gateway person add.",
        "page:",
        "  port: 8090",
        "",
        "# Taken off the gross weight of a truck that is weighed once; without them a weight stays unknown.",
        "# tares:",
        "#   tractor_kg: 7800",
        "#   chassis_kg: 5600",
        "#   boxes: {22G1: 2280, 45G1: 3900}",
        "",
        "# In and out: each truck is weighed twice, and no tare is needed.",
        "# rules:",
        "#   weigh: in_and_out",
        "",
        "# What the depot was told to expect, beside what the registry tells.",
        "# preadvice:",
        "#   file: preadvice.yaml",
        "",
        "lanes:",
        f"  - name: {answers.lane}",
        "    scale:",
        f"      {'model' if is_model else 'protocol'}: {answers.scale}",
        f"      port: {quoted(answers.port)}",
        "      # Without its verification certificate every weight has a remark.",
        "      # certificate: {number: INEN-0000, authority: INEN, valid_until: 2027-06-30}",
        *cameras(answers.cameras),
        *scanner(answers.scanner),
    ]
    return "\n".join(parts) + "\n"


def broker(host: str, user: str) -> list[str]:
    """The broker; on this machine in clear, anywhere else by TLS."""
    lines = ["broker:", f"  host: {host}", f"  port: {1883 if is_here(host) else 8883}", f"  user: {user}"]
    lines += ["  # A file with nothing but the password.", "  password_file: mqtt-password"]
    if not is_here(host):
        lines += ["  tls:", "    ca: ca.pem"]
    return lines


def registry(url: str | None) -> list[str]:
    """Where pictures go, or how to say it later."""
    if url is None:
        return [
            "# Where pictures go after the drafts that name them; without it they stay here.",
            "# registry:",
            "#   url: https://registro.example.net:8443",
            "",
        ]
    return ["# Where pictures go after the drafts that name them.", "registry:", f"  url: {quoted(url)}", ""]


def cameras(addresses: tuple[str, ...]) -> list[str]:
    """Cameras by their addresses: the first looks at the doors. Passwords belong into files of their own."""
    if not addresses:
        return [
            "    # cameras:",
            "    #   - {name: trasera, kind: rtsp, face: rear, url: 'rtsp://192.0.2.10:554/1'}",
        ]
    lines = [
        "    # With a login: user: NAME and password_file: FILE. Kinds and keys: docs/cameras.md",
        "    cameras:",
    ]
    for number, address in enumerate(addresses, 1):
        face = "rear" if number == 1 else "overview"
        lines += [
            f"      - name: camara-{number}",
            f"        kind: {kind_of(address)}",
            f"        face: {face}",
            f"        {'url' if '://' in address else 'folder'}: {quoted(address)}",
        ]
    return lines


def scanner(port: str | None) -> list[str]:
    """A scanner, if there is one."""
    if port is None:
        return ["    # scanners:", "    #   - {name: lector, port: /dev/serial/by-id/…}"]
    key = "hid" if port.startswith(("/dev/input/", "usb:")) else "port"
    return ["    scanners:", "      - name: lector", f"        {key}: {quoted(port)}"]


def kind_of(address: str) -> str:
    """The kind of camera behind an address: a stream, a web server's stills or MJPEG, or a folder."""
    if address.startswith(("rtsp://", "rtsps://")):
        return "rtsp"
    if address.startswith(("http://", "https://")):
        return "still" if address.rsplit("?", 1)[0].endswith((".jpg", ".jpeg")) else "mjpeg"
    return "folder"


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "127.0.0.1", "::1")


def quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it: in double quotes (YAML 1.1, 5.7)."""
    return '"' + "".join(map(_written, text)) + '"'


def _written(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
