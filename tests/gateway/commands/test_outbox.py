"""``iie-gateway outbox dead``: what fits into no event is told beside what is dead."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gateway.outbox.outbox import Letter, Outbox
from gateway.site.checks import read_site
from gateway.trouble import Trouble
from record.event import EventType
from record.messages import text
from record.proof import SigningKey
from record.topics import Gate

BOOK = Path(__file__).parents[1] / "stories"


def test_what_was_set_aside_is_listed_with_its_reason(tmp_path: Path) -> None:
    content = yaml.safe_load((BOOK / "site.yaml").read_text(encoding="utf-8"))
    content |= {
        "data": "data",
        "keys": {"signing": "gate.pem", "registry": str(SigningKey.generate().public)},
    }
    content.pop("preadvice", None)
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    site = read_site(path)
    key = SigningKey.read_or_create(tmp_path / "gate.pem")
    gate = Gate(site.depot.name, site.gate)
    box = Outbox(tmp_path / "data" / "gateway.db", gate, key)
    large = Letter(EventType.DRAFT, gate.installation, {"revision": 3, "x": "x" * 70_000}, subject="draft-1")
    small = Letter(EventType.DRAFT, gate.installation, {"revision": 4}, subject="draft-1")
    [aside] = box.keep(large, small)
    assert (aside.subject, aside.revision) == ("draft-1", 3)
    assert [box.holds("ec.iie.draft", "draft-1", revision) for revision in (3, 4, 5)] == [True, True, False]
    assert len(box.find()) == 2, "the letter beside it is stored"
    box.close()
    command = [sys.executable, "-m", "gateway", "outbox", "dead", str(path)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert "draft-1" in shown
    assert "65536 are allowed" in shown
    told = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert json.loads(told)["reason"] == aside.reason


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_trouble_of_a_lane_has_its_text(language: str) -> None:
    assert all(text(f"trouble.{each.value}", language) for each in Trouble)
