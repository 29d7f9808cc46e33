"""An indicator on pymodbus's own server, over TCP and over a serial line."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import CannotOpen, NotAvailable, OperationFailed
from drivers.port import Line
from drivers.readings import Skip, Skipped, Stability, Weight
from drivers.scale.modbus import ModbusScale
from drivers.scale.register_map import declared, encode
from drivers.simulator.modbus import ModbusSimulator
from gateway.rehearsal.broker import free_port

Until = Callable[[Callable[[], Any]], None]

MAP = declared(
    {
        "weight": {"address": 3, "type": "int32", "decimals": 1},
        "status": {"address": 5, "bits": {"moving": 0, "over": 1}},
    }
)


@pytest.fixture
def number() -> int:
    return free_port()


@pytest.fixture
def indicator(number: int) -> Iterator[ModbusSimulator]:
    with ModbusSimulator(f"127.0.0.1:{number}") as indicator:
        yield indicator


def show(indicator: ModbusSimulator, weight: Weight) -> None:
    registers = encode(weight, MAP)
    indicator.set_registers(min(registers), [registers[each] for each in sorted(registers)])


def scale(port: str, **options: Any) -> ModbusScale:
    return ModbusScale("scale", Line(port), options.pop("registers", MAP), interval=0.0, **options)


def test_weights_are_read_as_they_change(
    indicator: ModbusSimulator, number: int, stop: threading.Event
) -> None:
    show(indicator, Weight(Decimal("1234.5"), stability=Stability.MOVING))
    heard = scale(f"socket://127.0.0.1:{number}").read(stop)
    assert next(heard) is None
    first = next(heard)
    assert isinstance(first, Weight)
    assert (str(first.value), first.stability) == ("1234.5", Stability.MOVING)
    show(indicator, Weight(Decimal("-20.0"), stability=Stability.STABLE))
    second = next(heard)
    assert isinstance(second, Weight)
    assert (str(second.value), second.stability) == ("-20.0", Stability.STABLE)


def test_overload_is_no_weight(indicator: ModbusSimulator, number: int, stop: threading.Event) -> None:
    indicator.set_registers(3, [0, 100, 2])
    heard = scale(f"socket://127.0.0.1:{number}").read(stop)
    next(heard)
    assert next(heard) == Skipped(Skip.OVER, bytes((0, 0, 0, 100, 0, 2)))


def test_nobody_there(number: int, stop: threading.Event) -> None:
    with pytest.raises(NotAvailable, match=str(number)):
        next(scale(f"socket://127.0.0.1:{number}").read(stop))


def test_registers_that_are_not_there(indicator: ModbusSimulator, number: int, stop: threading.Event) -> None:
    far = declared({"weight": {"address": 9000}})
    heard = scale(f"socket://127.0.0.1:{number}", registers=far).read(stop)
    next(heard)
    with pytest.raises(CannotOpen, match="registers 9000 to 9000 refused") as refusal:
        next(heard)
    assert not refusal.value.retry


def test_an_indicator_that_goes_away(number: int, stop: threading.Event) -> None:
    with ModbusSimulator(f"127.0.0.1:{number}") as indicator:
        show(indicator, Weight(Decimal(1)))
        heard = scale(f"socket://127.0.0.1:{number}").read(stop)
        next(heard)
        assert isinstance(next(heard), Weight)
    with pytest.raises(OperationFailed):
        next(heard)


def test_over_a_serial_line(tmp_path: Path, stop: threading.Event, until: Until) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    arguments = ["socat", f"pty,raw,echo=0,link={near}", f"pty,raw,echo=0,link={far}"]
    with subprocess.Popen(arguments) as wire:
        try:
            until(lambda: near.exists() and far.exists())
            with ModbusSimulator(far) as indicator:
                show(indicator, Weight(Decimal("12.3"), stability=Stability.STABLE))
                heard = scale(str(near)).read(stop)
                next(heard)
                found = next(heard)
                assert isinstance(found, Weight)
                assert str(found.value) == "12.3"
                heard.close()  # type: ignore[attr-defined]
        finally:
            wire.terminate()
