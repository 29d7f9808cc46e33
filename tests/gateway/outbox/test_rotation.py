"""A gate's new key: announced by the old one, in force whole or not at all, whatever stops it in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.outbox import rotation
from gateway.outbox.letter import Letter
from gateway.outbox.outbox import Outbox
from gateway.outbox.rotation import following, rotate, settled_key
from gateway.outbox.verify import verified
from record.event import EventType
from record.proof import BadKey, Proof, SigningKey, unwire
from record.topics import Gate


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "gate.pem"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def say(database: Path, gate: Gate, key: SigningKey, letter: Callable[..., Letter]) -> str:
    """One more event by this key; the id of the key that its proof names."""
    box = Outbox(database, gate, key)
    [stored] = box.put(letter())
    box.close()
    return Proof.parse(unwire(stored.body)["proof"]).key


def test_the_old_key_announces_the_new_one_which_signs_from_then_on(
    key_file: Path, database: Path, gate: Gate, letter: Callable[..., Letter]
) -> None:
    first = settled_key(key_file, database)
    say(database, gate, first, letter)
    old, new = rotate(key_file, database, gate, "yearly")
    assert old == first.public
    key = settled_key(key_file, database)
    assert key.public == new != old
    assert say(database, gate, key, letter) == new.id
    box = Outbox(database, gate, key)
    changes = [unwire(each.body) for each in reversed(box.find()) if each.type == EventType.KEY_CHANGED]
    assert [each["data"]["key"] for each in changes] == [str(new)] * 2
    assert changes[0]["data"]["reason"] == "yearly"
    assert [Proof.parse(each["proof"]).key for each in changes] == [old.id, new.id]
    report = verified(box.file, new)
    assert report.unbroken, list(report.lines("en"))
    assert report.events == 5
    box.close()


def test_keys_are_their_owners_alone_and_the_old_one_is_kept(
    key_file: Path, database: Path, gate: Gate
) -> None:
    first = settled_key(key_file, database)
    rotate(key_file, database, gate, "yearly")
    kept = key_file.with_name(f"gate.pem.old-{first.public.id}")
    assert SigningKey.read(kept).public == first.public
    assert {path.name for path in key_file.parent.iterdir()} == {"gate.pem", kept.name}
    assert all(path.stat().st_mode & 0o077 == 0 for path in key_file.parent.iterdir())


def test_a_stop_before_the_announcement_leaves_the_old_key(
    key_file: Path, database: Path, gate: Gate, letter: Callable[..., Letter]
) -> None:
    first = settled_key(key_file, database)
    say(database, gate, first, letter)
    SigningKey.read_or_create(following(key_file))
    assert settled_key(key_file, database).public == first.public
    assert not following(key_file).exists()


def test_a_stop_after_the_announcement_leaves_the_new_key(
    key_file: Path, database: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = settled_key(key_file, database)

    def dies(key_file: Path) -> None:
        raise BadKey("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_put_in_force", dies)
        with pytest.raises(BadKey):
            rotate(key_file, database, gate, "yearly")
    assert SigningKey.read(key_file).public == first.public
    coming = SigningKey.read(following(key_file)).public
    assert settled_key(key_file, database).public == coming != first.public
    assert settled_key(key_file, database).public == coming


def test_twice_in_a_row_is_one_chain(
    key_file: Path, database: Path, gate: Gate, letter: Callable[..., Letter]
) -> None:
    for _ in range(3):
        say(database, gate, settled_key(key_file, database), letter)
        rotate(key_file, database, gate, "again")
    box = Outbox(database, gate, settled_key(key_file, database))
    assert verified(box.file, box.public_key).unbroken
    box.close()


@pytest.mark.parametrize("simulated", [True, False])
def test_what_a_gate_that_is_not_real_says_of_itself_is_marked(
    key_file: Path, database: Path, gate: Gate, simulated: bool
) -> None:
    box = Outbox(database, gate, settled_key(key_file, database), simulated=simulated)
    box.open_installation("restored")
    box.close()
    rotate(key_file, database, gate, "yearly", simulated=simulated)
    box = Outbox(database, gate, settled_key(key_file, database), owner=False)
    said = [unwire(each.body) for each in box.find()]
    box.close()
    assert {each["type"] for each in said} == {EventType.INSTALLATION_OPENED, EventType.KEY_CHANGED}
    assert [each["simulated"] for each in said] == [simulated] * 4
