"""What a receiver makes of a line that is set differently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.serial_port import with_parity
from drivers.simulator.uart import Wire, heard

TEXT = b"ST,GS,+ 12340kg\r\n"


@given(st.binary(max_size=60), st.sampled_from(["N", "E", "O", "M", "S"]), st.sampled_from([1, 2]))
def test_the_same_settings_on_both_sides_change_nothing(data: bytes, parity: str, stop: float) -> None:
    wire = Wire(9600, 8, parity, stop)
    assert heard(data, wire, wire) == data


@given(st.binary(max_size=60))
def test_more_stop_bits_than_expected_change_nothing(data: bytes) -> None:
    assert heard(data, Wire(9600, stop=2), Wire(9600)) == data


@pytest.mark.parametrize(("parity", "stop"), [("E", 1), ("O", 1), ("M", 1), ("S", 1), ("N", 2), ("E", 2)])
def test_seven_bits_heard_as_eight_carry_parity_in_the_eighth(parity: str, stop: float) -> None:
    assert heard(TEXT, Wire(9600, 7, parity, stop), Wire(9600)) == with_parity(TEXT, parity)


@pytest.mark.parametrize("receiver", [1200, 2400, 4800, 19200, 38400, 115200])
def test_a_wrong_speed_is_never_the_text(receiver: int) -> None:
    garbled = heard(TEXT * 4, Wire(9600), Wire(receiver))
    assert garbled
    assert b"ST,GS" not in garbled


def test_half_the_speed_loses_bytes_and_twice_the_speed_makes_more() -> None:
    assert len(heard(TEXT * 4, Wire(9600), Wire(4800))) < len(TEXT) * 4
    assert len(heard(TEXT * 4, Wire(9600), Wire(19200))) > len(TEXT) * 4


def test_two_percent_off_still_reads() -> None:
    assert heard(TEXT, Wire(9600), Wire(9792)) == TEXT
