"""The registry as a process between a real broker and a gate's client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_a_draft_is_stored_numbered_and_receipted(shared_broker, tmp_path, registries, posts, kit):
    chain = kit.Chain(kit.Gate("depot", "g2"))
    registry = kit.Registry(tmp_path / "registry", shared_broker, chain)
    registries.append(registry)
    registry.start()
    post = kit.Post(shared_broker, chain.gate, registry.key)
    posts.append(post)
    post.online()
    opened, draft = chain.opened(), chain.draft()
    post.send(opened, draft)
    receipt = post.answers(kit.event_id(draft))[0]
    assert receipt.answer == "accepted"
    assert receipt.delivery_number == f"{kit.OCE}{kit.year()}00000001S"
    assert registry.stop() == 0
    listed = json.loads(run_list(registry.database))
    assert [row["delivery_number"] for row in listed] == [receipt.delivery_number]


def run_list(database: Path) -> str:
    command = [sys.executable, "-m", "registry", "list", "--json", "--db", str(database)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
