"""Announcements as JSON or YAML: an object with the lists ``preadvice`` and ``releases``.

Each entry stands for itself. A wrong one is read once more by the strict reader of the house's own files, which
names line, column and what is meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from record import yamltree
from record.announcing.yaml_file import PreadviceFile, WrittenPreadvice, WrittenRelease
from record.preadvice import Preadvice
from record.release import Release
from record.yamlfault import FaultError
from record.yamlfile import Problem, Severity, check_text

Read = tuple[list[Preadvice | Release], list[Problem]]
MODELS: dict[str, type[WrittenPreadvice] | type[WrittenRelease]] = {
    "preadvice": WrittenPreadvice,
    "releases": WrittenRelease,
}
_SPACE = re.compile(r"[ \t\r\n]*")
_ENTRY = re.compile(r"(preadvice|releases)\[([0-9]+)\]")


def read_yaml(content: bytes, name: str) -> Read:
    """The entries without a mistake, and all mistakes."""
    whole, problems = check_text(content, PreadviceFile, name=name)
    if whole is not None:
        return [*map(_plain, whole.preadvice), *map(_plain, whole.releases)], problems
    try:
        data = yamltree.parse(content).root.data()
    except FaultError:
        return [], problems
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    places = [_ENTRY.match(problem.path) for problem in errors]
    if not isinstance(data, dict):
        return [], problems
    bad = {(place[1], int(place[2])) for place in places if place}
    found = [
        _entry(kind, each)
        for kind in MODELS
        for index, each in enumerate(data.get(kind) or [])
        if (kind, index) not in bad
    ]
    return [each for each in found if each is not None], problems


def read_json(content: bytes, name: str) -> Read:
    """The entries without a mistake, and all mistakes."""
    try:
        text = content.decode("utf-8-sig")
        if not isinstance(json.loads(text), dict):
            return [], [Problem(name, 1, 1, "", "announce.not_list", found=text[:60])]
        return _lists(text, name)
    except json.JSONDecodeError as error:
        params = {"reason": error.msg}
        return [], [Problem(name, error.lineno, error.colno, "", "announce.not_json", params=params)]
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [Problem(name, line, 1, "", "announce.not_json", params={"reason": error.reason})]
    except RecursionError:
        return [], [Problem(name, 1, 1, "", "announce.not_json", params={"reason": "nested too deeply"})]


def _lists(text: str, name: str) -> Read:
    notices: list[Preadvice | Release] = []
    problems: list[Problem] = []
    for key, at, value in _members(text):
        if key not in MODELS or not isinstance(value, list):
            line, column = _place(text, at)
            problems.append(Problem(name, line, column, key, "announce.not_list", found=str(value)[:60]))
            continue
        for index, (start, end, entry) in enumerate(_elements(text, at)):
            notice = _entry(key, entry)
            if notice is not None:
                notices.append(notice)
            else:
                problems += _wrong(text, name, (key, index), start, end)
    return notices, problems


def _entry(kind: str, entry: Any) -> Preadvice | Release | None:
    """One entry, None where it is wrong."""
    try:
        return _plain(MODELS[kind].model_validate_json(json.dumps(entry), strict=True))
    except (ValidationError, ValueError):
        return None


def _plain(written: WrittenPreadvice | WrittenRelease) -> Preadvice | Release:
    model = Preadvice if isinstance(written, WrittenPreadvice) else Release
    return model.from_wire(written.to_wire())


def _wrong(text: str, name: str, entry: tuple[str, int], start: int, end: int) -> list[Problem]:
    """What is wrong in one entry, told by the strict reader and moved to where the entry stands."""
    line, column = _place(text, start)
    where = f"{entry[0]}[{entry[1]}]"
    _, problems = check_text(text[start:end].replace("\t", " "), MODELS[entry[0]], name=name)
    if not problems:
        return [Problem(name, line, column, where, "announce.not_list", found=text[start:end][:60])]
    return [
        replace(
            problem,
            line=problem.line + line - 1,
            column=problem.column + (column - 1 if problem.line == 1 else 0),
            path=f"{where}.{problem.path}" if problem.path else where,
        )
        for problem in problems
    ]


def _members(text: str) -> Iterator[tuple[str, int, Any]]:
    """Name, offset of the value, and value of each member of the object that a text is."""
    decoder = json.JSONDecoder()
    at = _after(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _after(text, _after(text, at) + 1)
        value, end = decoder.raw_decode(text, at)
        yield key, at, value
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at


def _elements(text: str, at: int) -> Iterator[tuple[int, int, Any]]:
    """Start, end and value of each element of the list that begins at an offset."""
    decoder = json.JSONDecoder()
    at = _after(text, at + 1)
    while text[at] != "]":
        value, end = decoder.raw_decode(text, at)
        yield at, end, value
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at


def _after(text: str, at: int) -> int:
    """The next offset that is no space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
