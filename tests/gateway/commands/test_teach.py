from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner, Result

from gateway.cli import command


def run(*arguments: str, stdin: str | bytes = "") -> Result:
    given = [*arguments, *(() if "--lang" in arguments else ("--lang", "en"))]
    return CliRunner().invoke(command("teach"), given, input=stdin)  # type: ignore[arg-type]


def test_the_entry_is_yaml_to_paste_with_its_results_as_remarks() -> None:
    result = run("--weight", "12340", stdin=b"WT:  12340 KG S\r\nWT:  12360 KG D\r\n")
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout) == {
        "protocol": "pattern",
        "pattern": {
            "positions": {"value": "4-10", "unit": "12-13", "status": "15"},
            "status": {"D": "unknown", "S": "unknown"},
        },
    }
    assert "12340 kg  motion not told  gross or net not told" in result.stdout
    assert "# ? columns 15 say D, S" in result.stdout


def test_it_speaks_spanish_unless_told_otherwise() -> None:
    shown = run("--lang", "es", stdin=b"   12340 S\r\n   12360 D\r\nSOBRECARGA\r\n").stdout
    assert "# ? en la línea no hay unidad" in shown
    assert "# ? columnas 10: dicen D, S" in shown
    assert "¿dicen una sobrecarga?" in shown
    assert "no hay ningún número en 'hola'" in run("--lang", "es", stdin=b"hola\r\n").stderr


def test_a_known_protocol_is_named_first() -> None:
    result = run("--hex", stdin=b"ST,GS,+0012345kg\r\n".hex())
    assert result.stdout.startswith("# also read by: st_gs; prefer")


@pytest.mark.parametrize(
    ("arguments", "stdin", "text"),
    [
        ([], "hello\n", "no number in 'hello'"),
        ([], "", "no whole frame"),
        (["--weight", "77"], "W 12 kg\n", "none of the numbers in 'W 12 kg' is 77"),
        (["--weight", "a lot"], "W 12\n", "'a lot' is no number"),
        (["--hex"], "5q", "no hexadecimal"),
        (["/nowhere/at-all"], "", "/nowhere/at-all: No such file"),
    ],
)
def test_wrong_use_is_refused_with_a_reason(arguments: list[str], stdin: str, text: str) -> None:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 2
    assert text in result.stderr
