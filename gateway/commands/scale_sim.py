"""``iie-gateway scale-sim PROTOCOL``: an indicator for a table without a scale, on a pty, TCP or RFC 2217.

What it shows is typed, a weight a line, or given beforehand: ``--play 0=0 --play 5=12340m --play 8=12360``.
On a pseudo terminal and over RFC 2217 it sends what a UART would give at the speed that the other side has set.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from drivers.readings import Unit
from drivers.scale.protocol import CannotEncode, Settings
from drivers.scale.protocols import UnknownProtocol, protocol
from drivers.simulator.pty import Pty
from drivers.simulator.scale import ScaleSimulator, shown
from drivers.simulator.uart import Wire
from record.messages import text


def scale_sim(
    protocol_id: Annotated[str, typer.Argument(metavar="PROTOCOL", help="see `iie-gateway decode --list`")],
    port: Annotated[
        str, typer.Option(help="path of a pty, tcp://host:port, rfc2217://host:port, dial://host:port")
    ],
    weight: Annotated[str, typer.Option(help="what it shows first; with m behind it, moving")] = "0",
    play: Annotated[
        list[str] | None, typer.Option(help="SECOND=WEIGHT, from the start; may be given again")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="frames a second")] = 10,
    unit: Annotated[Unit | None, typer.Option(help="unit that the indicator shows")] = None,
    decimals: Annotated[
        int | None, typer.Option(min=0, max=6, help="places of a number without point")
    ] = None,
    checksum: Annotated[str | None, typer.Option(help="variant of the check")] = None,
    address: Annotated[str | None, typer.Option(help="the indicator's address")] = None,
    baud: Annotated[int | None, typer.Option(min=50, max=4_000_000, help="its speed")] = None,
    seven_bit: Annotated[bool, typer.Option("--seven-bit", help="seven bits with even parity")] = False,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="end after so many seconds")] = None,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Play a scale. Exit code 0; 2 for wrong use."""
    settings = Settings(decimals=decimals, unit=unit, checksum=checksum, address=address)
    try:
        serial = protocol(protocol_id).serial
        wire = Wire(baud or serial.baud, serial.bits, serial.parity, serial.stop)
        simulator = ScaleSimulator(port, protocol_id, rate, settings, seven_bit=seven_bit, wire=wire)
        shower = Shower(simulator, settings)
        shower.show(weight)
        steps = [_step(each) for each in play or ()]
    except (UnknownProtocol, CannotEncode, ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    with simulator:
        print(text("tools.playing", lang, protocol=protocol_id, port=_where(simulator, port)), flush=True)
        _attend(shower, steps, seconds, lang)


class Shower:
    """Lets a simulator show what was typed."""

    def __init__(self, simulator: ScaleSimulator, settings: Settings) -> None:
        self._simulator = simulator
        self._settings = settings

    def show(self, typed: str) -> None:
        """A number, with ``m`` behind it when it moves. Raises `ValueError` or `CannotEncode`."""
        moving = typed.strip().lower().endswith("m")
        number = typed.strip().rstrip("mM").strip()
        try:
            value = Decimal(number)
        except InvalidOperation:
            raise ValueError(typed) from None
        if not value.is_finite():
            raise ValueError(typed)
        self._simulator.set(shown(self._simulator.protocol, value, self._settings, moving=moving))


def _step(given: str) -> tuple[float, str]:
    second, _, weight = given.partition("=")
    return float(second), weight


def _where(simulator: ScaleSimulator, port: str) -> str:
    """Where the other side finds it: with the port number that it was given, where any was asked for."""
    number = getattr(simulator.end, "number", None)
    if isinstance(simulator.end, Pty) or number is None:
        return port
    return f"{port.rpartition(':')[0]}:{number}"


def _attend(shower: Shower, steps: list[tuple[float, str]], seconds: float | None, lang: str) -> None:
    over = threading.Event()
    timers = [threading.Timer(second, shower.show, (weight,)) for second, weight in steps]
    for timer in timers:
        timer.daemon = True
        timer.start()
    reader = threading.Thread(
        target=_typed, args=(shower, lang, over, seconds is None and not steps), daemon=True
    )
    reader.start()
    with contextlib.suppress(KeyboardInterrupt):
        over.wait(seconds)
    for timer in timers:
        timer.cancel()


def _typed(shower: Shower, lang: str, over: threading.Event, ends: bool) -> None:
    """Weights from the standard input; its end ends a simulator at a terminal's hands, and no other."""
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            shower.show(line)
        except (ValueError, CannotEncode):
            print(text("tools.not_a_weight", lang, typed=line.strip()), flush=True)
    if ends and sys.stdin.isatty():
        over.set()
