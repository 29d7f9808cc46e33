"""A first site file out of a few answers, with comments, in the technician's language, that say what may be added.

What is not asked has a default that a depot can begin with; figures that no authority has published are marked
*placeholder* in the models (`gateway.site.site`) and stay out of the sketch.
"""

from __future__ import annotations

from dataclasses import dataclass

from record.messages import text


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


def sketch(answers: Answers, is_model: bool, schema: str = "site.schema.json") -> str:
    """The text of a site's file. ``is_model``: the scale is named by its model, else by its protocol. An editor finds
    what each key means in ``schema``."""
    user, language = f"{answers.depot}/{answers.gate}", answers.language
    parts = [
        f"# yaml-language-server: $schema={schema}",
        note("check", language),
        "",
        "depot:",
        f"  name: {answers.depot}",
        f"  profile: {answers.profile}          {note('profile', language)}",
        f"  district: {quoted(answers.district)}",
        f"  oce: {quoted(answers.oce)}",
        f"  operator_type: {quoted(answers.operator_type)}",
        "",
        f"gate: {answers.gate}",
        f"language: {answers.language}",
        "",
        note("data", language),
        f"data: {quoted(answers.data)}",
        "",
        "keys:",
        f"  {note('signing', language)}",
        f"  signing: {quoted(answers.data + '/gate.pem')}",
        f"  registry: {quoted(answers.registry_key)}",
        "",
        *broker(answers.broker, user, language),
        "",
        *registry(answers.registry_url, language),
        note("page", language),
        note("tablet", language),
        "page:",
        "  port: 8090",
        "",
        note("tares", language),
        "# tares:",
        "#   tractor_kg: 7800",
        "#   chassis_kg: 5600",
        "#   boxes: {22G1: 2280, 45G1: 3900}",
        "",
        note("weigh", language),
        "# rules:",
        "#   weigh: in_and_out",
        "",
        note("preadvice", language),
        "# preadvice:",
        "#   file: preadvice.yaml",
        "",
        "lanes:",
        f"  - name: {answers.lane}",
        "    scale:",
        f"      {'model' if is_model else 'protocol'}: {answers.scale}",
        f"      port: {quoted(answers.port)}",
        f"      {note('certificate', language)}",
        "      # certificate: {number: INEN-0000, authority: INEN, valid_until: 2027-06-30}",
        *cameras(answers.cameras, language),
        *scanner(answers.scanner),
    ]
    return "\n".join(parts) + "\n"


def note(name: str, language: str) -> str:
    """A comment of the catalogue."""
    return "# " + text(f"sketch.{name}", language)


def broker(host: str, user: str, language: str) -> list[str]:
    """The broker; on this machine in clear, anywhere else by TLS."""
    lines = ["broker:", f"  host: {host}", f"  port: {1883 if is_here(host) else 8883}", f"  user: {user}"]
    lines += [f"  {note('password', language)}", "  password_file: mqtt-password"]
    if not is_here(host):
        lines += ["  tls:", "    ca: ca.pem"]
    return lines


def registry(url: str | None, language: str) -> list[str]:
    """Where pictures go, or how to say it later."""
    if url is None:
        return [
            note("no_registry", language),
            "# registry:",
            "#   url: https://registro.example.net:8443",
            "",
        ]
    return [note("registry", language), "registry:", f"  url: {quoted(url)}", ""]


def cameras(addresses: tuple[str, ...], language: str) -> list[str]:
    """Cameras by their addresses: the first looks at the doors. Passwords belong into files of their own."""
    if not addresses:
        return [
            "    # cameras:",
            "    #   - {name: trasera, kind: rtsp, face: rear, url: 'rtsp://192.0.2.10:554/1'}",
        ]
    lines = [
        f"    {note('cameras', language)}",
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


def quoted(value: str) -> str:
    """A text as YAML reads it back, whatever is in it: in double quotes (YAML 1.1, 5.7)."""
    return '"' + "".join(map(_written, value)) + '"'


def _written(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
