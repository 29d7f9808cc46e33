"""``iie-gateway monitor DEVICE``: everything that a scale, a scanner or a signal board sends, as it comes.

    < 02 3a 34 20 20 31 32 33 34 30 20 20 20 20 20 30   <STX>:4  12340     0
    < 0d 5c                                             <CR>\\
      12340 kg  estable  bruto
    [en marcha] 9.8 tramas/s; saltadas: la suma de verificación no coincide 2

``<`` came from the device, ``>`` was sent to it: only the request of a protocol that speaks only when asked.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from drivers.advice import ADVICE
from drivers.catalogue import (
    LineSettings,
    ScaleModel,
    ScannerModel,
    UnknownModel,
    scale_models,
    scanner_models,
)
from drivers.device import Backoff, Device, DeviceStatus, Heard, Supervisor
from drivers.errors import Advice, CannotOpen
from drivers.port import Direction, Line, Tap, open_port
from drivers.readings import Scan, Signal, Skip, Stamped, Unit, Weight
from drivers.scale.device import Scale
from drivers.scale.protocol import Settings
from drivers.scale.protocols import UnknownProtocol, protocol
from drivers.scanner.framer import Framing
from drivers.scanner.layouts import LAYOUTS, US, Layout
from drivers.scanner.placed import scanner_at
from gateway import devices
from gateway.bytes_shown import ascii_of, dumped
from gateway.site.checks import read_site
from gateway.site.signals import SignalsPart
from gateway.site.site import LanePart, ScalePart, ScannerPart, Site
from gateway.weight_shown import weight_line
from record.messages import text
from record.shipped import find_all
from record.yamlfile import EXIT_WRONG, FileErrors

WRONG_USE = 2

GIVEN = ("decimals", "unit", "checksum", "address")
"""What of a scale's frames may be said beside its model."""


def monitor(
    device: Annotated[str, typer.Argument(help="port; with --site the device's name or LANE/NAME")],
    protocol_id: Annotated[str | None, typer.Option("--protocol", help="scale protocol to decode by")] = None,
    model: Annotated[str | None, typer.Option(help="model of the catalogue, scale or scanner")] = None,
    scanner: Annotated[bool, typer.Option("--scanner", help="it is a barcode scanner")] = False,
    site: Annotated[Path | None, typer.Option(help="the site's YAML file that names the device")] = None,
    baud: Annotated[int | None, typer.Option(min=50, max=4_000_000)] = None,
    bits: Annotated[int | None, typer.Option(min=7, max=8)] = None,
    parity: Annotated[str | None, typer.Option(help="N, E, O, M or S")] = None,
    decimals: Annotated[int | None, typer.Option(min=0, max=6)] = None,
    unit: Annotated[Unit | None, typer.Option(help="unit of a frame that carries none")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="end after so many seconds")] = None,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Show live what a device sends. Exit code 0; 2 for wrong use; 78 when the site's file is wrong."""
    if protocol_id and model:
        raise typer.BadParameter(text("tools.protocol_or_model", lang))
    asked = Asked(
        port=device,
        protocol=protocol_id,
        model=model,
        scanner=scanner,
        line=LineSettings(baud=baud, bits=bits, parity=parity),
        settings=Settings(decimals=decimals, unit=unit),
    )
    screen = Screen(lang)
    try:
        watched = of_site(read_site(site), device, screen.bytes) if site else asked.watched(screen.bytes)
    except FileErrors as errors:
        print("\n".join(problem.line_text(lang) for problem in errors.problems))
        raise typer.Exit(EXIT_WRONG) from errors
    except (UnknownProtocol, UnknownModel, CannotOpen) as error:
        raise typer.BadParameter(str(error)) from error
    screen.say(text("tools.monitoring", lang, port=watched.line.port, line=watched.line.framing))
    attend(watched, screen, seconds)


