"""``iie-gateway replay``: decided the same again, or the difference in words; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.commands import replay as module
from gateway.preadvice.book import Announcements
from gateway.site.checks import read_site
from gateway.story.book import read
from gateway.story.line import StoryLine
from gateway.story.story import START, heard_of
from gateway.tape.tape import Header, Scribe, TapeWriter
from record.base import timestamp
from record.codes import shipped
from record.identifiers.identify import identify

BOOK = Path(__file__).parents[1] / "stories"


def run(*arguments: object) -> Result:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.replay)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tape of a truck that a person typed something for."""
    folder = tmp_path_factory.mktemp("data") / "tapes" / "carril-1"
    site, numbers = read_site(BOOK / "site.yaml"), count(1)
    header = Header("carril-1", site, "1", "test", timestamp(START), 0.0)
    memory = Memory(Announcements.read(BOOK / "preadvice.yaml"))
    here = Circumstances("test", "1")

    def make(known: Any, new_id: Any) -> Clerk:
        recognise = partial(identify, codes=shipped())
        return Clerk(site, site.lanes[0], known, recognise, lambda: here, new_id)

    with closing(TapeWriter(folder, lambda: header)) as writer:
        scribe = Scribe(make, memory, lambda: f"id-{next(numbers)}", writer.write)
        for line in [*read(BOOK / "a_typed_weight_against_the_scale.jsonl"), StoryLine(t=3600)]:
            for heard in heard_of(line, scribe.clerk):
                scribe.hear(heard)
    yield next(folder.glob("*.jsonl"))


def changed(tape: Path, folder: Path, old: str, new: str) -> Path:
    text = tape.read_text(encoding="utf-8")
    assert old in text
    copy = folder / "tape.jsonl"
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_the_same_rules_decide_the_same(tape: Path) -> None:
    for options in ((), ("--speed", "100000"), ("--reread", "--lang", "en")):
        result = run(tape, *options)
        assert result.exit_code == 0, result.output
    assert "all decided as they were (version 1; this is " in result.stdout
    assert "the picture is not kept any more" in result.stdout


def test_another_rule_is_shown_field_by_field_in_words(tape: Path, tmp_path: Path) -> None:
    result = run(changed(tape, tmp_path, '"22G1":"2280"', '"22G1":"3280"'), "--lang", "en")
    assert result.exit_code == 1
    assert "event 2, ec.iie.draft: then → now" in result.stdout
    assert "/payload/items/0/weight_kg: 21320 → 20320" in result.stdout
    assert "+ warning weight_out_of_tolerance" not in result.stdout
    result = run(changed(tape, tmp_path, '"tolerance_percent":"5"', '"tolerance_percent":"60"'))
    assert "- error entered_weight_differs /items/0/weight_kg El peso digitado (10660 kg)" in result.stdout


def test_a_deed_that_is_not_taken_any_more_is_told(tape: Path, tmp_path: Path) -> None:
    result = run(changed(tape, tmp_path, '"value":"10660"', '"value":"10660.5"'))
    assert result.exit_code == 1
    assert "/items/0/weight_kg: tiene que ser kilogramos enteros" in result.stdout


def test_a_tape_without_an_end_says_so(tape: Path, tmp_path: Path) -> None:
    assert "la cinta no tiene fin" in run(changed(tape, tmp_path, '{"end":true}\n', "")).stdout


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"{}", b'{"tape":1}', b"[]\n", b'{"tape":1,"lane":7,"site":{}}']
)
def test_what_is_no_tape_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tape.jsonl"
    path.write_bytes(content)
    for result in (run(path), run(tmp_path), run(tmp_path / "none")):
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)
        assert result.stderr


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_makes_a_traceback(tape: Path, tmp_path: Path, data: st.DataObject) -> None:
    lines = tape.read_bytes().split(b"\n")
    place = data.draw(st.integers(0, len(lines) - 2), "line")
    how = data.draw(st.sampled_from(["cut", "byte", "drop", "value"]), "how")
    line = lines[place]
    if how == "cut":
        lines[place] = line[: data.draw(st.integers(0, len(line)), "at")]
    elif how == "byte":
        at = data.draw(st.integers(0, len(line) - 1), "at")
        lines[place] = line[:at] + bytes([data.draw(st.integers(0, 255), "byte")]) + line[at + 1 :]
    elif how == "drop":
        del lines[place]
    else:
        row = json.loads(line)
        row[data.draw(st.sampled_from(sorted(row)), "key")] = data.draw(
            st.sampled_from([None, 7, "x", [], {}, [[]], [7], [{}], {"Tick": {}}, {"Act": {"at": "x"}}]),
            "value",
        )
        lines[place] = json.dumps(row).encode()
    path = tmp_path / "tape.jsonl"
    path.write_bytes(b"\n".join(lines))
    result = run(path)
    assert result.exception is None or isinstance(result.exception, SystemExit)
