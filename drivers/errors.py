"""What can go wrong with a device: four kinds of error under one base, each with what a person should check.

The tree is short on purpose. Whoever attends a device needs to know two things only: can trying again help
(`DeviceError.retry`), and what should a person look at (`DeviceError.advice`, whose texts are in
`drivers.advice`).
"""

from __future__ import annotations

from enum import StrEnum


class Advice(StrEnum):
    """What to check next: stable codes, whose texts in Spanish and English are in `drivers.advice`."""

    NOTHING = ""
    CHECK_CABLE = "check_cable"
    CHECK_PERMISSION = "check_permission"
    PORT_BUSY = "port_busy"
    CHECK_SETTINGS = "check_settings"
    CHECK_ADDRESS = "check_address"
    CHECK_CONVERTER = "check_converter"
    CHECK_OUTPUT = "check_output"
    CHECK_SPEED = "check_speed"
    CHECK_LOGIN = "check_login"
    CHECK_FOLDER = "check_folder"
    CHECK_INDICATOR = "check_indicator"
    REPORT_FAULT = "report_fault"


class DeviceError(Exception):
    """Something is wrong with a device. ``retry`` says whether trying again can help."""

    def __init__(self, message: str, *, advice: Advice = Advice.CHECK_CABLE, retry: bool = True) -> None:
        super().__init__(message)
        self.advice = advice
        self.retry = retry


class NotAvailable(DeviceError):
    """The device is not there: no such node, nothing at that address, nobody has dialled in."""


class CannotOpen(DeviceError):
    """The device is there and cannot be used: busy, not permitted, or settings that it refuses."""


class OperationFailed(DeviceError):
    """The device was open and a read or a write failed: unplugged, closed by the other side."""


class TimedOut(DeviceError):
    """The device did not answer in time."""
