"""``iie-gateway preadvice``: a file is taken into the gate's memory, listed, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.commands.preadvice import preadvice

SITE = Path(__file__).parents[1] / "stories" / "site.yaml"


def test_import_list_and_withdraw(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(SITE.read_text(encoding="utf-8"), encoding="utf-8")
    file = tmp_path / "a.csv"
    file.write_text("documento;bultos\n02820264000123456;5\nMAL;1\n", encoding="utf-8")
    run = CliRunner().invoke
    first = run(preadvice, ["import", str(file), "--site", str(site), "--json"])
    assert first.exit_code == 1
    assert json.loads(first.stdout.splitlines()[0])["taken"] == 1
    listed = run(preadvice, ["list", "--site", str(site), "--json"])
    (known,) = map(json.loads, listed.stdout.splitlines())
    assert known["cargo"]["packages"] == 5
    assert run(preadvice, ["withdraw", known["id"], "--site", str(site)]).exit_code == 0
    assert run(preadvice, ["withdraw", known["id"], "--site", str(site)]).exit_code == 1
