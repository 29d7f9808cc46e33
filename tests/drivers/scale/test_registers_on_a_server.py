"""A scale that is read by registers, from pymodbus's own server to weights, as a model of the catalogue says."""

import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.catalogue import scale_models
from drivers.device import Heard
from drivers.readings import Stability, Weight
from drivers.scale.device import Scale
from drivers.simulator.modbus import ModbusSimulator
from gateway.rehearsal.broker import free_port

First = Callable[[Iterator[Heard], type[Any]], Any]

ENTRY = """
brand: Own
model: with a display of floats
protocol: modbus
basis: manual
source: a manual
modbus:
  numbered_from: 40001
  weight: {address: 40003, type: float32}
  status: {address: 40005, bits: {moving: 12, over: 10}}
"""


@pytest.fixture
def number() -> int:
    return free_port()


def test_a_weight_and_its_motion(tmp_path: Path, number: int, stop: threading.Event, first: First) -> None:
    (tmp_path / "own.yaml").write_text(ENTRY)
    model = scale_models([tmp_path / "own.yaml"])["own"]
    scale = Scale("scale", model.line_at(f"socket://127.0.0.1:{number}"), model.protocol, model.settings)
    with ModbusSimulator(f"127.0.0.1:{number}") as module:
        for kilograms, status in ((12340.0, 0), (12360.0, 1 << 12)):
            module.set_registers(2, [*struct.unpack(">HH", struct.pack(">f", kilograms)), status])
            reading = scale.read(stop)
            weight = first(reading, Weight)
            reading.close()
            assert weight.kg == int(kilograms)
            assert weight.stability is (Stability.MOVING if status else Stability.STABLE)
