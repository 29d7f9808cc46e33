"""The strict reader of every configuration file: YAML to a pydantic model, each problem with its place.

A model is validated in JSON's strict mode: a text is no number, a number is no text, `NO` is no boolean;
paths, decimals, durations and enumerations are written as text (decimals also as numbers). What YAML itself
says, what the model finds and what checks of meaning remark becomes one list of `Problem`, sorted by place:

    site.yaml:14:7: lanes[0].scale.baud: it has to be a whole number, found 09600; write 9600
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from record import yamltree
from record.messages import LANGUAGES, Phrase, text
from record.system_reason import reason
from record.yamlfault import Fault, FaultError, Mark, Path
from record.yamlproblem import Remark, Severity, Told, tell
from record.yamlshape import Shape
from record.yamltree import Tree

__all__ = ["Check", "FileErrors", "Problem", "Remark", "Severity", "check", "check_text", "fault", "load"]

M = TypeVar("M", bound=BaseModel)

Check = Callable[[M], Iterable[Remark]]
"""A check of meaning: a whole, valid model in, remarks out."""

EXIT_RIGHT = 0
EXIT_OTHER = 1
EXIT_WRONG = 78
"""EX_CONFIG of sysexits.h; systemd does not restart a service that ends with it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a file; line and column count from 1, ``path`` reads ``lanes[0].scale.port``."""

    file: str
    line: int
    column: int
    path: str
    code: str
    severity: Severity = Severity.ERROR
    params: Mapping[str, object] = field(default_factory=dict)
    found: str | Phrase | None = None
    meant: Phrase | None = None

    def text(self, lang: str = LANGUAGES[0]) -> str:
        """What is wrong, what was found and what is meant, in ``lang``."""
        words = text(self.code, lang=lang, **self.params)
        if self.found is not None:
            words += ", " + text("config.found", lang=lang, found=self.found)
        if self.meant is not None:
            words += "; " + self.meant.text(lang)
        return words

    def line_text(self, lang: str = LANGUAGES[0]) -> str:
        """The whole line that `check` prints; a warning says that it is one."""
        where = f"{self.file}:{self.line}:{self.column}: "
        path = f"{self.path}: " if self.path else ""
        kind = "" if self.severity is Severity.ERROR else text("config.warning", lang=lang) + ": "
        return where + kind + path + self.text(lang)

    def as_json(self) -> dict[str, Any]:
        """The problem for machines, with its words in every language."""
        place = {"file": self.file, "line": self.line, "column": self.column, "path": self.path}
        words = {lang: self.text(lang) for lang in LANGUAGES}
        return {**place, "code": self.code, "severity": str(self.severity), **words}


class FileErrors(Exception):  # it holds several
    """A file cannot be used; ``problems`` says why. Retrying helps only when the file could not be read."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.line_text("en") for problem in problems))


def load(path: FilePath, model: type[M], checks: Sequence[Check[M]] = ()) -> M:
    """The file as a model.

    Raises:
        FileErrors: it cannot be read or is wrong; warnings alone do not raise.
    """
    value, problems = check(path, model, checks)
    if value is None:
        raise FileErrors(problems)
    return value


def check(path: FilePath, model: type[M], checks: Sequence[Check[M]] = ()) -> tuple[M | None, list[Problem]]:
    """The model, None when there is an error, and all problems. Never raises for what a file holds."""
    try:
        with path.open("rb") as file:
            content = file.read(yamltree.MAX_BYTES + 1)
    except OSError as error:
        return None, [Problem(str(path), 1, 1, "", "yaml.unreadable", params={"reason": reason(error)})]
    return check_text(content, model, checks, name=str(path))


def check_text(
    content: bytes | str, model: type[M], checks: Sequence[Check[M]] = (), name: str = "-"
) -> tuple[M | None, list[Problem]]:
    """The same for a text that is in no file yet, such as one edited on a page."""
    try:
        tree = yamltree.parse(content.encode(errors="surrogatepass") if isinstance(content, str) else content)
    except FaultError as error:
        return None, [_of_fault(name, error.fault)]
    problems = [_of_fault(name, fault) for fault in tree.faults]
    value = None
    try:
        value = model.model_validate_json(json.dumps(tree.root.data()), strict=True)
    except ValidationError as error:
        told = tell(error.errors(include_url=False), tree, Shape.of(model))
        problems += [_of_told(name, tree, item) for item in told]
    if value is not None and not problems:
        problems += [_of_remark(name, tree, remark) for each in checks for remark in each(value)]
    problems.sort(key=lambda problem: (problem.line, problem.column))
    wrong = any(problem.severity is Severity.ERROR for problem in problems)
    return (None if wrong else value), problems


def fault(code: str, at: Path = (), **params: object) -> PydanticCustomError:
    """What a model's own validator raises: the catalogue's ``code``, at a path below the validated value."""
    words = text(code, lang="en", **params).replace("{", "(").replace("}", ")")
    return PydanticCustomError(code, words, {"at": at, "params": params})


def exit_code(problems: Iterable[Problem]) -> int:
    """0 right (warnings allowed), 78 the file is wrong, 1 it could not be read at all."""
    wrong = [problem for problem in problems if problem.severity is Severity.ERROR]
    if any(problem.code == "yaml.unreadable" for problem in wrong):
        return EXIT_OTHER
    return EXIT_WRONG if wrong else EXIT_RIGHT


def dotted(path: Path) -> str:
    """A path as people write it: ``lanes[0].scale.port``."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        elif step.replace("-", "_").isidentifier():
            words += f".{step}" if words else step
        else:
            words += f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
    return words


def _of_fault(name: str, fault: Fault) -> Problem:
    return Problem(
        name, fault.mark.line, fault.mark.column, dotted(fault.path), fault.code, params=fault.params
    )


def _of_told(name: str, tree: Tree, told: Told) -> Problem:
    mark = _mark(tree, told.path, told.at_key)
    path = dotted(told.path)
    return Problem(
        name, mark.line, mark.column, path, told.code, params=told.params, found=told.found, meant=told.meant
    )


def _of_remark(name: str, tree: Tree, remark: Remark) -> Problem:
    mark = _mark(tree, remark.path, remark.at_key)
    path = dotted(remark.path)
    return Problem(name, mark.line, mark.column, path, remark.code, remark.severity, remark.params)


def _mark(tree: Tree, path: Path, at_key: bool) -> Mark:
    return tree.key_mark(path) if at_key else tree.mark(path)
