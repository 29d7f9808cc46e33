"""A gate changes its key: the real registry takes the new one in by itself, and no other."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest

from benchmarks.rig import GATE
from gateway.outbox.outbox import Letter, Outbox, State
from gateway.outbox.rotation import former_keys, settled_key
from record.event import EventType, KeyChanged
from record.proof import Proof, SigningKey, unwire


def rotated(rig, *options):
    command = [sys.executable, "-m", "gateway", "key", "rotate", str(rig.site_file), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def signers(rig):
    """Which key signed each event that the registry holds, by sequence."""
    rows = rig.of_registry("SELECT body FROM events ORDER BY sequence")
    return [Proof.parse(unwire(body)["proof"]).key for (body,) in rows]


def test_events_by_the_new_key_are_received_without_anybody_at_the_registry(gatehouse, rig, until):
    rig.registry.start()
    gatehouse.connect()
    gatehouse.put(3)
    gatehouse.until_received()
    while_open = rotated(rig)
    assert while_open.returncode == 1, "a gate at work keeps its key"
    gatehouse.close()
    old = gatehouse.key.public

    done = rotated(rig, "--reason", "yearly")
    assert done.returncode == 0, done.stderr
    gatehouse.key = settled_key(rig.folder / "gate.pem", rig.database)
    new = gatehouse.key.public
    assert str(new) in done.stdout
    assert new != old
    gatehouse.open()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(5)}
    gatehouse.until_received()
    assert ids <= gatehouse.held()
    assert signers(rig) == [old.id] * 5 + [new.id] * 6
    gatehouse.verify()

    rig.registry.stop()
    rig.registry.start()
    more = {each.id for each in gatehouse.put(2)}
    gatehouse.until_received()
    assert more <= gatehouse.held(), "the registry knows the key after a new start"
    assert rig.of_registry("SELECT COUNT(*) FROM refusals") == [(0,)]


@pytest.mark.long
def test_an_older_copy_that_changes_its_key_parts_and_everything_is_received(gatehouse, rig, tmp_path):
    rig.registry.start()
    gatehouse.connect()
    gatehouse.put(2)
    gatehouse.until_received()
    gatehouse.close()
    rig.copy_outbox(tmp_path / "aside")
    gatehouse.open()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(5)}
    gatehouse.until_received()
    gatehouse.close()

    rig.lay_in(tmp_path / "aside")
    gatehouse.open()
    ids |= {each.id for each in gatehouse.put(2)}
    gatehouse.close()
    done = rotated(rig)
    assert done.returncode == 0, done.stderr
    key_file = rig.folder / "gate.pem"
    gatehouse.key = settled_key(key_file, rig.database)
    gatehouse.outbox = Outbox(rig.database, GATE, gatehouse.key, former=former_keys(key_file))
    ids |= {each.id for each in gatehouse.put(2)}
    gatehouse.connect()
    gatehouse.until_received()
    ids |= {each.id for each in gatehouse.put(2)}
    gatehouse.until_received()

    assert ids <= gatehouse.held()
    counts = gatehouse.outbox.counts()
    assert counts[State.DEAD] == counts[State.REFUSED] == 0
    changes = "SELECT COUNT(*) FROM events WHERE type = 'ec.iie.key.changed'"
    assert rig.of_registry(changes) == [(2,)]
    assert rig.of_registry("SELECT COUNT(*) FROM parked") == [(0,)]
    gatehouse.verify()


def test_what_the_old_key_says_later_is_refused_and_a_gate_with_the_new_one_says_it_anew(
    gatehouse, rig, tmp_path
):
    """A gate's older copy has drafts by the old key in an installation that the registry never heard of."""
    rig.registry.start()
    gatehouse.connect()
    gatehouse.until_received()
    gatehouse.close()
    rig.copy_outbox(tmp_path / "aside")
    rotated(rig)
    key_file, old = rig.folder / "gate.pem", gatehouse.key
    gatehouse.key = settled_key(key_file, rig.database)
    gatehouse.open()
    gatehouse.connect()
    gatehouse.put(2)
    gatehouse.until_received()
    gatehouse.close()

    rig.lay_in(tmp_path / "aside")
    with closing(Outbox(rig.database, GATE, old, simulated=True)) as box:
        box.open_installation("restored")
        unheard = box.source
    gatehouse.key, new = old, gatehouse.key
    gatehouse.open()
    ids = {each.id for each in gatehouse.put(2)}
    gatehouse.close()
    gatehouse.key = new
    gatehouse.open()
    ids |= {each.id for each in gatehouse.put(2)}
    gatehouse.connect()
    gatehouse.until_received()

    assert ids <= gatehouse.held()
    assert rig.of_registry(f"SELECT COUNT(*) FROM events WHERE source = '{unheard}'") == [(0,)]
    assert gatehouse.outbox.counts()[State.REFUSED] == 0
    assert rig.verify("registry", str(rig.registry_file))[0] == 0


def test_a_key_that_nobody_announced_is_parked(gatehouse, rig, until):
    rig.registry.start()
    gatehouse.connect()
    gatehouse.until_received()
    gatehouse.close()
    stranger = SigningKey.generate()
    gatehouse.key = stranger
    gatehouse.open()
    data = KeyChanged(key=str(stranger.public), reason="mine now").to_wire()
    gatehouse.outbox.put(Letter(EventType.KEY_CHANGED, GATE.installation, data, simulated=True))
    gatehouse.connect()
    until(lambda: rig.of_registry("SELECT COUNT(*) FROM parked") == [(1,)])
    assert rig.of_registry(f"SELECT COUNT(*) FROM keys WHERE id = '{stranger.public.id}'") == [(0,)]
