"""REGISTRY.yaml: what is right is read, what is wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from record.draft import Profile
from record.proof import SigningKey
from record.topics import Gate
from record.yamlfile import FileErrors, Severity, check
from registry.account import login
from registry.settings import CHECKS, BadSettings, RegistryFile, absolute_database, load

EXAMPLE = Path(__file__).parents[2] / "config" / "registry.example.yaml"
KEY = str(SigningKey.generate().public)


@pytest.fixture
def settings(tmp_path):
    """The example with changes at dotted places, loaded from a file of its own."""

    def changed(**changes):
        content = yaml.safe_load(EXAMPLE.read_text())
        content["depots"]["guayaquil"]["gates"]["g1"]["keys"] = [KEY]
        for place, value in changes.items():
            *path, last = place.split("__")
            node = content
            for step in path:
                node = node[step]
            node[last] = value
        file = tmp_path / "registry.yaml"
        file.write_text(yaml.safe_dump(content))
        return load(file)

    return changed


def told(text: str) -> list[str]:
    """The codes and places of a text's problems."""
    file = Path(text)
    _, problems = check(file, RegistryFile, CHECKS)
    return [f"{problem.line}:{problem.column} {problem.path} {problem.code}" for problem in problems]


def test_the_shipped_example_is_right_but_for_its_missing_key():
    value, problems = check(EXAMPLE, RegistryFile, CHECKS)
    assert value is not None
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("registry.no_keys", Severity.WARNING)
    ]


def test_paths_are_relative_to_the_file(settings, tmp_path):
    found = settings()
    assert found.database == f"sqlite:///{tmp_path}/registry.db"
    assert found.signing_key == tmp_path / "registry-key.pem"


def test_an_absolute_database_and_a_server_stay_as_they_are(tmp_path):
    for url in ("sqlite:////var/lib/iie/registry.db", "postgresql+psycopg://iie:secret@db/iie"):
        assert absolute_database(url, tmp_path) == url


def test_a_code_of_digits_need_not_be_quoted(settings):
    depot = settings(depots__guayaquil__oce=12345678, depots__guayaquil__operator_type=10).file.depots
    assert (depot["guayaquil"].oce, depot["guayaquil"].operator_type) == ("12345678", "10")
    assert depot["guayaquil"].as_record().profile is Profile.TEMPORAL


def test_the_gates_are_known_by_depot_and_name(settings):
    gates = settings().gates()
    assert list(gates) == [Gate("guayaquil", "g1")]
    assert gates[Gate("guayaquil", "g1")].keys == (KEY,)


def test_the_password_comes_from_a_file_or_a_credential(settings, tmp_path, monkeypatch):
    (tmp_path / "mqtt-password").write_text("from the file\n")
    assert login(settings()).password == "from the file"
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "mqtt").write_text("from systemd")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    credential = settings(broker__password_file=None, broker__password_credential="mqtt")
    assert login(credential).password == "from systemd"
    assert login(settings(broker__password_file=None)).password is None


def test_a_password_file_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(BadSettings, match="mqtt-password"):
        login(settings())


def test_certificates_are_found_from_the_folder(settings, tmp_path):
    (tmp_path / "mqtt-password").write_text("x")
    tls = {"ca": "ca.pem", "certificate": "registry.crt", "key": ""}
    tls["key"] = str(tmp_path / "elsewhere" / "registry.key")
    with pytest.raises(BadSettings, match=r"ca\.pem: no such file"):
        login(settings(broker__tls=tls))
    (tmp_path / "elsewhere").mkdir()
    for name in ("ca.pem", "registry.crt", "elsewhere/registry.key"):
        (tmp_path / name).touch()
    found = login(settings(broker__tls=tls))
    assert (found.tls, found.ca, found.key) == (True, str(tmp_path / "ca.pem"), tls["key"])
    assert login(settings(broker__tls={})).tls


WRONG = {
    "a typo": ("brokr: {}", "1:1 brokr config.unknown_key"),
    "a key that is none": (
        "depots:\n  d:\n    profile: temporal\n    district: 028\n    oce: '01234567'\n"
        "    operator_type: '05'\n    gates: {g1: {keys: [ed25519:abc]}}",
        "7:25 depots.d.gates.g1.keys[0] registry.bad_key",
    ),
    "a database of another kind": ("database: mysql://x\ndepots: {}", "1:11 database registry.bad_database"),
    "no database address": ("database: registry.db\ndepots: {}", "1:11 database registry.bad_database"),
    "two passwords": (
        "broker: {password_file: a, password_credential: b}\ndepots: {}",
        "1:9 broker registry.two_passwords",
    ),
    "a certificate without its key": (
        "broker:\n  tls: {certificate: a.pem}\ndepots: {}",
        "2:8 broker.tls registry.tls_pair",
    ),
    "no depots": ("language: es", "config.missing_key"),
    "a port beyond the last": ("broker: {port: 70000}\ndepots: {}", "1:16 broker.port config.too_large"),
}


@pytest.mark.parametrize(("content", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path, content, expected):
    file = tmp_path / "registry.yaml"
    file.write_text(content)
    assert any(expected in line for line in told(str(file))), told(str(file))


def test_a_reserved_word_is_no_gates_name(settings):
    with pytest.raises(FileErrors, match="receipt"):
        settings(depots__guayaquil__gates={"receipt": {}})


def test_two_gates_cannot_share_a_key(settings):
    gates = {"g1": {"keys": [KEY]}, "g2": {"keys": [KEY]}}
    with pytest.raises(FileErrors, match="guayaquil/g1"):
        settings(depots__guayaquil__gates=gates)
