"""A story's file: lines with their numbers, and faults that keep nothing else from being told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from gateway.story.book import open_story, parse, parse_story
from record.yamlfile import FileErrors

ROWS = b'# a title\r\n\r\n{"t": 0, "weight": "0"}\r\n{"t": 1, "scan": "a\xe2\x80\xa8b"}\n'


def test_lines_keep_their_numbers_and_a_byte_order_mark_is_passed_over() -> None:
    story = parse_story(b"\xef\xbb\xbf" + ROWS)
    assert [each.number for each in story.placed] == [3, 4]
    assert story.lines[1].scan == "a\u2028b"
    assert not story.problems


def test_every_fault_is_told_and_the_other_lines_stay() -> None:
    story = parse_story(
        b'{"t": 5}\n{"t": 4}\n{"t": 6, "weight": "x"}\n\xff\n{"t": 7, "weight": 1}\n', "s.jsonl"
    )
    assert [each.line.t for each in story.placed] == [5, 7]
    assert story.lines[-1].weight == Decimal(1)
    assert [(problem.line, problem.code) for problem in story.problems] == [
        (2, "story.time_goes_back"),
        (3, "config.expected_number"),
        (4, "story.not_utf8"),
    ]


def test_numbers_may_be_written_as_people_write_them() -> None:
    rows = [
        '{"t": 0, "sighting": {"camera": "a", "number": "csqu 305438-3"}}',
        '{"t": 0, "sighting": {"camera": "a", "invalid": "CSQU 305438-4"}}',
        '{"t": 0, "plate": {"camera": "a", "plate": "gba-1234"}}',
    ]
    read, refused, plate = parse("\n".join(rows))
    assert read.sighting is not None
    assert refused.sighting is not None
    assert plate.plate is not None
    seen = (read.sighting.number, refused.sighting.invalid, plate.plate.plate)
    assert seen == ("CSQU3054383", "CSQU3054384", "GBA1234")


def test_a_strict_reader_raises_what_is_wrong() -> None:
    with pytest.raises(FileErrors, match=r"-:1:\d+: t: "):
        parse('{"t": -1}')


def test_a_file_that_is_no_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = open_story(tmp_path).problems
    assert problem.code == "yaml.unreadable"
