"""The core: how a decoder goes through bytes, whatever the frames are."""

import re
from decimal import Decimal

import pytest

from drivers.readings import Skip, Skipped, Unit, Weight
from drivers.scale.fields import number
from drivers.scale.frames import fixed, whole_line
from drivers.scale.protocol import BUFFER_LIMIT, JUNK_LIMIT, MORE, Decoder, Framing, Settings
from drivers.scale.protocols import protocol


def four_digits(frame: bytes, settings: Settings) -> Weight | Skip:
    """An invented protocol: a less-than sign, four digits, a greater-than sign."""
    if frame[1:5] == b"9999":
        return Skip.OVER
    value = number(frame[1:5])
    return Skip.IMPOSSIBLE if value is None else Weight(value, settings.unit_or(), raw=frame)


def decoder(framing: Framing | None = None) -> Decoder:
    return Decoder(framing or fixed(rb"<", 6, end=b">"), four_digits, Settings())


def said(found: list[Weight | Skipped]) -> list[Decimal | tuple[Skip, bytes]]:
    return [each.value if isinstance(each, Weight) else (each.skip, each.raw) for each in found]


def test_frames_come_out_in_order() -> None:
    assert said(decoder().feed(b"<0001><0002>\r\n<0003>")) == [1, 2, 3]


def test_a_frame_may_come_in_pieces() -> None:
    opened = decoder()
    assert opened.feed(b"<00") == []
    assert said(opened.feed(b"12><0")) == [12]
    assert said(opened.feed(b"013>")) == [13]


def test_a_failed_frame_is_reported_once_and_searched_one_byte_further() -> None:
    """The good frame begins within the bad one."""
    found = said(decoder().feed(b"<<001><0001>"))
    assert found == [(Skip.IMPOSSIBLE, b"<<001>"), 1]


def test_a_state_without_weight_is_a_whole_frame() -> None:
    assert said(decoder().feed(b"<9999><0001>")) == [(Skip.OVER, b"<9999>"), 1]


def test_junk_comes_out_before_the_frame_behind_it() -> None:
    assert said(decoder().feed(b"abc<0001>")) == [(Skip.NOT_MINE, b"abc"), 1]


def test_junk_comes_out_in_bounded_pieces() -> None:
    found = decoder().feed(b"x" * (2 * JUNK_LIMIT + 10))
    assert said(found) == [(Skip.NOT_MINE, b"x" * JUNK_LIMIT)] * 2


def test_what_lies_between_frames_is_no_junk() -> None:
    opened = decoder()
    assert said(opened.feed(b"\r\n\r\n<0001>\r\n")) == [1]
    assert opened.flush() == []


def test_the_end_of_a_capture_reports_what_is_left() -> None:
    opened = decoder()
    assert opened.feed(b"<00") == []
    assert said(opened.flush()) == [(Skip.TOO_SHORT, b"<00")]
    assert opened.flush() == []


def test_a_decoder_goes_on_after_a_flush() -> None:
    opened = decoder()
    opened.feed(b"<00")
    opened.flush()
    assert said(opened.feed(b"<0007>")) == [7]


def test_the_buffer_is_bounded() -> None:
    """A frame that never ends: all but the last bytes are given up as junk."""
    endless = Framing(re.compile(b"<"), lambda data, at, final: MORE)
    opened = decoder(endless)
    found = opened.feed(b"<" + b"0" * (3 * BUFFER_LIMIT))
    assert sum(len(each.raw) for each in found) >= 3 * BUFFER_LIMIT - JUNK_LIMIT
    assert all(isinstance(each, Skipped) for each in found)


def test_a_line_without_a_start_mark_is_all_or_nothing() -> None:
    opened = decoder(whole_line())
    assert said(opened.feed(b"x<0001>\r\n<0002>\r\n")) == [(Skip.IMPOSSIBLE, b"x<0001>\r\n"), 2]


def test_a_line_that_was_joined_is_believed_from_its_first_end_on() -> None:
    opened = Decoder(whole_line(), four_digits, Settings(), joined=True)
    assert said(opened.feed(b"<0001>\r\n<0002>\r\n")) == [(Skip.NOT_MINE, b"<0001>"), 2]


def test_the_rest_of_a_line_that_a_silence_broke_is_not_believed() -> None:
    opened = decoder(whole_line())
    opened.feed(b"<")
    opened.flush()
    assert said(opened.feed(b"<0001>\r\n<0002>\r\n")) == [(Skip.NOT_MINE, b"<0001>"), 2]


def test_the_rest_of_a_line_without_end_is_not_believed() -> None:
    opened = decoder(whole_line())
    found = opened.feed(b"x" * (BUFFER_LIMIT + 1)) + opened.feed(b"<0001>\r\n<0002>\r\n")
    assert [each.value for each in found if isinstance(each, Weight)] == [2]


@pytest.mark.parametrize("parity", ["even", "odd", "mark", "space"])
def test_any_parity_is_masked(parity: str) -> None:
    bit = {
        "even": lambda byte: byte.bit_count() % 2,
        "odd": lambda byte: 1 - byte.bit_count() % 2,
        "mark": lambda byte: 1,
        "space": lambda byte: 0,
    }[parity]
    sent = bytes(byte | bit(byte) << 7 for byte in b"<0012>")
    (found,) = decoder().feed(sent)
    assert isinstance(found, Weight)
    assert (found.value, found.raw) == (12, sent)


def test_a_byte_of_another_parity_was_damaged() -> None:
    sent = bytearray(byte | (byte.bit_count() % 2) << 7 for byte in b"<0013>")
    sent[3] ^= 0x01
    assert said(decoder().feed(bytes(sent))) == [(Skip.CHECKSUM, bytes(sent))]


def test_settings_fill_in_what_frames_leave_out() -> None:
    assert Settings().unit_or() is Unit.KG
    assert Settings(unit=Unit.LB).unit_or(Unit.T) is Unit.LB
    assert (Settings().places_or(3), Settings(decimals=0).places_or(3)) == (3, 0)


def test_the_request_is_the_sites_own_or_the_addressed_or_the_usual_one() -> None:
    entry = protocol("xk3190_cmd")
    assert entry.request(Settings()) == b"\x02AB03\x03"
    assert entry.request(Settings(address="C")) == b"\x02CB01\x03"
    assert entry.request(Settings(address="C", poll=b"?")) == b"?"
    assert entry.request(Settings(poll=b"")) is None
    assert protocol("mt_continuous").request(Settings()) is None
