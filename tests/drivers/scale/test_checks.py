"""Sums and other checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scale.checks import crc8, even_handed, hexadecimal, total, xor


def test_sum_and_exclusive_or() -> None:
    assert (total(b"\x01\x02\xff"), xor(b"\x01\x02\xff"), xor(b"")) == (258, 252, 0)


@pytest.mark.parametrize(
    ("text", "value"), [(b"1B", 27), (b"ff", 255), (b"", None), (b"-1", None), (b" 1", None), (b"1_0", None)]
)
def test_hexadecimal_takes_digits_only(text: bytes, value: int | None) -> None:
    assert hexadecimal(text) == value


@given(st.binary(min_size=1, max_size=12))
def test_a_message_with_its_check_has_no_remainder(message: bytes) -> None:
    check = crc8(message + b"\x00", 0x69)
    assert crc8(message + bytes((check,)), 0x69) == 0


@given(st.binary(min_size=2, max_size=12), st.data())
def test_the_crc_finds_any_damaged_bit(message: bytes, data: st.DataObject) -> None:
    sent = bytearray(message + bytes((crc8(message + b"\x00", 0x69),)))
    sent[data.draw(st.integers(0, len(sent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert crc8(bytes(sent), 0x69) != 0


def test_bit_seven_is_one_parity_throughout_or_damage() -> None:
    assert even_handed(b"plain")
    assert even_handed(bytes(byte | (byte.bit_count() % 2) << 7 for byte in b"plain"))
    assert not even_handed(b"pla\xedn")
