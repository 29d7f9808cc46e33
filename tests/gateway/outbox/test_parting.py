"""A gate that parts from its chain while the registry has not heard of its new key."""

from __future__ import annotations

import pytest

from gateway.outbox.outbox import Outbox
from gateway.outbox.parting import signer
from gateway.outbox.rotation import former, former_keys, rotate, settled_key
from gateway.outbox.verify import verified
from record.event import EventType
from record.proof import unwire


@pytest.fixture
def rotated(tmp_path, gate, letter):
    """An outbox whose change of keys nobody has received: opening, draft, change, in force, draft."""
    key_file, database = tmp_path / "keys" / "gate.pem", tmp_path / "gateway.db"
    old = settled_key(key_file, database)
    before = Outbox(database, gate, old)
    before.put(letter("by the old key"))
    before.close()
    rotate(key_file, database, gate, "yearly")
    key = settled_key(key_file, database)
    box = Outbox(database, gate, key, former=former_keys(key_file))
    box.put(letter("by the new key"))
    yield box, old.public, key.public, key_file
    box.close()


def anew(box, source):
    """Type and signer of what stands in the newest installation, in its order."""
    return [
        (each.type.removeprefix("ec.iie."), signer(each))
        for each in reversed(box.find())
        if each.source == box.source != source
    ]


def test_the_new_installation_begins_with_the_key_that_the_registry_knows(rotated):
    box, old, new, _ = rotated
    source = box.source
    assert box.part(source, 2) == 4
    assert anew(box, source) == [
        ("installation.opened", old.id),
        ("draft", old.id),
        ("key.changed", old.id),
        ("key.changed", new.id),
        ("draft", new.id),
    ]
    [opened] = [each for each in box.find() if each.source == box.source and each.sequence == 1]
    assert unwire(opened.body)["data"]["key"] == str(old)
    assert verified(box.file, new).unbroken


def test_without_the_old_keys_file_the_new_key_signs_all(rotated):
    box, old, new, key_file = rotated
    source = box.source
    former(key_file, old.id).unlink()
    box.part(source, 2)
    assert {key for _, key in anew(box, source)} == {new.id}


def test_where_the_old_key_has_ended_the_new_one_signs_all(rotated):
    box, _, new, _ = rotated
    source = box.source
    box.part(source, 1, key_ended=True)
    assert {key for _, key in anew(box, source)} == {new.id}
    [opened] = [each for each in box.find() if each.source == box.source and each.sequence == 1]
    assert unwire(opened.body)["data"]["reason"] == "key_ended"


def test_a_change_that_was_received_needs_no_old_key(rotated):
    box, _, new, _ = rotated
    source = box.source
    with box.file.writing() as db:
        db.execute("UPDATE queue SET state = 'received' WHERE row < 5")
    assert box.part(source, 2) == 1
    assert anew(box, source) == [("installation.opened", new.id), ("draft", new.id)]
    assert [each.type for each in box.find()].count(EventType.KEY_CHANGED) == 2
