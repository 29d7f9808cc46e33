"""`iie-registry user`: who may log in, from the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from record.web.passwords import Passwords
from registry.cli import main
from registry.database import open_engine, reading, writing
from registry.people import sessions, users


@pytest.fixture
def run(kit, chain, tmp_path):
    """Runs a command on a settings file of its own: exit code and output."""
    file = tmp_path / "registry.yaml"
    file.write_text(kit.registry_file(chain, http={"port": 8123}).model_dump_json(exclude_none=True))

    def once(*arguments: str, typed: str = "", file: str = str(file)):
        done = CliRunner().invoke(main, ["user", *arguments, *([file] if file else [])], input=typed)
        return done.exit_code, done.output

    once.engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    yield once
    once.engine.dispose()


def named(run, name: str):
    with reading(run.engine) as connection:
        return users.by_name(connection, name)


def test_a_user_with_a_password_from_a_file(run, tmp_path):
    (tmp_path / "secret").write_text("a long enough one\n")
    code, told = run("add", "Ana", "--role", "clerk", "--password-file", str(tmp_path / "secret"))
    assert code == 0, told
    row = named(run, "Ana")
    assert (row.role, row.depots) == ("clerk", None)
    assert Passwords().fits(row.password, "a long enough one")
    assert run("add", "Ana", "--role", "clerk", "--link")[0] == 1
    code, told = run("add", "Ana", "--role", "clerk")
    assert code == 1 and "ya" in told and "Contraseña" not in told, "nobody types a password for nothing"
    assert "--password-file" in run("add", "Eva", "--role", "clerk")[1], "there is no terminal here"


def test_a_password_is_typed_twice(run):
    assert run("add", "Ana", "--role", "clerk", typed="a long enough one\na long enough two\n")[0] == 1
    code, told = run("add", "Ana", "--role", "auditor", typed="a long enough one\n" * 2)
    assert (code, "a long enough one" in told) == (0, False)
    assert run("password", "Ana", typed="another long one\n" * 2)[0] == 0
    assert Passwords().fits(named(run, "Ana").password, "another long one")


def test_a_role_is_one_that_people_have(run):
    assert "system" not in run("add", "--help", file="")[1]
    code, told = run("add", "Ana", "--role", "system", "--link")
    assert code == 2 and "clerk, supervisor, auditor, customs" in " ".join(told.replace("│", "").split())


def test_a_link_lets_in_once(run):
    code, told = run("add", "Demo", "--role", "supervisor", "--link", "--depot", "depot")
    assert code == 0, told
    token = re.fullmatch(r"http://127\.0\.0\.1:8123/login/([\w-]{43})", told.strip().splitlines()[-1])[1]
    with writing(run.engine) as connection:
        assert sessions.use_link(connection, token, datetime.now(UTC)) == named(run, "Demo").id
    assert named(run, "Demo").depots == ["depot"]
    assert "/login/" in run("password", "Demo", "--link")[1]


def test_a_disabled_user_is_listed_as_such(run):
    run("add", "Ana", "--role", "clerk", "--link")
    assert run("disable", "Ana")[0] == 0
    assert run("list")[1] == "Ana\tclerk\t*\t-\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "Ana", "--role", "clerk", "--depot", "nowhere", "--link"),
        ("add", "a\u202eb", "--role", "clerk", "--link"),
        ("add", "Ana", "--role", "clerk", "--password-file", "/does/not/exist"),
        ("password", "Nobody", "--link"),
        ("disable", "Nobody"),
    ],
)
def test_what_cannot_be_done_is_told(run, arguments):
    code, told = run(*arguments)
    assert code == 1
    assert told.strip() and "Traceback" not in told


def test_a_role_that_is_none_is_told(run):
    assert run("add", "Ana", "--role", "god", "--link")[0] == 2


def test_a_settings_file_that_is_not_there(run, tmp_path):
    assert run("list", file=str(tmp_path / "none.yaml"))[0] == 1
