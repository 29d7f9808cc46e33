"""From captured lines to a `pattern` entry: where the number stands, what its digits mean, what is around it.

The weight that the display showed decides which number it is and where its point belongs. What cannot be
known from the lines (which letter means motion) is left to the person and named as a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from drivers.readings import Skip, Weight
from drivers.scale.captured import shape
from drivers.scale.fields import unit
from drivers.scale.pattern import PATTERN, settings_for

Entry = dict[str, object]

_NUMBER = re.compile(rb"[+-]?[ 0]*\d[\d.,]*")
_WORD = re.compile(rb"[A-Za-z?]+")
_MARKS = {0x01: "\x01", 0x02: "\x02", 0x03: "\x03"}

STATES = {"ST": "stable", "US": "moving", "OL": "over", "UL": "under"}
"""Words that mean the same with every maker. Single letters do not: S is stable with one and set with another."""

KINDS = {"GS": "gross", "NT": "net", "TR": "tare", "PT": "tare", "GR": "gross"}


class Ask(StrEnum):
    """What no line can answer: a code, whose texts the tools have."""

    UNIT = "unit"
    MOTION = "motion"
    NONE_READ = "none_read"
    OTHER_LINES = "other_lines"


@dataclass(frozen=True)
class Question:
    """One question: ``where`` are the columns that it is about, ``seen`` what stands there."""

    ask: Ask
    where: str = ""
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A proposed entry, what it makes of each line, and what only a person can answer."""

    entry: Entry
    results: tuple[Weight | Skip, ...]
    questions: tuple[Question, ...] = field(default=())


class Why(StrEnum):
    """Why nothing was learned: a code, whose texts the tools have."""

    NO_FRAME = "no_frame"
    NO_NUMBER = "no_number"
    NOT_SHOWN = "not_shown"


class NothingLearned(ValueError):
    """The lines hold no number that could be the weight. ``line`` is the one that was looked at."""

    def __init__(self, why: Why, line: bytes = b"") -> None:
        super().__init__(f"{why}: {line!r}")
        self.why = why
        self.line = line


def learn(frames: Sequence[bytes], shown: Decimal | None = None) -> Lesson:
    """The entry that fits these frames. ``shown`` is the weight on the display while the first was sent.

    Raises `NothingLearned`.
    """
    if not frames:
        raise NothingLearned(Why.NO_FRAME)
    first = frames[0]
    alike = [frame for frame in frames if shape(frame) == shape(first)]
    same = len({len(frame) for frame in alike}) == 1
    start, end = _start(first), _end(first)
    body = first[: len(first) - len(end)]
    columns, decimals, factor = _value(body, shown)
    words = dict(_words(body, columns))
    letters = _letters(alike, columns, words, len(end)) if "status" not in words else None
    mark = "" if first[:1].isalnum() or first[:1] in b" +-.," else first[:1].decode("latin-1")
    entry = _marks(start, end, mark, len(first) if same and len(alike) > 1 else None) | _meanings(words)
    if letters is not None and (same or len(letters.seen) > 1):
        words["status"] = letters.columns
        entry["status"] = dict.fromkeys(letters.seen, "unknown")
    if same:
        entry["positions"] = {name: _span(place) for name, place in {"value": columns, **words}.items()}
    else:
        entry["expression"] = _expression(body, columns, words)
    entry |= {"decimals": decimals} if decimals else {}
    entry |= {"factor": str(factor)} if factor != 1 else {}
    return Lesson(entry, tuple(_results(frames, entry)), tuple(_questions(frames, words, entry, letters)))


@dataclass(frozen=True)
class _Letters:
    """A word that nothing explains: its columns in the first line, and what stands there in all lines."""

    columns: tuple[int, int]
    seen: tuple[str, ...]


def _marks(start: str, end: bytes, mark: str, length: int | None) -> Entry:
    """How the frames begin and end; by their length where neither line ends nor marks part them."""
    entry: Entry = {"start": start} if start else {}
    if end not in (b"\r\n", b"\r", b"\n", b""):
        entry["end"] = end.decode("latin-1")
    if length is not None and not start and not end:
        entry |= {"start": mark, "length": length} if mark else {"length": length}
    return entry


def _start(frame: bytes) -> str:
    return _MARKS.get(frame[0], "")


def _end(frame: bytes) -> bytes:
    match = re.search(rb"(?:\x03|\x02)?[\r\n]*$", frame[1:])
    return match[0] if match else b""


def _value(body: bytes, shown: Decimal | None) -> tuple[tuple[int, int], int, Decimal]:
    """Columns of the weight (from 0, end excluded), its implied decimals and its factor."""
    found = list(_NUMBER.finditer(body))
    if not found:
        raise NothingLearned(Why.NO_NUMBER, body)
    if shown is None:
        match = max(found, key=lambda each: len(each[0]))
        return _widened(body, match), 0, Decimal(1)
    for match in found:
        scale = _scale(match[0], shown)
        if scale is not None:
            return (_widened(body, match), *scale)
    raise NothingLearned(Why.NOT_SHOWN, body)


