"""From captured lines to a `pattern` entry: where the number stands, what its digits mean, what is around it.

The weight that the display showed decides which number it is and where its point belongs. What cannot be
known from the lines (which letter means motion) is left to the person and named as a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from drivers.readings import Skip, Weight
from drivers.scale.fields import unit
from drivers.scale.pattern import PATTERN, settings_for
from drivers.scale.protocol import SEVEN_BITS

Entry = dict[str, object]

_NUMBER = re.compile(rb"[+-]?[ 0]*\d[\d.,]*")
_WORD = re.compile(rb"[A-Za-z?]+")
_MARKS = {0x01: "\x01", 0x02: "\x02", 0x03: "\x03"}

STATES = {"ST": "stable", "US": "moving", "OL": "over", "UL": "under"}
"""Words that mean the same with every maker. Single letters do not: S is stable with one and set with another."""

KINDS = {"GS": "gross", "NT": "net", "TR": "tare", "PT": "tare", "GR": "gross"}


@dataclass(frozen=True)
class Lesson:
    """A proposed entry, what it makes of each line, and what only a person can answer."""

    entry: Entry
    results: tuple[Weight | Skip, ...]
    questions: tuple[str, ...] = field(default=())


class NothingLearned(ValueError):
    """The lines hold no number that could be the weight; the text says why."""


def captured(data: bytes) -> list[bytes]:
    """The frames of a capture: by STX where it has one, else by line ends; cut ones at both ends left out."""
    data = data.translate(SEVEN_BITS)
    if b"\x02" in data:
        return re.findall(rb"\x02[^\x02\x03\r\n]*(?:\x03|\r\n?|\n)", data)
    return [line for line in re.split(rb"(?<=\n)|(?<=\r)(?!\n)", data) if line.strip()]


def learn(frames: Sequence[bytes], shown: Decimal | None = None) -> Lesson:
    """The entry that fits these frames. ``shown`` is the weight on the display while the first was sent.

    Raises `NothingLearned`.
    """
    if not frames:
        raise NothingLearned("the capture holds no whole frame")
    first = frames[0]
    start, end = _start(first), _end(first)
    body = first[: len(first) - len(end)]
    columns, decimals, factor = _value(body, shown)
    same = len({len(frame) for frame in frames}) == 1
    entry: Entry = {"start": start} if start else {}
    if end not in (b"\r\n", b"\r", b"\n", b""):
        entry["end"] = end.decode("latin-1")
    words = dict(_words(frames, columns, len(end)))
    if same:
        entry["positions"] = _positions({"value": columns, **words})
    else:
        entry["expression"] = _expression(body, columns, words)
    entry |= _meanings(frames, words)
    letters = _letters(frames, columns, words, len(end)) if same and "status" not in words else None
    if letters is not None:
        entry["positions"] = _positions({"value": columns, **words, "status": letters})
        entry["status"] = dict.fromkeys(_seen(frames, letters), "unknown")
    entry |= {"decimals": decimals} if decimals else {}
    entry |= {"factor": str(factor)} if factor != 1 else {}
    return Lesson(entry, tuple(_results(frames, entry)), tuple(_questions(frames, words, entry, letters)))


def _start(frame: bytes) -> str:
    return _MARKS.get(frame[0], "")


def _end(frame: bytes) -> bytes:
    match = re.search(rb"(?:\x03|\x02)?[\r\n]*$", frame[1:])
    return match[0] if match else b""


def _value(body: bytes, shown: Decimal | None) -> tuple[tuple[int, int], int, Decimal]:
    """Columns of the weight (from 0, end excluded), its implied decimals and its factor."""
    found = list(_NUMBER.finditer(body))
    if not found:
        raise NothingLearned(f"no number in {body!r}")
    if shown is None:
        match = max(found, key=lambda each: len(each[0]))
        return _widened(body, match), 0, Decimal(1)
    for match in found:
        scale = _scale(match[0], shown)
        if scale is not None:
            return (_widened(body, match), *scale)
    raise NothingLearned(f"none of the numbers in {body!r} is {shown}")


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


def _words(
    frames: Sequence[bytes], value: tuple[int, int], ends: int
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Unit, status and kind by words whose meaning is the same with every maker."""
    body = frames[0][: len(frames[0]) - ends]
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
) -> tuple[int, int] | None:
    """Columns of letters that nothing explains: of the first that vary, else of the first.

    They may be the word that says an overload some day; then the frame must not be a weight.
    """
    body = frames[0][: len(frames[0]) - ends]
    known = [value, *words.values()]
    spans = (match.span() for match in re.finditer(rb"[A-Za-z]+", body))
    free = [span for span in spans if all(span[1] <= begin or span[0] >= end for begin, end in known)]
    return next((span for span in free if len(_seen(frames, span)) > 1), free[0] if free else None)


