"""A registry as it is run: a change that a gate has caused reaches the system that asked for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from record.topics import Gate
from registry.database import open_engine, writing
from registry.hooks import book

GATE = Gate("depot", "g9")


def test_a_draft_of_a_gate_is_told_to_a_receiver(kit, shared_broker, registries, tmp_path, erp):
    chain = kit.Chain(GATE)
    rules = {"private_hosts": [f"127.0.0.1:{erp.port}"]}
    registry = kit.Registry(tmp_path / "registry", shared_broker, chain, webhooks=rules)
    registries.append(registry)
    engine = open_engine(f"sqlite:///{registry.database}")
    kit.migrate(engine)
    with writing(engine) as connection:
        book.add(connection, "ERP", f"http://127.0.0.1:{erp.port}/", datetime.now(UTC), "Ana")
    engine.dispose()
    registry.start()
    post = kit.Post(shared_broker, GATE, registry.key)
    try:
        arrival = chain.draft()
        post.insist([arrival], 1)
        assert erp.came.wait(60), registry.log.read_text()
    finally:
        post.close()
    assert json.loads(erp.got[0][1])["data"]["change"] == "received"
    assert registry.stop() == 0
