"""Whether the machine's clock follows another one."""

from __future__ import annotations

import pytest

from gateway.clock import STA_UNSYNC, ClockState, clock_state, kernel_status


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0x2001, ClockState.SYNCHRONISED),
        (STA_UNSYNC, ClockState.UNSYNCHRONISED),
        (0x2001 | STA_UNSYNC, ClockState.UNSYNCHRONISED),
        (None, ClockState.UNKNOWN),
    ],
)
def test_the_kernels_bit_decides(status: int | None, state: ClockState) -> None:
    assert clock_state(lambda: status) is state


def test_the_kernel_of_this_machine_can_be_asked() -> None:
    status = kernel_status()
    assert status is None or 0 <= status < 1 << 16
    assert clock_state() in ClockState
