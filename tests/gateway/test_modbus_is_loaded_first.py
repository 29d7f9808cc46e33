"""Two threads that load pymodbus at once wait for each other, so it is loaded where devices are made."""

import subprocess
import sys

import pytest

BUILD = """
import sys
from gateway import devices
from gateway.site.site import ScalePart
from gateway.site.signals import SignalsPart
board = {"name": "b", "inputs": [{"name": "i", "number": 0}]}
registers = {"weight": {"address": 0}}
made = {
    "board": lambda: devices.signals(SignalsPart.model_validate({**board, "port": "socket://h:502"})),
    "scale": lambda: devices.scale(
        ScalePart.model_validate({"protocol": "modbus", "port": "socket://h:502", "modbus": registers})
    ),
    "frames": lambda: devices.scale(ScalePart.model_validate({"protocol": "st_gs", "port": "/dev/null"})),
    "pins": lambda: devices.signals(SignalsPart.model_validate({**board, "port": "/dev/gpiochip0"})),
}[sys.argv[1]]()
print("pymodbus.client" in sys.modules)
"""


@pytest.mark.parametrize(
    ("device", "loaded"), [("board", True), ("scale", True), ("frames", False), ("pins", False)]
)
def test_making_a_device_loads_pymodbus_only_where_it_is_needed(device: str, loaded: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BUILD, device], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == str(loaded)
