"""The reader on a small model that has one of everything: a case is YAML, a place, a code and some words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from record import yamlfile
from record.yamlfile import FileErrors, Problem, Remark, Severity, check, check_text, fault, load
from record.yamltree import MAX_BYTES, scalar


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Serial(Part):
    kind: Literal["serial"]
    port: Path
    baud: Annotated[int, Field(ge=50, le=115200)] = 9600
    serial: str = ""


class Network(Part):
    kind: Literal["network"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]


class Branch(Part):
    name: str
    branches: tuple[Branch, ...] = ()


class Machine(Part):
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    line: Annotated[Serial | Network, Field(discriminator="kind")]
    weight: Decimal = Decimal(0)
    span_m: Decimal = Decimal(0)
    made: date | None = None
    wait: timedelta = timedelta(seconds=1)
    factor: Annotated[float, Field(gt=0, lt=2)] = 1.0
    colour: Colour | None = None
    speed: int | Literal["auto"] = "auto"
    ranges: tuple[tuple[int, int], ...] = ()
    extras: list[Serial | str] = Field(default_factory=list)

    @field_validator("weight")
    @classmethod
    def even(cls, weight: Decimal) -> Decimal:
        if weight < 0:
            raise ValueError("a weight is not negative")
        return weight

    @model_validator(mode="after")
    def green_is_slow(self) -> Self:
        if self.colour is Colour.GREEN and self.speed == 9:
            raise fault("config.too_large", at=("speed",), bound=8)
        return self


class Plant(Part):
    machines: Annotated[tuple[Machine, ...], Field(min_length=1, max_length=3)]
    tares: dict[Annotated[str, Field(pattern=r"^[A-Z]$")], Decimal] = Field(default_factory=dict)
    tree: Branch | None = None
    on: bool = True
    password: SecretStr | None = None
    version: str = ""


HEAD = "machines:\n- {name: m, line: {kind: serial, port: /dev/a}}\n"
"""A right file of two lines, for cases that go on below it."""

MACHINE = "machines:\n- name: m\n  line: {kind: serial, port: /dev/a}\n"
"""The same, for cases that go on inside the machine, from line 4."""


def problems(text: str | bytes) -> list[Problem]:
    value, found = check_text(text, Plant)
    assert (value is None) == any(problem.severity is Severity.ERROR for problem in found)
    return found


YAML = {
    "nothing at all": ("", "1:1", "yaml.empty", "empty"),
    "remarks only": ("# soon\n", "1:1", "yaml.empty", "empty"),
    "a tab as indentation": ("on: true\nmachines:\n\t- a\n", "3:1", "yaml.tab", "spaces"),
    "a tab after spaces": ("tree:\n  \tname: a\n", "2:3", "yaml.tab", "spaces"),
    "no space after the colon": ("on: true\nversion:1\n", "2:1", "yaml.no_colon", "version:1"),
    "a colon in a value": ("version: a: b\n", "1:11", "yaml.colon", "quotes"),
    "a step to the right": ("on: true\n  version: a\n", "2:10", "yaml.colon", "indentation"),
    "a step between two": ("tree:\n    name: a\n  x: b\n", "3:3", "yaml.indentation", "x: b"),
    "a dash among keys": ("on: true\n- a\n", "2:1", "yaml.dash", "- a"),
    "quotes left open": ("on: true\nversion: 'a\nb: 1\n", "2:10", "yaml.quote_open", "never closed"),
    "quotes left open before a document": ("version: 'a\n---\n", "1:10", "yaml.quote_open", "never"),
    "a Windows path in double quotes": ('version: "C:\\data"\n', "1:14", "yaml.escape", "single quotes"),
    "a bracket left open": ("machines: [1, 2\non: true\n", "1:11", "yaml.bracket_open", "comma"),
    "a brace left open": ("tree: {name: a\n", "1:7", "yaml.bracket_open", "comma"),
    "a list that never begins": ("machines: [\n", "2:1", "yaml.ends_early", "too early"),
    "a value that begins with @": ("version: @a\n", "1:10", "yaml.reserved_character", "@a"),
    "a value that begins with a backtick": ("version: `a\n", "1:10", "yaml.reserved_character", "`a"),
    "an alias without anchor": ("version: *a\n", "1:10", "yaml.alias_unknown", "*a"),
    "an alias of itself": ("machines: &a [*a]\n", "1:11", "yaml.alias_loop", "itself"),
    "a second document": ("on: true\n---\non: false\n", "2:1", "yaml.documents", "one"),
    "a class of Python": (HEAD + "version: !!python/name:os.system a\n", "3:10", "yaml.tag", "os.system"),
    "a tag of one's own": (HEAD + "version: !secret a\n", "3:10", "yaml.tag", "!secret"),
    "a list as key": (HEAD + "? [a]\n: b\n", "3:3", "yaml.key_not_text", "text"),
    "no key": (HEAD + "~: b\n", "3:1", "yaml.key_not_text", "text"),
    "a key twice": (HEAD + "on: true\non: true\n", "4:1", "yaml.duplicate_key", "line 3"),
    "a key twice, once in quotes": (HEAD + "on: true\n'on': true\n", "4:1", "yaml.duplicate_key", "line 3"),
    "a merge of no mapping": (HEAD + "<<: a\n", "3:5", "yaml.merge", "alias"),
    "Latin-1": (b"on: true\nversion: Dep\xf3sito\n", "2:13", "yaml.not_utf8", "0xf3"),
    "UTF-16": ("on: true\n".encode("utf-16"), "1:1", "yaml.not_utf8", "0xff"),
    "a NUL": (HEAD + "version: a\0b\n", "3:11", "yaml.control_character", "U+0000"),
    "an escape sequence": ("\ufeffversion: \x1b[31m\n", "1:10", "yaml.control_character", "U+001B"),
    "half a surrogate pair": (HEAD + 'version: "\\ud800"\n', "3:10", "yaml.control_character", "U+D800"),
    "half a surrogate pair in a key": (HEAD + '"\\udc00": a\n', "3:1", "yaml.control_character", "U+DC00"),
    "fifty brackets": ("machines: " + "[" * 50, "1:50", "yaml.too_deep", "40"),
    "a first line further in than the second": (
        "  on: true\nversion: a\n",
        "2:1",
        "yaml.indentation",
        "version: a",
    ),
    "a comma too many": ("machines: [1,, 2]\n", "1:14", "yaml.no_value", "expected here"),
    "a value that begins with a bar": ("version: |a\n", "1:10", "yaml.reserved_character", "|a"),
    "a value that begins with an ampersand": ("version: & a\n", "1:10", "yaml.reserved_character", "& a"),
    "no YAML at all": ("%PDF-1.4\n", "1:1", "yaml.reserved_character", "%PDF"),
    "a directive of another YAML": ("%YAML 3.0\n---\na: 1\n", "1:1", "yaml.syntax", "version 1"),
}


@pytest.mark.parametrize("case", YAML)
def test_what_is_no_yaml_of_ours(case: str) -> None:
    text, place, code, words = YAML[case]
    first = next(problem for problem in problems(text) if problem.code.startswith("yaml."))
    assert (f"{first.line}:{first.column}", first.code) == (place, code)
    assert words in first.text("en")
    assert first.text("es") != first.text("en")


VALUES = {
    "an unknown key": (HEAD + "colour: red\n", "3:1", "config.unknown_key", "belongs in 'machines'"),
    "a typing error": (HEAD + "verzion: a\n", "3:1", "config.unknown_key", "mean 'version'"),
    "a hyphen for an underscore": (HEAD + "pass-word: a\n", "3:1", "config.unknown_key", "mean 'password'"),
    "a key of the top further in": (
        MACHINE + "  tares: {}\n",
        "4:3",
        "config.unknown_key",
        "beginning of a line",
    ),
    "a key like no other": (
        HEAD + "tree: {name: a, zzz: 1}\n",
        "3:17",
        "config.unknown_key",
        "are: branches",
    ),
    "a key of the other variant": (
        "machines:\n- name: m\n  line:\n    kind: serial\n    port: /a\n    host: b\n",
        "6:5",
        "config.unknown_key",
        "goes with 'kind: network'",
    ),
    "a key missing": ("on: true\n", "1:1", "config.missing_key", "'machines'"),
    "a key missing inside": (
        "machines:\n- name: m\n- line: {kind: network, host: a}\n  name: b\n",
        "2:3",
        "config.missing_key",
        "'line'",
    ),
    "a key missing in a variant": (
        "machines:\n- name: m\n  line: {kind: network, host: a}\n",
        "3:9",
        "config.missing_key",
        "'port'",
    ),
    "no variant chosen": (
        "machines:\n- name: m\n  line: {port: 1}\n",
        "3:9",
        "config.missing_key",
        "serial, network",
    ),
    "a variant that is not": (
        "machines:\n- name: m\n  line: {kind: serie, port: 1}\n",
        "3:16",
        "config.not_one_of",
        "mean 'serial'",
    ),
    "a value missing": (HEAD + "on:\n", "3:1", "config.empty_value", "missing"),
    "null for a value": (HEAD + "on: null\n", "3:5", "config.empty_value", "missing"),
    "YAML 1.1's NO": (HEAD + "on: NO\n", "3:5", "config.expected_bool", "found NO; write false"),
    "sí": (HEAD + "on: sí\n", "3:5", "config.expected_bool", "write true"),
    "True": (HEAD + "on: True\n", "3:5", "config.expected_bool", "write true"),
    "a boolean in quotes": (HEAD + 'on: "true"\n', "3:5", "config.expected_bool", 'found "true"; write true'),
    "a leading zero": (MACHINE + "  speed: 0123\n", "4:10", "config.no_variant", "a number, auto"),
    "a baud with a leading zero": (
        "machines:\n- name: m\n  line: {kind: serial, port: /a, baud: 09600}\n",
        "3:40",
        "config.expected_int",
        "write 9600",
    ),
    "a baud in quotes": (
        "machines:\n- name: m\n  line: {kind: serial, port: /a, baud: '9600'}\n",
        "3:40",
        "config.expected_int",
        'found "9600"; write 9600',
    ),
    "a time of day for a number": (
        "machines:\n- name: m\n  line: {kind: serial, port: /a, baud: 12:30}\n",
        "3:40",
        "config.expected_int",
        "found 12:30",
    ),
    "a fraction for a whole number": (
        "machines:\n- name: m\n  line: {kind: network, host: a, port: 1.5}\n",
        "3:40",
        "config.expected_int",
        "found 1.5",
    ),
    "a number for a text": (HEAD + "version: 1.10\n", "3:10", "config.text_quotes", 'write "1.10"'),
    "a list for a text": (HEAD + "version: [a]\n", "3:10", "config.expected_text", "found a list"),
    "a mapping for a text": (HEAD + "version: {a: 1}\n", "3:10", "config.expected_text", "a group of keys"),
    "a number for a path": (
        "machines:\n- name: m\n  line: {kind: serial, port: 3}\n",
        "3:30",
        "config.text_quotes",
        'write "3"',
    ),
    "a decimal comma": (MACHINE + "  weight: 2,5\n", "4:11", "config.expected_number", "write 2.5"),
    "a unit after a number": (MACHINE + "  weight: 25 kg\n", "4:11", "config.expected_number", "found 25 kg"),
    "the unit that the key names": (
        MACHINE + "  span_m: 2,5 m\n",
        "4:11",
        "config.expected_number",
        "write 2.5",
    ),
    "spaces between thousands": (
        MACHINE + "  span_m: 2 500\n",
        "4:11",
        "config.expected_number",
        "write 2500",
    ),
    "a date as people write it": (
        MACHINE + "  made: 30/6/2027\n",
        "4:9",
        "config.expected_date",
        "write 2027-06-30",
    ),
    "no date at all": (MACHINE + "  made: 31/2/2027\n", "4:9", "config.expected_date", "found 31/2/2027"),
    "too small": (
        "machines:\n- name: m\n  line: {kind: serial, port: /a, baud: 9}\n",
        "3:40",
        "config.too_small",
        "50",
    ),
    "too large": (
        "machines:\n- name: m\n  line: {kind: network, host: a, port: 70000}\n",
        "3:40",
        "config.too_large",
        "65535",
    ),
    "not above zero": (MACHINE + "  factor: 0\n", "4:11", "config.too_small_strict", "more than 0"),
    "not below two": (MACHINE + "  factor: 2.0\n", "4:11", "config.too_large_strict", "less than 2"),
    "a duration in words": (MACHINE + "  wait: soon\n", "4:9", "config.expected_duration", "duration"),
    "a value of a list that is not in it": (
        MACHINE + "  colour: gren\n",
        "4:11",
        "config.not_one_of",
        "mean 'green'",
    ),
    "a value like none": (MACHINE + "  colour: x\n", "4:11", "config.not_one_of", "red, green"),
    "a form": (
        "machines:\n- name: Muelle 1\n  line: {kind: serial, port: /a}\n",
        "2:9",
        "config.pattern",
        "small letters",
    ),
    "a list for a mapping": ("- a\n", "1:1", "config.expected_mapping", "found a list"),
    "a text for a mapping": ("plant\n", "1:1", "config.expected_mapping", "found plant"),
    "a mapping for a list": ("machines: {name: m}\n", "1:11", "config.expected_list", "a group of keys"),
    "no item": ("machines: []\n", "1:11", "config.too_few", "1 or more, found an empty list"),
    "too many items": ("machines: [1, 2, 3, 4]\n", "1:12", "config.expected_mapping", "found 1"),
    "an item of a list of lists": (
        MACHINE + "  ranges:\n  - [1, 2]\n  - [3, x]\n",
        "6:9",
        "config.expected_int",
        "x",
    ),
    "an item missing": (MACHINE + "  ranges:\n  - [1]\n", "5:5", "config.missing_key", "'1'"),
    "no form of a union": (MACHINE + "  speed: fast\n", "4:10", "config.no_variant", "a number, auto"),
    "nearly a value of a union": (MACHINE + "  speed: Auto\n", "4:10", "config.no_variant", "mean 'auto'"),
    "inside a member of a union": (
        MACHINE + "  extras:\n  - some text\n  - kind: serial\n    port: /a\n    bauds: 9600\n",
        "8:5",
        "config.unknown_key",
        "mean 'baud'",
    ),
    "a key of the wrong form": (HEAD + "tares:\n  A: 1\n  bb: 2\n", "5:3", "config.bad_key", "'bb'"),
    "a value under a free key": (HEAD + "tares:\n  A: 1\n  B: x\n", "5:6", "config.expected_number", "x"),
    "deep in a recursive model": (
        HEAD + "tree:\n  name: a\n  branches:\n  - name: b\n    branches:\n    - nam: c\n",
        "8:7",
        "config.unknown_key",
        "mean 'name'",
    ),
    "a validator of ours, at a path": (
        MACHINE + "  colour: green\n  speed: 9\n",
        "5:10",
        "config.too_large",
        "8",
    ),
    "a validator of anybody": (MACHINE + "  weight: -1\n", "4:11", "config.invalid", "not negative"),
    "a secret is not shown": (
        HEAD + "password: 12345\n",
        "3:11",
        "config.text_quotes",
        "a secret (not shown)",
    ),
}


@pytest.mark.parametrize("case", VALUES)
def test_what_a_model_finds(case: str) -> None:
    text, place, code, words = VALUES[case]
    first = problems(text)[0]
    assert (f"{first.line}:{first.column}", first.code) == (place, code), first.line_text("en")
    assert words in first.text("en")
    assert first.text("es") != first.text("en")


def test_a_secret_is_shown_nowhere() -> None:
    for text in (HEAD + "password: 12345\n", HEAD + "password: 'abc12345\n", HEAD + "password: @12345\n"):
        for problem in problems(text):
            assert "12345" not in json.dumps(problem.as_json())


def test_one_mistake_is_told_once() -> None:
    texts = [
        HEAD + "verzion: a\n",
        "machines:\n- nane: m\n  line: {kind: serial, port: /a}\n",
        "machines: [1]\n",
    ]
    assert [len(problems(text)) for text in texts] == [1, 1, 1]


def test_all_mistakes_are_told_in_the_order_of_the_file() -> None:
    text = "on: NO\nmachines:\n- name: M\n  line: {kind: serial, port: 1, baud: x}\nversion: 1\non: true\n"
    places = [(problem.line, problem.column) for problem in problems(text)]
    assert places == sorted(places)
    assert len(places) == 6


RIGHT = """\
machines:
- name: m-1
  line: &line
    kind: serial
    port: /dev/serial/by-id/usb-1
    baud: 4800
    serial: 0123
  weight: 12.5
  wait: PT1.5S
  ranges: [[1, 2], [3, 4]]
  extras: [text, {kind: serial, port: /dev/b}]
