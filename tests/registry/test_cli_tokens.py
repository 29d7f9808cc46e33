"""`iie-registry token`: which systems may come in, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from registry.api import tokens
from registry.api.scope import Scope
from registry.cli import main
from registry.database import open_engine, reading
from registry.people import trail


@pytest.fixture
def run(kit, chain, tmp_path):
    """Runs a command on a settings file of its own: exit code, output and what it said beside."""
    file = tmp_path / "registry.yaml"
    file.write_text(kit.registry_file(chain).model_dump_json(exclude_none=True))

    def once(*arguments: str):
        done = CliRunner().invoke(main, ["token", *arguments, str(file)])
        return done.exit_code, done.stdout, done.stderr

    once.engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    yield once
    once.engine.dispose()


def speaks(run, token: str, later: timedelta = timedelta(0)):
    with reading(run.engine) as connection:
        return tokens.find(connection, token, datetime.now(UTC) + later)


def test_a_token_is_printed_once_and_speaks_for_its_system(run):
    code, printed, _ = run("add", "ERP", "--scope", "reports:read", "--depot", "depot", "--days", "2")
    assert code == 0
    secret = printed.strip()
    assert tokens.FORM.fullmatch(secret)
    found = speaks(run, secret)
    assert (found.name, found.scopes, found.depots) == ("ERP", {Scope.REPORTS_READ}, ("depot",))
    assert speaks(run, secret, timedelta(days=3)) is None
    assert secret not in run("list")[1]
    with reading(run.engine) as connection:
        assert [row.action for row in trail.latest(connection)] == ["token_added"]
        assert secret not in str(tokens.everybody(connection))


def test_a_revoked_token_speaks_for_nobody_and_frees_its_name(run):
    secret = run("add", "ERP", "--scope", "reports:read")[1].strip()
    assert run("revoke", "ERP")[0] == 0
    assert speaks(run, secret) is None
    assert run("revoke", "ERP")[0] == 1
    assert run("add", "ERP", "--scope", "gates:read")[0] == 0
    rows = [line.split("\t") for line in run("list")[1].splitlines()]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("ERP", "gates:read", "+"),
        ("ERP", "reports:read", "-"),
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ERP", "--scope", "reports:read"], "there is a token 'ERP' already"),
        (["Otro", "--scope", "reports:read", "--depot", "nowhere"], "nowhere"),
        (["Otro", "--scope", "everything"], "everything"),
        (["a\x07b", "--scope", "reports:read"], "visible characters"),
    ],
)
def test_what_cannot_be_is_told(run, arguments, told):
    run("add", "ERP", "--scope", "reports:read")
    code, _, said = run("add", *arguments)
    assert code != 0
    assert told in said
