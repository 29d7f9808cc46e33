"""``iie-gateway visit``: whatever stands in a story is told or named with its line, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from gateway.commands import visit as module
from record.draft import DocumentType
from record.yamlfile import EXIT_OTHER, EXIT_WRONG

BOOK = Path(__file__).parents[1] / "stories"
SITE = BOOK / "site.yaml"
TRUCK = (BOOK / "a_truck_with_everything.jsonl").read_text(encoding="utf-8").splitlines()


def run(*arguments: object) -> Result:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.visit)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def tell(folder: Path, *lines: str | bytes, options: tuple[object, ...] = ("--json",)) -> Result:
    story = folder / "story.jsonl"
    rows = [line if isinstance(line, bytes) else line.encode() for line in lines]
    story.write_bytes(b"\n".join(rows) + b"\n")
    return run(story, "--site", SITE, *options)


def drafts(result: Result) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in result.stdout.splitlines()]
    return [event["data"] for event in events if event["type"] == "ec.iie.draft"]


def test_a_story_without_a_fault(tmp_path: Path) -> None:
    result = tell(tmp_path, *TRUCK)
    assert (result.exit_code, result.stderr) == (0, "")
    assert drafts(result)[-1]["status"] == "complete"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"t": 7, "scan": "\xff"}', ":7:19: "),
        ('{"t": 1e308}', ":7:7: t: "),
        ('{"t": NaN}', ":7:7: t: "),
        ('{"t": -1}', ":7:7: t: "),
        ('{"t": 2, "scan": "x"}', ":7:1: t: t 2.0 "),
        ('{"t": 7, "weight": NaN}', ":7:20: weight: "),
        ('{"t": 7, "weight": "NaN"}', ":7:20: weight: "),
        ('{"t": 7, "weight": "1e99"}', ":7:20: weight: "),
        ('{"t": 7, "weight": true}', ":7:20: weight: "),
        ('{"t": 7, "scan": "x", "weight": "1"}', ":7:18: scan: una línea dice una sola cosa"),
        ('{"t": 7, "scan": "x", "scan": "y"}', ":7:1: la clave «scan» está dos veces"),
        ('{"t": 7, "stability": "moving"}', ":7:23: stability: "),
        ('{"t": 7, "scan": "x", "unit": "kg"}', ":7:31: unit: "),
        ('{"t": 7, "sighting": {"camera": "a", "number": "CSQU3054384"}}', ":7:48: sighting.number: CSQU305"),
        ('{"t": 7, "sighting": {"camera": "a", "number": "MAL"}}', ":7:48: sighting.number: MAL "),
        ('{"t": 7, "sighting": {"camera": "a", "numbers": ["MAL"]}}', ":7:50: sighting.numbers[0]: "),
        ('{"t": 7, "sighting": {"camera": "a", "invalid": "CSQU3054383"}}', ":7:49: sighting.invalid: "),
        ('{"t": 7, "sighting": {"camera": "a", "type_code": "22g10"}}', ":7:51: sighting.type_code: "),
        ('{"t": 7, "sighting": {"camera": "a", "cost": NaN}}', ":7:46: sighting.cost: "),
        ('{"t": 7, "sighting": {"camera": "a", "cost": 1e300}}', ":7:46: sighting.cost: "),
        ('{"t": 7, "sighting": {"camera": "", "cost": 1}}', ":7:33: sighting.camera: "),
        ('{"t": 7, "plate": {"camera": "a", "plate": "?"}}', ":7:44: plate.plate: "),
        ('{"t": 6, "lane": "otro"}', ":7:1: lane: el sitio no tiene el carril otro; tiene carril-1"),
        ('{"t": 7, "act": {"person": "A", "deed": "borrar"}}', ":7:41: act.deed: "),
        ('{"t": 6, "act": {"person": "A", "field": "/depot/oce", "value": "1"}}', ":7:1: act: "),
        ('{"t": 7, "wieght": "1"}', ":7:10: wieght: la clave «wieght» no existe aquí; ¿quiso decir «weight»?"),
        ("nada", ":7:1: no es un objeto JSON"),
        ("[1]", ":7:1: "),
        ("{" * 5000, ":7:"),
        ('{"t": 7, "act": {"person": "A", "value": ' + "[" * 3000 + "]" * 3000 + "}}", ":7:"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_the_rest_is_told(tmp_path: Path, line: str | bytes, told: str) -> None:
    at = next(place for place, row in enumerate(TRUCK) if '"t": 6' in row)
    head, tail = [row for row in TRUCK[:at] if not row.startswith("#")], TRUCK[at:]
    result = tell(tmp_path, *head[-6:], line, *tail)
    assert result.exit_code == EXIT_OTHER
    (problem,) = result.stderr.splitlines()
    assert problem.startswith(f"{tmp_path}/story.jsonl{told}")
    assert drafts(result)[-1]["status"] == "complete"


def test_a_refused_deed_says_its_own_fault_and_no_other(tmp_path: Path) -> None:
    act = '{"t": 8, "act": {"person": "A", "field": "/items/0/packages", "value": "diez", "reason": "r"}}'
    rows = [*TRUCK[:-3], act, *TRUCK[-3:]]
    rows.sort(key=lambda row: 0 if row.startswith("#") else json.loads(row)["t"])
    result = tell(tmp_path, *rows)
    (problem,) = result.stderr.splitlines()
    assert "/items/0/packages" in problem
    assert "diez" in problem
    assert "Tuple" not in problem


def test_a_file_that_is_not_there_and_an_empty_one(tmp_path: Path) -> None:
    missing = run(tmp_path / "none.jsonl", "--site", SITE)
    assert missing.exit_code == EXIT_OTHER
    assert "none.jsonl:1:1: " in missing.stderr
    assert tell(tmp_path, "", "# nada").exit_code == 0


def test_a_site_that_is_wrong_tells_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("depot: 7\n", encoding="utf-8")
    result = run(BOOK / "a_truck_with_everything.jsonl", "--site", site)
    assert (result.exit_code, result.stdout) == (EXIT_WRONG, "")
    assert "site.yaml:" in result.stderr


def test_what_may_leave_and_what_is_expected_come_from_files(tmp_path: Path) -> None:
    document = {"type": DocumentType.DAE, "number": "02820264000123456"}
    notices = tmp_path / "salidas.json"
    notices.write_text(
        json.dumps({"releases": [{"id": "s-1", "reason": "load", "keys": {"document": document}}]}),
        encoding="utf-8",
    )
    site = tmp_path / "site.yaml"
    text = SITE.read_text(encoding="utf-8").replace(
        "  - name: carril-1", "  - name: carril-1\n    direction: exit"
    )
    site.write_text(text.replace("preadvice.yaml", str(BOOK / "preadvice.yaml")), encoding="utf-8")
    story = BOOK / "a_truck_with_everything.jsonl"
    without = drafts(run(story, "--site", site, "--json"))[-1]
    within = drafts(run(story, "--site", site, "--json", "--releases", notices))[-1]
    assert "exit_reason" not in without["payload"]
    assert within["payload"]["exit_reason"] == "load"
    wrong = tmp_path / "mal.json"
    wrong.write_text("{", encoding="utf-8")
    refused = run(story, "--site", site, "--preadvice", wrong)
    assert (refused.exit_code, refused.stdout) == (EXIT_WRONG, "")
    assert "mal.json:1:" in refused.stderr


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["CSQU3054383", "CSQU3054384", "MAL", "22G1", "kg", "stable", "gross", "carril-1", "NaN"]),
    st.sampled_from(["/document", "/items/0/weight_kg", "/items/0/seals", "/items/0/container", "21000", "tractor"]),
    st.sampled_from(["1e999999", "-0", "0.5", "enter", "confirm", "void", "reweigh", "\ud800", "\x00"]),
)  # fmt: skip
NAMES = (
    "camera number numbers type_code cost margin candidates invalid plate part name on person role deed field value "
    "reason insist type t"
)
KEYS = st.sampled_from(NAMES.split()) | st.text(max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=8,
)
acts = st.fixed_dictionaries(
    {"person": st.sampled_from(["A", "B"]), "field": st.sampled_from(
        ["/document", "/items/0/weight_kg", "/items/0/seals", "/items/0/container", "/items/0/size_type",
         "/items/0/packages", "/items/0/packaging", "/items/0/description", "/exit_reason", "/x"])},
    optional={"value": values, "deed": st.sampled_from(["enter", "confirm", "void", "reweigh"]),
              "reason": st.text(max_size=5), "insist": st.booleans()},
)  # fmt: skip
things = st.sampled_from(
    ["weight", "scan", "sighting", "plate", "signal", "act", "unit", "lane", "remarks", "kind"]
)
lines = st.one_of(
    st.builds(
        lambda t, told: json.dumps({"t": t, **told}),
        st.integers(2, 9) | scalars,
        st.dictionaries(things, values, max_size=2),
    ),
    st.builds(lambda act: json.dumps({"t": 7, "act": act}), acts),
    st.builds(lambda told: json.dumps({"t": 7, "sighting": told}), st.dictionaries(KEYS, values, max_size=4)),
    st.text(max_size=20),
    st.binary(max_size=20),
)


HALF = '{"t": 7, "act": {"person": "A", "field": "/document", "value": {"type": "DAE", "number": "\\ud800"}}}'


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, min_size=1, max_size=4), st.booleans())
@example(['{"t": 7, "act": {"person": "A", "field": "/items/0/weight_kg", "value": NaN}}'], True)
@example([HALF], True)
def test_no_line_makes_a_traceback(tmp_path: Path, wild: list[str | bytes], as_json: bool) -> None:
    at = next(place for place, row in enumerate(TRUCK) if '"t": 6' in row) + 1
    encoded = [line.encode(errors="surrogatepass") if isinstance(line, str) else line for line in wild]
    result = tell(tmp_path, *TRUCK[:at], *encoded, *TRUCK[at:], options=("--json",) if as_json else ())
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert (result.exit_code == EXIT_OTHER) == bool(result.stderr)
    for problem in result.stderr.splitlines():
        assert problem.startswith(f"{tmp_path}/story.jsonl:")
