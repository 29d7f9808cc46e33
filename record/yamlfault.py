"""What is wrong with a text that should be YAML: a code of the catalogue, its place, its parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

Step = str | int
Path = tuple[Step, ...]
"""Keys and indices from the root to a value."""

SHOWN = 60
"""Characters of a value or a line that a message repeats."""

SECRET = re.compile(r"(^|[_-])(password|passphrase|secret|token|pin|clave)([_-]|$)", re.IGNORECASE)
"""Keys whose values are never shown."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text; line and column count from 1, the column in characters."""

    line: int
    column: int


START = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the YAML itself: a code of the message catalogue, its place and its parameters."""

    code: str
    mark: Mark
    path: Path = ()
    params: dict[str, object] = field(default_factory=dict)


class FaultError(Exception):
    """The text cannot be read on; carries the one fault that stopped it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"{fault.mark.line}:{fault.mark.column}: {fault.code} {fault.params}")


def mark_of(mark: yaml.Mark) -> Mark:
    """Ours for PyYAML's, which counts from 0."""
    return Mark(mark.line + 1, mark.column + 1)


_SYNTAX = (
    (r"found character '\\t'", "yaml.tab", False),
    (r"found character .* that cannot start any token", "yaml.reserved_character", False),
    (r"mapping values are not allowed here", "yaml.colon", False),
    (r"could not find expected ':'", "yaml.no_colon", True),
    (r"found unexpected end of stream", "yaml.quote_open", True),
    (r"found unexpected document separator", "yaml.quote_open", True),
    (r"unknown escape character", "yaml.escape", False),
    (r"expected escape sequence", "yaml.escape", False),
    (r"expected ',' or '[\]}]'", "yaml.bracket_open", True),
    (r"expected <block end>, but found '-'", "yaml.dash", False),
    (r"expected <block end>", "yaml.indentation", False),
    (r"sequence entries are not allowed here", "yaml.dash", False),
    (r"block sequence entries are not allowed", "yaml.dash", False),
    (r"found undefined alias", "yaml.alias_unknown", False),
    (r"but found another document", "yaml.documents", False),
    (r"but found '<stream end>'", "yaml.ends_early", False),
    (r"expected '<document start>'", "yaml.indentation", False),
    (r"expected the node content", "yaml.no_value", False),
    (
        r"expected (a comment or a line break|chomping|indentation|alphabetic)",
        "yaml.reserved_character",
        True,
    ),
)
"""PyYAML's words, our code, and whether the place is where the broken thing began (else where it showed)."""


def syntax(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """PyYAML's complaint in our words; a tab in the indentation is named whatever it led to."""
    problem = error.problem or str(error)
    code, at_start = "yaml.syntax", False
    for pattern, candidate, start in _SYNTAX:
        if re.search(pattern, problem):
            code, at_start = candidate, start
            break
    mark = error.context_mark if at_start and error.context_mark else error.problem_mark
    place = mark_of(mark) if mark else START
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        code, place = "yaml.tab", Mark(place.line, indent.index("\t") + 1)
    return Fault(code, place, params={"line": _shown(line.strip()), "problem": problem})


def _shown(line: str) -> str:
    """A line that a message repeats: short, and without the value of a secret."""
    key = re.match(r"[-\s]*([\w-]+)\s*:", line)
    if key and is_secret((key[1],)):
        return f"{key[1]}: …"
    return short(line)


def short(text: str) -> str:
    """A text cut to what a message can repeat."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def is_secret(path: Path) -> bool:
    """Whether the value at a path must never be shown; the name of a file or credential that holds it may."""
    names = [step for step in path if isinstance(step, str)]
    return any(SECRET.search(name) and not name.endswith(("_file", "_credential")) for name in names)
