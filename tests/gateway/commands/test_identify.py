from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command
from gateway.commands.identify import EXIT_WRONG_LISTS, as_data
from record.identifiers.identify import identify


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    import typer

    from gateway.commands import identify as module

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.identify)
    return CliRunner().invoke(app, list(arguments), input=stdin)


def objects(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_text_in_order_with_its_keys_in_order() -> None:
    found = objects(run("--json", "CSQU3054383", "nada", "02820264000123456"))
    assert [o["kind"] for o in found] == ["container", "unknown", "dae"]
    assert all(list(o) == ["kind", "normal", "parts", "remarks", "alternatives"] for o in found)


def test_remarks_are_codes_with_parameters_and_both_languages() -> None:
    (found,) = objects(run("--json", "CSQU3054384"))
    (remark,) = found["remarks"]  # type: ignore[misc]
    assert remark == {
        "code": "check_digit",
        "severity": "error",
        "parameters": {"expected": "3", "found": "4", "kind": "container"},
        "es": "parece contenedor, pero el dígito verificador es 4 y debería ser 3",
        "en": "it has the shape of container, but the check digit is 4 and should be 3",
    }


def test_lines_of_stdin_stand_where_the_hyphen_stands() -> None:
    result = run("--json", "ABC-1234", "-", "45R1", stdin=b"CSQU3054383\r\n\xff\xfe\n1710034065")
    assert [o["kind"] for o in objects(result)] == ["plate", "container", "unknown", "cedula", "size_type"]


def test_options_of_a_site() -> None:
    (found,) = objects(run("--json", "--countries", "pe", "ABC123"))
    assert found["parts"] == {"country": "PE", "form": "current"}
    (found,) = objects(run("--json", "--ticket-prefix", "GYE", "GYE000042"))
    assert found["kind"] == "ticket"
    (found,) = objects(run("--json", "--expected", "hawb", "AB123456"))
    assert found["kind"] == "hawb"


def test_the_table_speaks_spanish_and_shows_no_control_character() -> None:
    result = run("CSQU3054383\x1b[31m", "ABC-123")
    assert result.exit_code == 0
    assert "contenedor" in run("CSQU3054383").stdout
    assert "distrito" in run("02820264000123456").stdout
    assert "container" in run("--lang", "en", "CSQU3054383").stdout
    assert "\x1b[31m" not in result.stdout


def test_a_long_number_leaves_room_for_its_parts() -> None:
    key = "0312202201019007200200120029020004874985766297216"
    shown = run(key).stdout
    assert key in shown
    assert "002-902-000487498" in shown
    assert "clave de acceso" in shown


def test_what_else_a_text_may_be_is_shown() -> None:
    shown = run("ABC-123").stdout
    assert "placa CO ABC-123" in shown
    assert "placa PE ABC-123" in shown


def test_a_wrong_list_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "codes"
    folder.mkdir()
    (folder / "districts.yaml").write_text("list: towns\n", encoding="utf-8")
    result = run("--config-dir", str(tmp_path), "02820264000123456")
    assert result.exit_code == EXIT_WRONG_LISTS
    assert "districts.yaml:1:7" in result.stderr


def test_a_lone_surrogate_is_printed_as_json() -> None:
    found = as_data(identify("CSQU3054383\ud800"))
    assert found["kind"] == "container"


@pytest.mark.parametrize("module", ["biip", "stdnum"])
def test_libraries_are_loaded_only_when_they_are_needed(module: str) -> None:
    code = (
        "import sys; from record.identifiers.identify import identify; identify('CSQU3054383');"
        f"sys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_command_is_reached_from_the_command_line() -> None:
    assert callable(command("identify"))