@dataclass(frozen=True, slots=True)
class Watched:
    """A device to watch, the line that it hangs on, and whether it speaks by itself."""

    device: Device
    line: Line
    stale_after: float | None = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What to watch, as it was asked for."""

    port: str
    protocol: str | None = None
    model: str | None = None
    scanner: bool = False
    line: LineSettings = field(default_factory=LineSettings)
    settings: Settings = field(default_factory=Settings)
    framing: Framing = field(default_factory=Framing)

    def watched(self, tap: Tap) -> Watched:
        """The device. Raises `UnknownProtocol`, `UnknownModel` or `CannotOpen`."""
        if self.model is not None:
            return self._of_model(self.model, tap)
        if self.scanner:
            return _scanner(self.line.on(self.port), self.framing, tap)
        if self.protocol is not None:
            serial = protocol(self.protocol).serial
            usual = LineSettings(serial.baud, serial.bits, serial.parity, serial.stop)
            return _scale(self.line.over(usual).on(self.port), self.protocol, self.settings, tap)
        line = self.line.on(self.port)
        return Watched(Bytes(line, tap), line)

    def _of_model(self, name: str, tap: Tap) -> Watched:
        scales, scanners = (
            scale_models(find_all("scales", "*.yaml")),
            scanner_models(find_all("scanners", "*.yaml")),
        )
        if name in scales:
            return self._model_of_scale(scales[name], tap)
        if name in scanners:
            return self._model_of_scanner(scanners[name], tap)
        raise UnknownModel(name, [*scales, *scanners])

    def _model_of_scale(self, model: ScaleModel, tap: Tap) -> Watched:
        given = {name: value for name in GIVEN if (value := getattr(self.settings, name)) is not None}
        settings = replace(model.settings, **given)
        return _scale(model.line_at(self.port, self.line), model.protocol, settings, tap)

    def _model_of_scanner(self, model: ScannerModel, tap: Tap) -> Watched:
        line = self.line.over(model.line).on(self.port)
        return _scanner(line, model.framing, tap, LAYOUTS[model.layout])


def _scale(line: Line, protocol_id: str, settings: Settings, tap: Tap) -> Watched:
    return Watched(Scale(line.port, line, protocol_id, settings, tap=tap), line)


def _scanner(line: Line, framing: Framing, tap: Tap, layout: Layout = US) -> Watched:
    return Watched(scanner_at(line.port, line, framing, layout, 0, tap=tap), line, None)


class Bytes:
    """A device of which nothing is known: its bytes are heard by the tap and mean nothing."""

    def __init__(self, line: Line, tap: Tap) -> None:
        self.name = line.port
        self._line = line
        self._tap = tap

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        with open_port(self._line, self._tap) as port:
            while not stop.is_set():
                yield port.away
                port.read(0.2)


def of_site(site: Site, name: str, tap: Tap) -> Watched:
    """What a site's file calls so. Raises `CannotOpen` when it names none so, or more than one."""
    lane_name, _, part_name = name.rpartition("/")
    parts = [
        part
        for lane in site.lanes
        if lane_name in ("", lane.name)
        for part in _parts(lane)
        if part.name == part_name
    ]
    if len(parts) != 1:
        known = ", ".join(f"{lane.name}/{part.name}" for lane in site.lanes for part in _parts(lane))
        raise CannotOpen(f"{name!r} is not one of {known}", advice=Advice.CHECK_SETTINGS, retry=False)
    return _of_part(parts[0], tap)


def _parts(lane: LanePart) -> list[ScalePart | ScannerPart | SignalsPart]:
    return [lane.scale, *lane.scanners, *lane.signals]


def _of_part(part: ScalePart | ScannerPart | SignalsPart, tap: Tap) -> Watched:
    """The device of a part, made as the daemon makes it."""
    match part:
        case ScalePart():
            return Watched(devices.scale(part, tap=tap), devices.scale_line(part), part.stale_after_s)
        case ScannerPart():
            at_once = part.model_copy(update={"repeat_s": 0})
            return Watched(devices.scanner(at_once, tap=tap), devices.scanner_line(part), None)
        case SignalsPart():
            return Watched(devices.signals(part), devices.signals_line(part), None)


class Screen:
    """What is shown, line by line; ``over`` is set when nobody reads it any more."""

    def __init__(self, lang: str) -> None:
        self.over = threading.Event()
        self._lang = lang

    def say(self, line: str) -> None:
        """Print a line; whoever closed the pipe has seen enough."""
        if self.over.is_set():
            return
        try:
            print(line, flush=True)
        except BrokenPipeError:
            self.over.set()

    def bytes(self, direction: Direction, data: bytes) -> None:
        """Show bytes as they pass."""
        mark = "<" if direction is Direction.IN else ">"
        self.say("\n".join(f"{mark} {line}" for line in dumped(data)))

    def reading(self, stamped: Stamped) -> None:
        """Show what a reading says."""
        self.say(f"  {reading_line(stamped, self._lang)}")

    def status(self, status: DeviceStatus) -> None:
        """Show how the device fares."""
        self.say(status_line(status, self._lang))


def attend(watched: Watched, screen: Screen, seconds: float | None) -> None:
    """Show everything until the time is over or somebody ends it."""
    supervisor = Supervisor(
        watched.device,
        screen.reading,
        screen.status,
        stale_after=watched.stale_after,
        backoff=Backoff(longest=5.0),
    )
    supervisor.start()
    with contextlib.suppress(KeyboardInterrupt):
        screen.over.wait(seconds)
    screen.over.set()
    supervisor.stop()


def reading_line(stamped: Stamped, lang: str = "en") -> str:
    """What a reading says, in one line."""
    reading = stamped.reading
    if isinstance(reading, Weight):
        return weight_line(reading, lang)
    if isinstance(reading, Scan):
        said = ascii_of(reading.text.encode())
        return "  ".join(part for part in (said, reading.aim or "", reading.symbology or "") if part)
    if isinstance(reading, Signal):
        return f"{reading.name}  {'on' if reading.on else 'off'}"
    return f"{reading.media_type}  {len(reading.data)} bytes"


def status_line(status: DeviceStatus, lang: str) -> str:
    """How the device fares: state, frames a second where there are any, reasons of what was skipped, what to check."""
    advice = getattr(ADVICE[Advice(status.advice)], lang) if status.advice else ""
    error, rate = f" ({status.error})" if status.error else "", status.frames_per_second
    return text(
        "tools.status",
        lang,
        state=text(f"state.{status.state}", lang),
        rate=text("tools.rate", lang, rate=f"{rate:g}") if rate else "",
        skips=text("tools.skipped", lang, skips=_skips(status.skips, lang)) if status.skips else "",
        advice=f"; {advice}{error}" if advice else "",
    )


def _skips(skips: Mapping[Skip, int], lang: str) -> list[str]:
    return [f"{text(f'skip.{skip}', lang)} {count}" for skip, count in sorted(skips.items())]
