"""A story's file: its lines with their numbers, and what is wrong in it, which keeps the other lines from nothing.

story.jsonl:7:23: sighting.cost: it has to be a number, found "x"
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.story.line import StoryLine
from record.base import describe
from record.system_reason import reason
from record.yamlfile import FileErrors, Problem, check_text

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of a story at most; an hour of a scale's weights is a few of them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of the story, and the number of the file's line that it stands in, from 1."""

    number: int
    line: StoryLine


@dataclass(frozen=True, slots=True)
class Story:
    """What can be told, and what is wrong in the file."""

    name: str
    placed: tuple[Placed, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def lines(self) -> list[StoryLine]:
        """The lines alone."""
        return [each.line for each in self.placed]


def open_story(path: Path) -> Story:
    """A story from its file. Never raises: a file that cannot be read is a problem too."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = Problem(name, 1, 1, "", "yaml.unreadable", params={"reason": reason(error)})
        return Story(name, problems=(problem,))
    if len(content) > MOST_BYTES:
        params = {"size": path.stat().st_size, "limit": MOST_BYTES}
        return Story(name, problems=(Problem(name, 1, 1, "", "announce.too_large", params=params),))
    return parse_story(content, name)


def parse_story(content: bytes, name: str = "-") -> Story:
    """A story from the bytes of its file. Never raises."""
    placed: list[Placed] = []
    problems: list[Problem] = []
    for number, read in _read(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), name):
        if isinstance(read, StoryLine):
            last = placed[-1].line.t if placed else 0.0
            if read.t >= last:
                placed.append(Placed(number, read))
                continue
            read = [Problem(name, number, 1, "t", "story.time_goes_back", params={"t": read.t, "last": last})]
        problems += read
    return Story(name, tuple(placed), tuple(problems))


def read(path: Path) -> list[StoryLine]:
    """The lines of a file without a fault. Raises `record.yamlfile.FileErrors`."""
    return _sound(open_story(path))


def parse(text: str, name: str = "-") -> list[StoryLine]:
    """The lines of a text without a fault. Raises `record.yamlfile.FileErrors`."""
    return _sound(parse_story(text.encode("utf-8", "surrogatepass"), name))


def _sound(story: Story) -> list[StoryLine]:
    if story.problems:
        raise FileErrors(story.problems)
    return story.lines


def _read(rows: Iterable[bytes], name: str) -> Iterator[tuple[int, StoryLine | list[Problem]]]:
    """Each line that says something, with its number: as it is meant, or what is wrong with it."""
    for number, row in enumerate(rows, 1):
        try:
            written = row.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            params = {"byte": f"0x{row[error.start]:02x}"}
            yield number, [Problem(name, number, error.start + 1, "", "story.not_utf8", params=params)]
            continue
        if written and not written.startswith("#"):
            yield number, _line(written, name, number)


def _line(written: str, name: str, number: int) -> StoryLine | list[Problem]:
    try:
        twice = _twice(written)
    except (ValueError, RecursionError) as error:
        column = error.colno if isinstance(error, json.JSONDecodeError) else 1
        params = {"reason": error.msg if isinstance(error, json.JSONDecodeError) else str(error)}
        return [Problem(name, number, column, "", "story.not_json", params=params, found=written[:60])]
    if twice:
        return [Problem(name, number, 1, "", "story.key_twice", params={"key": twice})]
    try:
        return StoryLine.model_validate_json(written, strict=True)
    except ValidationError as error:
        return _wrong(written, name, number, error)


def _twice(written: str) -> str:
    """A key that an object has twice, the first of them; empty where there is none. Raises ValueError."""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in items]
        found.extend(name for name in names if names.count(name) > 1)
        return dict(items)

    json.loads(written, object_pairs_hook=pairs)
    return found[0] if found else ""


def _wrong(written: str, name: str, number: int, error: ValidationError) -> list[Problem]:
    """What is wrong in a line of JSON, told by the strict reader of the house's files."""
    _, problems = check_text(written.replace("\t", " "), StoryLine, name=name)
    if problems:
        return [replace(problem, line=number) for problem in problems]
    params = {"reason": describe("line", error)}
    return [Problem(name, number, 1, "", "story.not_json", params=params, found=written[:60])]
