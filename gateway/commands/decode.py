"""`iie-gateway decode`: what a scale's bytes mean, one JSON object a line.

With ``--hex`` every line of the input is a capture of its own: the decoder starts afresh, and the end of the
line flushes a frame without its terminator. Without it the input is one raw stream, decoded whole; then
``line`` is null. Numbers are strings with the digits that the indicator sent, never floats.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml

from drivers.readings import Skipped, Unit, Weight
from drivers.scale.declaration import DeclarationError
from drivers.scale.fields import plain
from drivers.scale.pattern import PATTERN, declared
from drivers.scale.protocol import Protocol, Settings
from drivers.scale.protocols import PROTOCOLS, UnknownProtocol, protocol

WRONG_USE = 2


def decode(
    protocol_id: Annotated[str | None, typer.Argument(metavar="PROTOCOL", help="Id of the protocol.")] = None,
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="Bytes to decode; - is standard input.")
    ] = "-",
    as_hex: Annotated[
        bool, typer.Option("--hex", help="The input is hexadecimal, a capture a line.")
    ] = False,
    decimals: Annotated[
        int | None, typer.Option(min=0, max=6, help="Places of a number without point.")
    ] = None,
    unit: Annotated[Unit | None, typer.Option(help="Unit of a frame that carries none.")] = None,
    checksum: Annotated[str | None, typer.Option(help="Variant of the check; found out by itself.")] = None,
    pattern: Annotated[Path | None, typer.Option(help="YAML file that declares the pattern.")] = None,
    list_ids: Annotated[bool, typer.Option("--list", help="List the ids of all protocols.")] = False,
) -> None:
    """Decode frames of a scale."""
    if list_ids:
        sys.stdout.write("".join(f"{name}\n" for name in PROTOCOLS))
        return
    if protocol_id is None:
        _refuse("which protocol? --list shows all")
    spoken = _spoken(protocol_id, checksum)
    settings = Settings(decimals=decimals, unit=unit, checksum=checksum, declared=_declared(spoken, pattern))
    data = _read(file)
    captures: Iterator[tuple[int | None, bytes]] = hex_captures(data) if as_hex else iter([(None, data)])
    try:
        for number, capture in captures:
            for result in decoded(spoken, settings, capture):
                sys.stdout.write(json.dumps(described(number, result)) + "\n")
    except NotHex as error:
        _refuse(f"{file}: {error}")


class NotHex(ValueError):
    """A line of the input is no hexadecimal."""


def decoded(spoken: Protocol, settings: Settings, capture: bytes) -> list[Weight | Skipped]:
    """All that one capture holds."""
    decoder = spoken.decoder(settings)
    return decoder.feed(capture) + decoder.flush()


def described(line: int | None, result: Weight | Skipped) -> dict[str, object]:
    """The JSON object of one result; ``remarks`` only where there are any."""
    if isinstance(result, Skipped):
        return {"line": line, "skip": result.skip, "raw": result.raw.hex()}
    found: dict[str, object] = {
        "line": line,
        "value": plain(result.value),
        "unit": result.unit,
        "kg": plain(result.kg),
        "stability": result.stability,
        "kind": result.kind,
        "range": result.range,
        "zero": result.zero,
        "alibi": result.alibi,
        "checksum": result.checksum,
        "raw": result.raw.hex(),
    }
    return found | {"remarks": sorted(result.remarks)} if result.remarks else found


def hex_captures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The captures of the lines that are not empty, with their numbers from 1. Raises `NotHex`."""
    for number, line in enumerate(data.decode("ascii", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, bytes.fromhex(line)
        except ValueError:
            raise NotHex(f"line {number} is no hexadecimal: {line.strip()[:40]!r}") from None


def _spoken(name: str, checksum: str | None) -> Protocol:
    try:
        spoken = protocol(name)
    except UnknownProtocol as error:
        _refuse(str(error))
    if checksum is not None and checksum not in spoken.checksums:
        known = ", ".join(spoken.checksums) or "none"
        _refuse(f"{name} has no check called {checksum!r}; it has: {known}")
    return spoken


def _declared(spoken: Protocol, file: Path | None) -> object | None:
    """The pattern in this file, which may stand under the key ``pattern``."""
    if spoken is not PATTERN:
        return None if file is None else _refuse(f"--pattern is for {PATTERN.id}, not for {spoken.id}")
    if file is None:
        _refuse(f"{PATTERN.id} needs --pattern FILE, the YAML that declares the frames")
    try:
        entry = yaml.safe_load(file.read_text(encoding="utf-8"))
        return declared(entry.get(PATTERN.id, entry) if isinstance(entry, dict) else entry)
    except OSError as error:
        _refuse(f"{file}: {error.strerror}")
    except (DeclarationError, yaml.YAMLError, UnicodeDecodeError) as error:
        _refuse(f"{file}: {error}")


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _refuse(f"{file}: {error.strerror}")


def _refuse(text: str) -> NoReturn:
    sys.stderr.write(f"iie-gateway decode: {text}\n")
    raise typer.Exit(WRONG_USE)
