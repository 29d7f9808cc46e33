from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from drivers.scale.protocols import PROTOCOLS
from gateway.cli import command

KEYS = ["line", "value", "unit", "kg", "stability", "kind", "range", "zero", "alibi", "checksum", "raw"]


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command("decode"), list(arguments), input=stdin)  # type: ignore[arg-type]


def objects(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_all_ids_are_listed_one_a_line() -> None:
    listed = run("--list").stdout.splitlines()
    assert listed == list(PROTOCOLS)
    assert {"mt_continuous", "bilanciai_cb", "sbi", "laumas", "tenzo_bin", "pattern"} <= set(listed)


def test_a_weight_has_all_its_fields_with_the_digits_as_sent() -> None:
    (found,) = objects(run("st_gs", "--hex", stdin=b"ST,GS,+0012.50  kg\r\n".hex()))
    assert list(found) == KEYS
    assert found == {
        "line": 1,
        "value": "12.50",
        "unit": "kg",
        "kg": "12.50",
        "stability": "stable",
        "kind": "gross",
        "range": "ok",
        "zero": None,
        "alibi": None,
        "checksum": "absent",
        "raw": b"ST,GS,+0012.50  kg\r\n".hex(),
    }


def test_each_hex_line_is_a_capture_of_its_own() -> None:
    """A frame never goes on in the next line, and the end of a line flushes one without its terminator."""
    whole = b"ST,GS,+0012.50  kg".hex()
    lines = [whole, "", whole[:20], whole[20:], "", "4F4C2C47532C2B2020"]
    found = objects(run("st_gs", "--hex", "-", stdin="\n".join(lines)))
    assert [(each["line"], each.get("value"), each.get("skip")) for each in found] == [
        (1, "12.50", None),
        (3, None, "too_short"),
        (4, None, "not_mine"),
        (6, None, "over"),
    ]
    assert list(found[1]) == ["line", "skip", "raw"]


def test_a_raw_stream_is_decoded_whole(tmp_path: Path) -> None:
    file = tmp_path / "stream.bin"
    file.write_bytes(b"   0.360 kg    G\r\n" * 3)
    found = objects(run("ohaus_stream", str(file)))
    assert [(each["line"], each["value"]) for each in found] == [(None, "0.360")] * 3


def test_decimals_and_unit_fill_in(tmp_path: Path) -> None:
    (found,) = objects(run("el05", "--hex", "--decimals", "2", "--unit", "t", stdin=b"D001234\r".hex()))
    assert (found["value"], found["unit"], found["kg"]) == ("12.34", "t", "12340.00")


def test_numbers_are_never_written_with_an_exponent() -> None:
    (found,) = objects(run("mt_continuous", "--hex", stdin="022830203030313233343030303030300d"))
    assert found["value"] == "123400"
    (found,) = objects(run("st_gs", "--hex", "--unit", "g", stdin=b"ST,GS,+0.00000\r\n".hex()))
    assert (found["value"], found["kg"]) == ("0.00000", "0.00000000")


def test_remarks_are_told_where_there_are_any() -> None:
    (found,) = objects(run("mt_continuous", "--hex", stdin="022a70203030313233343030303030300d"))
    assert found["remarks"] == ["not_zeroed"]


def test_a_declared_pattern(tmp_path: Path) -> None:
    file = tmp_path / "pattern.yaml"
    file.write_text("pattern: {positions: {value: 1-6}, decimals: 1}\n", encoding="utf-8")
    (found,) = objects(run("pattern", "--pattern", str(file), "--hex", stdin=b" 12345\r\n".hex()))
    assert found["value"] == "1234.5"


@pytest.mark.parametrize(
    ("arguments", "stdin", "text"),
    [
        (["xk3190_tf"], "", "did you mean xk3190_tf0"),
        ([], "", "which protocol?"),
        (["st_gs", "--hex"], "5354\n5q", "line 2 is no hexadecimal: '5q'"),
        (["st_gs", "/nowhere/at-all"], "", "/nowhere/at-all: No such file or directory"),
        (["st_gs", "--checksum", "xor"], "", "no check called 'xor'"),
        (["mt_continuous", "--checksum", "crc"], "", "it has: complement"),
        (["pattern"], "", "needs --pattern FILE"),
        (["st_gs", "--pattern", "x.yaml"], "", "--pattern is for pattern"),
        (["pattern", "--pattern", "/nowhere/x.yaml"], "", "/nowhere/x.yaml: No such file"),
    ],
)
def test_wrong_use_is_refused_with_a_reason(arguments: list[str], stdin: str, text: str) -> None:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 2
    assert text in result.stderr


def test_a_wrong_declaration_names_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "pattern.yaml"
    file.write_text("{positions: {value: 9-1}}\n", encoding="utf-8")
    result = run("pattern", "--pattern", str(file), stdin="")
    assert result.exit_code == 2
    assert "pattern.yaml: positions.value: '9-1'" in result.stderr
