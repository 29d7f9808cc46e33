"""`iie-registry hook`: which systems are told, from the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from registry.cli import main
from registry.database import open_engine, reading
from registry.people import trail


@pytest.fixture
def run(kit, chain, tmp_path):
    """Runs a command on a settings file of its own: exit code, output and what it said beside."""
    file = tmp_path / "registry.yaml"
    hosts = {"hosts": ["sistema.example.ec"]}
    file.write_text(kit.registry_file(chain, webhooks=hosts).model_dump_json(exclude_none=True))

    def once(*arguments: str):
        done = CliRunner().invoke(main, ["hook", *arguments, str(file)])
        return done.exit_code, done.stdout, done.stderr

    once.engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    yield once
    once.engine.dispose()


def test_a_webhook_is_added_listed_retried_and_removed(run):
    assert run("add", "ERP", "https://sistema.example.ec/avisos", "--depot", "depot")[0] == 0
    assert run("list")[1] == "ERP\thttps://sistema.example.ec/avisos\tdepot\t0\t0\t0\t\n"
    assert run("retry", "ERP")[0] == 0
    assert run("add", "ERP", "https://sistema.example.ec/otro")[0] == 1
    assert run("remove", "ERP")[0] == 0
    assert run("list")[1] == ""
    for deed in ("remove", "retry"):
        assert run(deed, "ERP")[0] == 1
    with reading(run.engine) as connection:
        done = [row.action for row in trail.latest(connection)]
    assert done == ["hook_removed", "hook_retried", "hook_added"]


@pytest.mark.parametrize(
    "url", ["https://otro.example.ec/", "http://sistema.example.ec/", "sistema.example.ec"]
)
def test_an_address_that_is_not_allowed_is_told(run, url):
    code, _, told = run("add", "ERP", url)
    assert code == 1 and "webhooks: hosts" in told