def _seen(frames: Sequence[bytes], columns: tuple[int, int]) -> list[str]:
    """What stands in these columns, blanks apart."""
    words = {frame[columns[0] : columns[1]].strip(b" \x00").decode("latin-1") for frame in frames}
    return sorted(words - {""})


def _meanings(frames: Sequence[bytes], words: dict[str, tuple[int, int]]) -> Entry:
    known: dict[str, dict[str, str]] = {"status": STATES, "kind": KINDS}
    return {name: dict(known[name]) for name in words if name in known}


def _positions(places: dict[str, tuple[int, int]]) -> dict[str, str]:
    return {name: _span(place) for name, place in places.items()}


def _span(columns: tuple[int, int]) -> str:
    first, last = columns[0] + 1, columns[1]
    return str(first) if first == last else f"{first}-{last}"


def _expression(body: bytes, value: tuple[int, int], words: dict[str, tuple[int, int]]) -> str:
    """An expression with the same fields, any number of blanks, and everything else as it stands."""
    places = {columns: name for name, columns in words.items()} | {value: "value"}
    text, at = "", 0
    for columns in sorted(places):
        name = places[columns]
        inside = {"value": r"[+-]?[ ]*[\d.,]+", "unit": "[A-Za-z]{1,3}"}.get(name, "[A-Z]{2}")
        text += _literally(body[at : columns[0]]) + f" *(?P<{name}>{inside})"
        at = columns[1]
    return text + _literally(body[at:])


def _literally(text: bytes) -> str:
    return re.sub(r"(?:\\ | )+", " *", re.escape(text.decode("latin-1")))


def _results(frames: Sequence[bytes], entry: Entry) -> Iterator[Weight | Skip]:
    settings = settings_for(entry)
    for frame in frames:
        yield PATTERN.decode(frame, settings)


def _questions(
    frames: Sequence[bytes],
    words: dict[str, tuple[int, int]],
    entry: Entry,
    letters: tuple[int, int] | None,
) -> Iterator[str]:
    if "unit" not in words:
        yield "no unit stands in the line: set `unit`"
    if letters is not None:
        seen = ", ".join(_seen(frames, letters))
        yield f"columns {_span(letters)} say {seen}: which is motion? any other word is no weight (`status`)"
    elif "status" not in words:
        for column in _varying(frames):
            varying = sorted({chr(frame[column]) for frame in frames})
            yield f"column {column + 1} varies ({', '.join(varying)}): does it tell motion? then `status`"
    if not any(isinstance(result, Weight) for result in _results(frames, entry)):
        yield "the entry reads none of the lines: change it by hand"


def _varying(frames: Sequence[bytes]) -> Iterator[int]:
    """Columns in which letters differ from line to line."""
    for column in range(min(map(len, frames))):
        letters = {frame[column] for frame in frames}
        if len(letters) > 1 and all(chr(letter).isalpha() or letter in b"? " for letter in letters):
            yield column
