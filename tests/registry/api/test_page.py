"""The page for integrators: every command on it is run, against a registry that answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest

from record.proof import PublicKey
from registry.api.key import webhook_key
from registry.hooks.delivery import headers

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
KINDS = ("sqlite",)
"""What the page says is the same on every database."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def shell(console, systems, depot, tmp_path):
    """Runs a command of the page as a reader would: its output."""
    if shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("curl is not installed")
        pytest.skip("curl is not installed")
    report = depot.report(depot.send())
    names = {"URL": console.url, "TOKEN": systems.token()[1], "REPORT": report, "DEPOT": "depot"}

    def run(block: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=tmp_path,
            env={**os.environ, **names},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout

    run.report = report
    return run


def test_every_command_does_what_the_page_says(shell):
    said = [shell(block) for block in blocks("sh")]
    assert [json.loads(said[each])["reports"][0]["id"] for each in (0, 1)] == [shell.report] * 2
    assert said[2].lstrip("\ufeff").startswith("Número de entrega,")
    assert said[3] == "304\n"
    assert json.loads(said[4])["changes"] == []
    assert "event: change\n" in said[5] and '"received"' in said[5]
    assert said[6].split() == ["200", "412"]
    assert json.loads(said[7])["code"] == "stale"
    taken, withdrawn = said[8].replace("}{", "}\n{").splitlines()
    assert (json.loads(taken)["taken"][0]["outcome"], json.loads(withdrawn)["id"]) == ("new", "rads-1")
    assert json.loads(said[9])["code"] == "token_needed" and "Falta" in said[9]
    assert len(said) == 10


def test_the_verifier_takes_what_the_registry_signs(registry_key, clock):
    (program,) = blocks("python")
    body = b'{"specversion":"1.0"}'
    given = headers("0199f2c4", body, registry_key, clock())
    arguments = [
        webhook_key(registry_key.public),
        *(given[f"webhook-{n}"] for n in ("id", "timestamp", "signature")),
    ]

    def verified(data: bytes) -> int:
        done = subprocess.run([sys.executable, "-c", program, *arguments], input=data, capture_output=True)
        return done.returncode

    assert (verified(body), verified(body + b" ")) == (0, 1)


def test_the_keys_two_forms_are_one_key(systems, registry_key):
    told = systems().get("/v1/key").json()
    assert PublicKey.parse(told["key"]) == registry_key.public
    assert b64decode(told["webhook_key"].removeprefix("whpk_")) == registry_key.public.raw


def test_the_page_names_what_there_is(console):
    described = json.loads((Path(__file__).resolve().parents[3] / "docs" / "openapi.json").read_text())
    named = set(re.findall(r"/v1/[a-z{}0-9/]+", PAGE))
    known = {re.sub(r"\{\w+\}", "{}", path) for path in described["paths"]}
    allowed = {"/v1/openapi.json", "/v1/openapi"}
    assert {re.sub(r"\{\w+\}", "{}", each).rstrip("/") for each in named} - known <= allowed
