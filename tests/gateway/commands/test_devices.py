"""What is plugged in, as a technician sees it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from drivers.inventory import Attached, Sort

FOUND = [
    Attached(Sort.SERIAL, "/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI-if00", "FT232R USB UART", "0403:6001"),
    Attached(Sort.SERIAL, "/dev/ttyUSB1", None, "CH340", "1a86:7523"),
    Attached(Sort.SERIAL, "/dev/ttyS0"),
    Attached(Sort.KEYBOARD, "/dev/input/event3", usable=False),
]


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.commands.devices.attached", lambda: FOUND)


def run(*arguments: str) -> Result:
    import typer

    from gateway.commands import devices as module

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.devices)
    return CliRunner().invoke(app, [*arguments, "--lang", "en"])


def test_the_name_that_stays_comes_first() -> None:
    lines = run().stdout.splitlines()
    assert lines[:3] == [
        "Serial ports",
        "  /dev/serial/by-id/usb-FTDI-if00",
        "      /dev/ttyUSB0, FT232R USB UART, 0403:6001",
    ]
    assert lines[4] == "      CH340, 1a86:7523, this name may change when it is replugged"
    assert lines[5:8] == ["  /dev/ttyS0", "Cameras", "  none"]
    assert "no permission" in lines[-1]


def test_as_one_object() -> None:
    found = json.loads(run("--json").stdout)
    assert [each["name"] for each in found["serial"]] == [each.name for each in FOUND[:3]]
    assert found["video"] == []
    assert found["keyboard"][0]["usable"] is False