- name: m-2
  line:
    <<: *line
    baud: 9600
  weight: "0.10"
  speed: 7
  colour: red
tares: {A: 2200, B: 0.1}
on: false
version: 12:30
"""


def test_a_right_file_is_what_it_says() -> None:
    plant, found = check_text(RIGHT, Plant)
    assert found == []
    assert plant is not None
    first, second = plant.machines
    assert isinstance(first.line, Serial)
    assert first.line.port == Path("/dev/serial/by-id/usb-1")
    assert first.line.serial == "0123"
    assert first.weight == Decimal("12.5")
    assert first.wait == timedelta(seconds=1.5)
    assert first.ranges == ((1, 2), (3, 4))
    assert first.extras == ["text", Serial(kind="serial", port=Path("/dev/b"))]
    assert second.line == Serial(kind="serial", port=first.line.port, baud=9600, serial="0123")
    assert (second.speed, second.colour) == (7, Colour.RED)
    assert plant.tares == {"A": Decimal(2200), "B": Decimal("0.1")}
    assert plant.on is False
    assert plant.version == "12:30"


def test_an_error_in_what_was_merged_is_shown_where_it_is_written() -> None:
    text = RIGHT.replace("baud: 4800", "baud: fast").replace("baud: 9600", "serial: b")
    assert {(problem.line, problem.column, problem.path) for problem in problems(text)} == {
        (6, 11, "machines[0].line.baud"),
        (6, 11, "machines[1].line.baud"),
    }


def test_a_byte_order_mark_and_windows_lines_make_no_difference() -> None:
    text = "\ufeff" + (HEAD + "version: 3\n").replace("\n", "\r\n")
    assert [(problem.line, problem.column) for problem in problems(text)] == [(3, 10)]


def test_columns_count_characters() -> None:
    assert [(p.line, p.column) for p in problems(HEAD + "tree: {name: ñandú, x: 1}\n")] == [(3, 21)]


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    found = problems("\n".join(lines))
    assert [problem.code for problem in found] == ["yaml.too_many"]


def test_a_flood_of_values_is_refused_before_it_is_read_through() -> None:
    (found,) = problems("\n".join(f"k{n}: [1, 2, 3]" for n in range(12_000)))
    assert found.code == "yaml.too_many"
    assert found.line <= 4_000


def test_a_huge_file_is_refused_unread() -> None:
    found = problems("version: " + "a" * MAX_BYTES)
    assert [problem.code for problem in found] == ["yaml.too_large"]


def test_a_text_that_no_file_can_hold_is_told_like_any_other() -> None:
    assert [problem.code for problem in problems(HEAD + "version: \ud800\n")] == ["yaml.not_utf8"]


def test_an_endless_file_is_not_read_to_its_end() -> None:
    assert [problem.code for problem in check(Path("/dev/zero"), Plant)[1]] == ["yaml.too_large"]


TRAPS = [
    "NO",
    "yes",
    "Off",
    "True",
    "12:30",
    "0123",
    "1_000",
    "0x1F",
    "0o17",
    "+5",
    ".5",
    "1.",
    ".inf",
    ".nan",
]


@pytest.mark.parametrize("text", [*TRAPS, "1e999", "2026-11-24", "=", "1e", "Null", "NaN"])
def test_what_other_dialects_read_as_values_stays_text(text: str) -> None:
    assert scalar(text) == text


def test_json_s_values_are_values() -> None:
    written = ["null", "~", "", "true", "false", "0", "-7", "1.50", "1e3"]
    assert [scalar(text) for text in written] == [None, None, None, True, False, 0, -7, 1.5, 1000.0]


def always(plant: Plant) -> list[Remark]:
    """Two machines on one port are an error, a missing version is worth a word."""
    ports = [machine.line.port for machine in plant.machines]
    twice = [i for i, port in enumerate(ports) if port in ports[:i]]
    remarks = [Remark(("machines", i, "line", "port"), "config.invalid", {"reason": "twice"}) for i in twice]
    if not plant.version:
        remarks.append(Remark(("version",), "config.missing_key", {"key": "version"}, Severity.WARNING))
    return remarks


def test_a_check_of_meaning_is_shown_in_its_place() -> None:
    text = MACHINE + "- name: n\n  line:\n    kind: serial\n    port: /dev/a\n"
    value, found = check_text(text, Plant, [always])
    assert value is None
    assert [(p.line, p.column, p.severity) for p in found] == [(1, 1, "warning"), (7, 11, "error")]
    assert found[0].line_text("es").startswith("-:1:1: aviso: version: ")
    assert yamlfile.exit_code(found) == 78


def test_a_warning_does_not_stop_anybody() -> None:
    value, found = check_text(HEAD, Plant, [always])
    assert value is not None
    assert [problem.severity for problem in found] == [Severity.WARNING]
    assert yamlfile.exit_code(found) == 0


def test_load_gives_the_model_or_all_problems(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(HEAD, encoding="utf-8")
    assert load(path, Plant, [always]).machines[0].name == "m"
    path.write_text("on: NO\n", encoding="utf-8")
    with pytest.raises(FileErrors) as caught:
        load(path, Plant)
    assert f"{path}:1:5: on: " in str(caught.value)
    assert [problem.code for problem in caught.value.problems] == [
        "config.missing_key",
        "config.expected_bool",
    ]


def test_a_file_that_cannot_be_read_is_no_wrong_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        value, found = check(path, Plant)
        assert value is None
        assert [problem.code for problem in found] == ["yaml.unreadable"]
        assert yamlfile.exit_code(found) == 1


def test_a_problem_is_told_to_machines_in_every_language() -> None:
    told: dict[str, Any] = problems("on: NO\n")[1].as_json()
    assert {key: told[key] for key in ("line", "column", "path", "code", "severity")} == {
        "line": 1,
        "column": 5,
        "path": "on",
        "code": "config.expected_bool",
        "severity": "error",
    }
    assert "escriba false" in told["es"]
    assert "write false" in told["en"]


def test_hostile_text_reaches_no_terminal() -> None:
    line = problems(HEAD + 'on: "\\e[2Jgone\\u202e"\n')[0].line_text()
    assert line.isprintable()


@given(st.text(max_size=60) | st.text(alphabet=" -:#&*!|>'\"{}[],\n\tab0?<%@", max_size=40))
def test_no_text_is_too_strange(text: str) -> None:
    for problem in problems(HEAD + text):
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.line_text("es").isprintable()


@given(st.binary(max_size=60))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    assert all(problem.line_text("en") for problem in problems(content))
