"""Pydantic's paths read beside its schema: which steps are keys, and which are tags and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Discriminator, Field, RootModel, Tag
from typing_extensions import TypedDict

from record.yamlfile import check_text
from record.yamlshape import Shape, keys, locate


class Serial(BaseModel):
    kind: Literal["serial"]
    serial: int = 0
    port: str = ""


class Port(BaseModel):
    kind: Literal["port"]
    port: int


class Pair(TypedDict):
    left: int
    right: int


@dataclass
class Point:
    x: int
    y: int = 0


def by_size(value: Any) -> str:
    return "large" if isinstance(value, dict) else "small"


class Everything(BaseModel, extra="forbid"):
    line: Annotated[Serial | Port, Field(discriminator="kind")] | None = None
    lines: dict[str, list[Annotated[Serial | Port, Field(discriminator="kind")]]] = {}
    pair: Pair | None = None
    point: Point | None = None
    triple: tuple[int, str, Port] | None = None
    sized: Annotated[Annotated[Port, Tag("large")] | Annotated[int, Tag("small")], Discriminator(by_size)] = 0
    checked: Annotated[int, BeforeValidator(lambda v: v), AfterValidator(lambda v: v)] | Literal["auto"] = (
        "auto"
    )
    other: int = Field(default=0, alias="another")
    names: RootModel[list[Port]] | None = None


ROOT = Shape.of(Everything)


@pytest.mark.parametrize(
    ("loc", "path"),
    [
        (("line", "serial", "serial"), ("line", "serial")),
        (("line", "port", "port"), ("line", "port")),
        (("lines", "a", 1, "port", "port"), ("lines", "a", 1, "port")),
        (("lines", "a", "[key]"), ("lines", "a")),
        (("pair", "left"), ("pair", "left")),
        (("point", "x"), ("point", "x")),
        (("triple", 2, "port"), ("triple", 2, "port")),
        (("sized", "large", "port"), ("sized", "port")),
        (("another",), ("another",)),
        (("names", 0, "port"), ("names", 0, "port")),
        (("nothing", "known", 3), ("nothing", "known", 3)),
    ],
)
def test_tags_are_no_keys(loc: tuple[str | int, ...], path: tuple[str | int, ...]) -> None:
    assert locate(ROOT, loc).path == path


def test_the_paths_are_those_of_real_errors() -> None:
    text = """\
line: {kind: port, port: a}
lines: {a: [{kind: serial, serial: 1}, {kind: port, port: b}]}
pair: {left: 1, right: c}
point: {x: d}
triple: [1, e, {kind: port, port: f}]
sized: {kind: port, port: g}
checked: h
another: i
names: [{kind: port, port: j}]
"""
    _, problems = check_text(text, Everything)
    lines = text.splitlines()
    shown = [lines[problem.line - 1][problem.column - 1] for problem in problems]
    assert shown == ["a", "b", "c", "d", "f", "g", "h", "i", "j"]


def test_keys_are_known_by_the_names_that_a_file_uses() -> None:
    fields = ROOT.fields()
    assert "another" in fields
    assert "other" not in fields
    assert set(fields["line"].fields()) == {"kind", "serial", "port"}
    assert ("lines", "serial") in set(keys(ROOT))
    assert ("point", "y") in set(keys(ROOT))


def test_closed_sets_are_told_as_a_file_writes_them() -> None:
    class Choice(BaseModel):
        one: Literal["a", 1, True]
        two: Annotated[Serial | Port, Field(discriminator="kind")]
        three: int | Literal["auto"]

    fields = Shape.of(Choice).fields()
    assert fields["one"].values() == ["a", "1", "true"]
    assert fields["two"].values() == ["serial", "port"]
    assert (fields["three"].values(), fields["three"].kinds()) == (["auto"], ["number"])


def test_a_variant_chosen_by_code_is_told_without_a_key() -> None:
    _, problems = check_text("sized: [1]\n", Everything)
    assert [(problem.line, problem.column) for problem in problems] == [(1, 8)]
