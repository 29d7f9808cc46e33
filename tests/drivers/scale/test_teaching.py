"""From captured lines to a pattern entry that reads them."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from drivers.readings import Skip, Stability, Weight
from drivers.scale.captured import captured
from drivers.scale.pattern import PATTERN, settings_for
from drivers.scale.protocols import protocol
from drivers.scale.teaching import Ask, NothingLearned, Question, Why, learn


def reads(entry: dict[str, object], data: bytes) -> list[str]:
    decoder = protocol("pattern").decoder(settings_for(entry))
    found = decoder.feed(data) + decoder.flush()
    assert all(isinstance(each, Weight) for each in found), found
    return [f"{each.value} {each.unit}" for each in found if isinstance(each, Weight)]


@pytest.mark.parametrize(
    ("data", "shown", "expected"),
    [
        (b"WT:  12340 KG S\r\nWT:  12360 KG D\r\n", "12340", ["12340 kg", "12360 kg"]),
        (b"\x02S 0123450T\x03\x02D 0123460T\x03", "12.345", ["12.3450 t", "12.3460 t"]),
        (b"PESO 5kg\r\nPESO 12345kg\r\n", "5", ["5 kg", "12345 kg"]),
        (b"#01 0001234 -00050\r\n#01 0001234 -00060\r\n", "-50", ["-50 kg", "-60 kg"]),
        (b"A  1234\rA  1235\r", "12340", ["12340 kg", "12350 kg"]),
        (b"N:   12,5kg\r\nN:  112,5kg\r\n", "12.5", ["12.5 kg", "112.5 kg"]),
        (b"PESO 5kg S\r\nPESO 12345kg D\r\n", "5", ["5 kg", "12345 kg"]),
        (b"  N  12.5  N  12.6  N 112.6", "12.5", ["12.5 kg", "12.6 kg", "112.6 kg"]),
        (b"=00012350=00012360=00012370", "12350", ["12350 kg", "12360 kg", "12370 kg"]),
    ],
)
def test_the_entry_reads_what_it_was_taught_and_more(data: bytes, shown: str, expected: list[str]) -> None:
    lesson = learn(captured(data), Decimal(shown))
    assert reads(lesson.entry, data) == expected


def test_a_larger_weight_than_those_captured_is_read() -> None:
    lesson = learn(captured(b"W      5 kg\r\nW     12 kg\r\n"), Decimal(5))
    assert reads(lesson.entry, b"W  12340 kg\r\n") == ["12340 kg"]


def test_words_of_one_meaning_are_mapped() -> None:
    lesson = learn(captured(b"US,GS,+0012345kg\r\nST,GS,+0012345kg\r\n"))
    weights = [each for each in lesson.results if isinstance(each, Weight)]
    assert [each.stability for each in weights] == [Stability.MOVING, Stability.STABLE]
    assert lesson.questions == ()


def test_what_only_a_person_knows_is_asked() -> None:
    lesson = learn(captured(b"   12340 S\r\n   12360 D\r\n"), Decimal(12340))
    assert lesson.questions == (Question(Ask.UNIT), Question(Ask.MOTION, "10", ("D", "S")))


def test_lines_of_another_layout_teach_nothing_and_are_asked_about() -> None:
    lesson = learn(captured(b"BRUTO  12340 KG EST\r\nBRUTO    360 KG INS\r\nSOBRECARGA\r\n"), Decimal(12340))
    assert [isinstance(each, Weight) for each in lesson.results] == [True, True, False]
    assert lesson.entry["status"] == {"EST": "unknown", "INS": "unknown"}
    assert lesson.questions[-1] == Question(Ask.OTHER_LINES)


def test_frames_without_line_ends_are_found_by_what_comes_again(stream: Callable[[str], bytes]) -> None:
    frames = captured(stream("ms204"))
    assert frames == [b"     N       0.3"] * 7
    assert captured(stream("ms204")[3:]) == [b"     N       0.3"] * 6
    assert learn(frames).entry["length"] == 16
    assert captured(b"2350=00012360=00012370=00012380=000") == [b"=00012360", b"=00012370", b"=00012380"]
    assert captured(b"nothing comes again here") == [b"nothing comes again here"]


def test_cut_lines_at_both_ends_are_left_out() -> None:
    assert captured(b"34kg\x03\x02S1234kg\x03\x02S12") == [b"\x02S1234kg\x03"]
    assert captured(b"a1\r\na2\ra3\n") == [b"a1\r\n", b"a2\r", b"a3\n"]


@pytest.mark.parametrize(
    ("data", "shown", "why", "line"),
    [
        (b"", None, Why.NO_FRAME, b""),
        (b"hello\r\n", None, Why.NO_NUMBER, b"hello"),
        (b"W 123 kg\r\n", "77", Why.NOT_SHOWN, b"W 123 kg"),
    ],
)
def test_nothing_to_learn(data: bytes, shown: str | None, why: Why, line: bytes) -> None:
    with pytest.raises(NothingLearned) as caught:
        learn(captured(data), None if shown is None else Decimal(shown))
    assert (caught.value.why, caught.value.line) == (why, line)


def test_a_letter_that_was_not_captured_is_no_weight_and_may_be_an_overload() -> None:
    lesson = learn(captured(b"S,   12340 kg\r\n"), Decimal(12340))
    assert [each.value for each in lesson.results if isinstance(each, Weight)] == [12340]
    assert PATTERN.decode(b"O,   99999 kg\r\n", settings_for(lesson.entry)) is Skip.IMPOSSIBLE
