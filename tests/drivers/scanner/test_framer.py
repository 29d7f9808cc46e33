"""Codes out of bytes: whatever ends them, whatever surrounds them, and nothing lost between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readings import Scan, Skip, Skipped
from drivers.scanner.framer import SURE, Framer, Framing, scan_of

DAE = "02820264000123456"
GS = "\x1d"


def texts(found: list[Scan | Skipped]) -> list[str]:
    return [each.text for each in found if isinstance(each, Scan)]


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\x03\r\n"])
def test_every_usual_suffix_ends_a_code(suffix: bytes) -> None:
    framer = Framer()
    found = framer.feed(DAE.encode() + suffix + b"MSKU1234565" + suffix, 0.0)
    assert texts(found) == [DAE, "MSKU1234565"]
    assert not framer.pending


def test_a_pause_ends_a_code_of_a_scanner_that_sends_no_suffix() -> None:
    framer = Framer()
    assert framer.feed(DAE.encode(), 0.0) == []
    assert framer.silence(0.079) == []
    assert texts(framer.silence(0.08)) == [DAE]
    assert framer.silence(0.2) == []


def test_a_stutter_does_not_cut_a_code_of_a_scanner_that_sends_a_suffix() -> None:
    framer = Framer()
    framer.feed(b"FIRST\r", 0.0)
    framer.feed(b"028202", 1.0)
    assert framer.silence(1.2) == []
    assert texts(framer.feed(b"64000123456\r", 1.3)) == [DAE]


def test_a_suffix_that_got_lost_loses_no_code() -> None:
    framer = Framer()
    framer.feed(b"FIRST\r", 0.0)
    framer.feed(DAE.encode(), 1.0)
    assert texts(framer.silence(1.0 + SURE)) == [DAE]


def test_the_time_between_two_reads_of_a_busy_machine_is_no_pause() -> None:
    framer = Framer()
    framer.feed(b"028202", 0.0)
    assert framer.feed(b"64000123456", 5.0) == []
    assert texts(framer.silence(5.1)) == [DAE]


def test_the_aim_identifier_is_taken_off_and_kept() -> None:
    (scan,) = Framer().feed(b"]C1" + DAE.encode() + b"\r", 0.0)
    assert scan == Scan(DAE, "]C1", b"]C1" + DAE.encode() + b"\r")
    assert scan.symbology == "Code 128"


def test_prefix_and_suffix_are_taken_off_and_kept_in_the_raw_bytes() -> None:
    framer = Framer(Framing(prefix=b"L1:", suffix=b"##"))
    (scan,) = framer.feed(b"\x02L1:]Q1a\r\nb##", 0.0)
    assert isinstance(scan, Scan)
    assert (scan.text, scan.aim) == ("a\r\nb", "]Q1")
    assert scan.raw == b"\x02L1:]Q1a\r\nb##"


def test_a_declared_suffix_alone_ends_a_code() -> None:
    framer = Framer(Framing(suffix=b"\r\n"))
    assert framer.feed(b"line one\rline two\r", 0.0) == []
    assert texts(framer.feed(b"\n", 0.01)) == ["line one\rline two\r"[:-1]]


def test_a_declared_empty_suffix_leaves_only_the_pause() -> None:
    framer = Framer(Framing(suffix=b""))
    assert framer.feed(b"a\tb\rc", 0.0) == []
    assert texts(framer.silence(0.1)) == ["a\tb\rc"]


def test_stx_is_taken_off() -> None:
    assert texts(Framer().feed(b"\x02" + DAE.encode() + b"\x03", 0.0)) == [DAE]


def test_group_separators_are_data_everywhere() -> None:
    element = f"{GS}0107861234567895{GS}10ABC{GS}"
    (scan,) = Framer().feed(b"]C1" + element.encode() + b"\r", 0.0)
    assert isinstance(scan, Scan)
    assert scan.text == element


def test_blanks_are_data_too() -> None:
    assert texts(Framer().feed(b"  A B  \r", 0.0)) == ["  A B  "]


def test_nothing_between_two_suffixes_is_no_code() -> None:
    assert Framer().feed(b"\r\n\r\n\t\x02\r]C1\r", 0.0) == []


def test_bytes_that_are_no_utf8_are_read_as_latin_1() -> None:
    assert texts(Framer().feed("Ñandú\r".encode(), 0.0)) == ["Ñandú"]
    assert texts(Framer().feed("Ñandú\r".encode("latin-1"), 0.0)) == ["Ñandú"]


class TestLongest:
    def test_a_code_that_never_ends_is_given_up_and_the_next_is_read(self) -> None:
        framer = Framer(Framing(longest=20))
        found = framer.feed(b"x" * 15, 0.0) + framer.feed(b"x" * 15, 0.1) + framer.feed(b"x" * 50, 0.2)
        assert found == [Skipped(Skip.IMPOSSIBLE, b"x" * 30)]
        assert texts(framer.feed(b"xx\rNEXT\r", 0.3)) == ["NEXT"]

    def test_a_code_that_is_too_long_in_one_piece(self) -> None:
        found = Framer(Framing(longest=20)).feed(b"x" * 21 + b"\rNEXT\r", 0.0)
        assert found == [Skipped(Skip.IMPOSSIBLE, b"x" * 21 + b"\r"), Scan("NEXT", None, b"NEXT\r")]

    def test_a_flood_keeps_no_more_than_its_bound(self) -> None:
        framer = Framer(Framing(longest=100))
        for tick in range(1000):
            framer.feed(b"y" * 50, tick * 0.01)
        assert len(framer._buffer) <= 101

    def test_a_declared_suffix_split_over_the_bound_still_ends_the_flood(self) -> None:
        framer = Framer(Framing(longest=20, suffix=b"\r\n"))
        framer.feed(b"x" * 30 + b"\r", 0.0)
        assert texts(framer.feed(b"\nNEXT\r\n", 0.1)) == ["NEXT"]


CODE = st.text(st.characters(codec="ascii", exclude_characters="\r\n\t\x02\x03]"), min_size=1, max_size=30)


@given(st.lists(CODE, min_size=1, max_size=8), st.data())
def test_codes_are_the_same_however_their_bytes_are_split(codes: list[str], data: st.DataObject) -> None:
    stream = "".join(f"]C1{code}\r\n" for code in codes).encode()
    framer = Framer()
    found: list[str] = []
    while stream:
        length = data.draw(st.integers(1, len(stream)))
        found += texts(framer.feed(stream[:length], 0.0))
        stream = stream[length:]
    assert found == codes


@given(st.binary(max_size=300))
def test_never_raises_and_keeps_every_byte_in_raw_but_bare_line_ends(noise: bytes) -> None:
    framer = Framer()
    found = [*framer.feed(noise, 0.0), *framer.silence(9.0)]
    assert sum(len(each.raw) for each in found) <= len(noise)
    assert not framer.pending


def test_scan_of_nothing_is_none() -> None:
    assert scan_of(b"]C1\r", 3) is None
