"""Older copies of the gate's or the registry's database, with the real registry."""

from __future__ import annotations

import json
import shutil

from gateway.outbox.outbox import State
from record.proof import unwire


def installations(rig):
    """What the events that open chains say, in the order of their coming."""
    rows = rig.of_registry(
        "SELECT body FROM events WHERE type = 'ec.iie.installation.opened' ORDER BY position"
    )
    return [unwire(row[0]) for row in rows]


def refused(rig):
    return rig.of_registry("SELECT sequence, reasons FROM refusals")


def test_a_copy_put_back_loses_nothing_and_names_the_gap(gatehouse, rig, tmp_path):
    rig.registry.start()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(10)}
    gatehouse.until_received()
    source = gatehouse.outbox.source
    gatehouse.close()
    rig.copy_outbox(tmp_path / "aside")
    gatehouse.open()
    gatehouse.connect()
    ids |= {each.id for each in gatehouse.put(10)}
    gatehouse.until_received()
    gatehouse.close()

    rig.lay_in(tmp_path / "aside")
    gatehouse.open()
    assert gatehouse.outbox.head().sequence == 11
    gatehouse.connect()
    ids |= {each.id for each in gatehouse.put(10)}
    gatehouse.until_received()

    assert ids <= gatehouse.held()
    assert len(refused(rig)) <= 1
    counts = gatehouse.outbox.counts()
    assert counts[State.REFUSED] == counts[State.DEAD] == 0
    opened = installations(rig)[-1]
    assert opened["source"] == gatehouse.outbox.source != source
    assert (opened["data"]["before"], opened["data"]["reason"]) == (source, "registry_ahead")
    assert opened["data"]["before_sequence"] == 11
    ((held,),) = rig.of_registry(f"SELECT MAX(sequence) FROM events WHERE source = '{source}'")
    assert held == 21
    gatehouse.verify()


def test_what_an_older_copy_has_said_before_it_was_noticed_is_issued_anew(gatehouse, rig, tmp_path):
    rig.registry.start()
    gatehouse.connect()
    gatehouse.put(3)
    gatehouse.until_received()
    gatehouse.close()
    rig.copy_outbox(tmp_path / "aside")
    gatehouse.open()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(3)}
    gatehouse.until_received()
    gatehouse.close()

    rig.lay_in(tmp_path / "aside")
    gatehouse.open()
    ids |= {each.id for each in gatehouse.put(8)}
    gatehouse.close()
    gatehouse.open()
    gatehouse.connect()
    ids |= {each.id for each in gatehouse.put(2)}
    gatehouse.until_received()

    assert ids <= gatehouse.held()
    counts = gatehouse.outbox.counts()
    assert counts[State.REFUSED] == counts[State.DEAD] == 0
    assert len(refused(rig)) <= 1
    assert all("same_sequence" in json.dumps(reasons) for _, reasons in refused(rig))
    gatehouse.verify()


def test_a_registry_restored_from_a_backup_heals_itself(gatehouse, rig, tmp_path, until):
    rig.registry.start()
    gatehouse.connect()
    gatehouse.put(5)
    gatehouse.until_received()
    rig.registry.stop()
    shutil.copy2(rig.registry_db, tmp_path / "backup.db")
    rig.registry.start()
    ids = {each.id for each in gatehouse.put(30)}
    gatehouse.until_received()
    assert ids <= gatehouse.held()
    rig.registry.kill()
    for path in rig.folder.glob("registry.db*"):
        path.unlink()
    shutil.copy2(tmp_path / "backup.db", rig.registry_db)
    rig.registry.start()
    until(lambda: ids <= gatehouse.held())
    gatehouse.until_received()
    assert refused(rig) == []
    gatehouse.verify()


def test_a_registry_that_has_lost_its_database_is_filled_again(gatehouse, rig, until):
    rig.registry.start()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(5)}
    gatehouse.until_received()
    rig.registry.kill()
    for path in rig.folder.glob("registry.db*"):
        path.unlink()
    rig.registry.start()
    until(lambda: ids <= gatehouse.held())
    gatehouse.verify()


def test_a_dead_event_is_no_hole_at_the_registry(gatehouse, rig, until):
    rig.registry.start()
    before, dead, after = gatehouse.put(3)
    gatehouse.outbox.bury(dead.row, "larger than the broker takes")
    gatehouse.connect()
    gatehouse.until_received()
    assert {before.id, after.id} <= gatehouse.held()
    rows = rig.of_registry(f"SELECT type FROM events WHERE sequence = {dead.sequence}")
    assert rows == [("ec.iie.record.dead",)]
    gatehouse.verify()