def _scale(text: bytes, shown: Decimal) -> tuple[int, Decimal] | None:
    """Decimals and factor by which these digits are the weight shown; None where they are not."""
    plain = text.replace(b" ", b"").replace(b",", b".").rstrip(b".").decode("ascii")
    try:
        value = Decimal(plain)
    except ArithmeticError:
        return None
    if value == shown:
        return 0, Decimal(1)
    if not value or not shown:
        return None
    if "." not in plain:
        for places in range(1, 5):
            if value.scaleb(-places) == shown:
                return places, Decimal(1)
    return next(((0, Decimal(factor)) for factor in (10, 100, 1000) if value * factor == shown), None)


def _widened(body: bytes, match: re.Match[bytes]) -> tuple[int, int]:
    """The number's columns with the blanks in front, which larger weights will fill."""
    begin = match.start()
    while begin > 0 and body[begin - 1 : begin] in (b" ", b"+", b"-"):
        begin -= 1
    return begin, match.end()


def _words(body: bytes, value: tuple[int, int]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Unit, status and kind by words whose meaning is the same with every maker."""
    taken: set[str] = set()
    for match in _WORD.finditer(body):
        if match.start() < value[1] and match.end() > value[0]:
            continue
        text = match[0].decode("ascii").upper()
        name = "status" if text in STATES else "kind" if text in KINDS else ""
        if not name and match.start() >= value[1] and unit(match[0]) is not None:
            name = "unit"
        if name and name not in taken:
            taken.add(name)
            yield name, match.span()


def _letters(
    frames: Sequence[bytes], value: tuple[int, int], words: dict[str, tuple[int, int]], ends: int
) -> _Letters | None:
    """Letters that nothing explains: of the first word that varies, else of the first. The frames are alike.

    They may be the word that says an overload some day; then the frame must not be a weight.
    """
    known = [value, *words.values()]
    bodies = [frame[: len(frame) - ends] for frame in frames]
    written = [[match[0].decode("ascii") for match in re.finditer(rb"[A-Za-z]+", body)] for body in bodies]
    found = [
        _Letters(match.span(), tuple(sorted({row[place] for row in written})))
        for place, match in enumerate(re.finditer(rb"[A-Za-z]+", bodies[0]))
        if all(match.end() <= begin or match.start() >= end for begin, end in known)
    ]
    return next((each for each in found if len(each.seen) > 1), found[0] if found else None)


def _meanings(words: dict[str, tuple[int, int]]) -> Entry:
    known: dict[str, dict[str, str]] = {"status": STATES, "kind": KINDS}
    return {name: dict(known[name]) for name in words if name in known}


def _span(columns: tuple[int, int]) -> str:
    first, last = columns[0] + 1, columns[1]
    return str(first) if first == last else f"{first}-{last}"


def _expression(body: bytes, value: tuple[int, int], words: dict[str, tuple[int, int]]) -> str:
    """An expression with the same fields, any number of blanks, and everything else as it stands."""
    places = {columns: name for name, columns in words.items()} | {value: "value"}
    text, at = "", 0
    for columns in sorted(places):
        name = places[columns]
        inside = {"value": r"[+-]?[ ]*[\d.,]+", "unit": "[A-Za-z]{1,3}"}.get(name, "[A-Za-z]+")
        text += _literally(body[at : columns[0]]) + f" *(?P<{name}>{inside})"
        at = columns[1]
    return re.sub(r"(?: \*){2,}", " *", text + _literally(body[at:]))


def _literally(text: bytes) -> str:
    return re.sub(r"(?:\\ | )+", " *", re.escape(text.decode("latin-1")))


def _results(frames: Sequence[bytes], entry: Entry) -> Iterator[Weight | Skip]:
    settings = settings_for(entry)
    for frame in frames:
        yield PATTERN.decode(frame, settings)


def _questions(
    frames: Sequence[bytes], words: dict[str, tuple[int, int]], entry: Entry, letters: _Letters | None
) -> Iterator[Question]:
    if "unit" not in words:
        yield Question(Ask.UNIT)
    if letters is not None and "status" in words:
        yield Question(Ask.MOTION, _span(letters.columns) if "positions" in entry else "", letters.seen)
    results = list(_results(frames, entry))
    if not any(isinstance(result, Weight) for result in results):
        yield Question(Ask.NONE_READ)
    elif any(result in (Skip.NOT_MINE, Skip.IMPOSSIBLE) for result in results):
        yield Question(Ask.OTHER_LINES)
