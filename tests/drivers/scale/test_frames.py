"""Cutting bytes into frames, and wondering at frames of another length."""

import pytest

from drivers.readings import Skip, Skipped, Weight
from drivers.scale.fields import number
from drivers.scale.frames import SteadyDecoder, enclosed, ended, fixed, marked_line, whole_line, without_end
from drivers.scale.protocol import MORE, NO_FRAME, Settings

LINE = marked_line(b"A", b"AB", 12)


@pytest.mark.parametrize(
    ("data", "final", "length"),
    [
        (b"ABcd\r\n", False, 6),
        (b"ABcd\r", False, MORE),
        (b"ABcd\r", True, 5),
        (b"ABcd\rX", False, 5),
        (b"ABcd\n", False, 5),
        (b"ABcd", False, MORE),
        (b"ABcd", True, 4),
        (b"Axcd\r\n", False, NO_FRAME),
        (b"ABcdefghijkl", False, NO_FRAME),
    ],
)
def test_a_marked_line(data: bytes, final: bool, length: int) -> None:
    assert LINE.cut(data, 0, final) == length


def test_a_line_that_ends_with_return_waits_for_nothing() -> None:
    assert marked_line(b"A", b"AB", 12, ends_with_return=True).cut(b"ABcd\r", 0, False) == 5


@pytest.mark.parametrize(
    ("data", "final", "length"), [(b"abc\r\n", False, 5), (b"abc", False, MORE), (b"a" * 5000, True, 5000)]
)
def test_a_whole_line(data: bytes, final: bool, length: int) -> None:
    assert whole_line().cut(data, 0, final) == length
    assert not whole_line().resync


@pytest.mark.parametrize(
    ("data", "length"), [(b"<ab>", 4), (b"<ab", MORE), (b"<a<b>", NO_FRAME), (b"<abcdefgh", NO_FRAME)]
)
def test_an_enclosed_frame(data: bytes, length: int) -> None:
    assert enclosed(b"<", b">", 8).cut(data, 0, False) == length


@pytest.mark.parametrize(
    ("data", "length"), [(b"<a>", 3), (b"<ab", MORE), (b"<ab>", 4), (b"<abc>", NO_FRAME), (b"<a", MORE)]
)
def test_a_frame_of_one_of_two_lengths(data: bytes, length: int) -> None:
    assert fixed(b"<", 3, 4, end=b">").cut(data, 0, False) == length


def test_the_end_of_a_line() -> None:
    assert without_end(b"abc\r\n") == b"abc"
    assert (ended(b"abc\r"), ended(b"abc\n"), ended(b"abc")) == (True, True, False)


def letters(frame: bytes, settings: Settings) -> Weight | Skip:
    value = number(frame[2:].rstrip())
    return Skip.BLANK if value is None else Weight(value, raw=frame)


def steadily(*lines: str) -> list[int | Skip]:
    decoder = SteadyDecoder(LINE, letters, Settings())
    found = decoder.feed("".join(f"AB{line}\r\n" for line in lines).encode())
    return [each.skip if isinstance(each, Skipped) else int(each.value) for each in found]


def test_a_shorter_frame_after_three_has_lost_a_digit() -> None:
    assert steadily("1234", "1234", "1234", "124", "1234") == [1234, 1234, 1234, Skip.TOO_SHORT, 1234]


def test_a_longer_frame_after_three_has_gained_one() -> None:
    assert steadily("123", "123", "123", "1123", "123") == [123, 123, 123, Skip.IMPOSSIBLE, 123]


def test_several_neighbours_may_be_lost_at_once() -> None:
    assert steadily("123456", "123456", "123456", "12", "123456") == [123456] * 3 + [Skip.TOO_SHORT, 123456]


def test_a_frame_of_quite_another_layout_is_believed_at_once() -> None:
    assert steadily("12.3", "12.3", "12.3", "1.2345", "12.3") == [12, 12, 12, 1, 12]


def test_two_in_a_row_are_the_new_length() -> None:
    assert steadily("999", "999", "999", "1000", "1001", "1002") == [
        999,
        999,
        999,
        Skip.IMPOSSIBLE,
        1001,
        1002,
    ]


def test_before_three_frames_any_length_is_believed() -> None:
    assert steadily("1", "12", "123", "1234") == [1, 12, 123, 1234]


def test_frames_without_a_weight_do_not_count() -> None:
    assert steadily("123", "123", "", "", "123") == [123, 123, Skip.BLANK, Skip.BLANK, 123]
