"""Backup and restore, by the command line as people do it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime

import pytest
import yaml

from gateway.cli import main
from gateway.outbox.backup import InUse, NoBackup, back_up, restore
from gateway.outbox.file import DATABASE
from gateway.outbox.outbox import Outbox, State
from record.proof import SigningKey, unwire
from record.receipt import Answer, Receipt
from record.topics import Gate

GATE = Gate("depot", "g1")


@pytest.fixture
def site(tmp_path):
    """A gate's folder with a site's file and a key."""
    SigningKey.read_or_create(tmp_path / "gate.pem")
    lane = {"name": "l1", "scale": {"protocol": "mt_continuous", "port": "/dev/null"}}
    content = {
        "depot": {
            "name": "depot",
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": "g1",
        "data": "data",
        "language": "en",
        "keys": {"signing": "gate.pem", "registry": str(SigningKey.generate().public)},
        "broker": {"host": "127.0.0.1"},
        "lanes": [lane],
    }
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def box_of(site):
    opened = []

    def make(**options):
        key = SigningKey.read(site.parent / "gate.pem")
        box = Outbox(site.parent / "data" / DATABASE, GATE, key, **options)
        opened.append(box)
        return box

    yield make
    for box in opened:
        box.close()


def ran(*arguments):
    """Exit code of a command."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code or 0
    return 0


def test_a_backup_is_made_while_the_gate_goes_on_and_can_be_restored(site, box_of, letter, tmp_path, capsys):
    box = box_of()
    box.put(letter(), letter())
    source = box.source
    assert ran("backup", site, tmp_path / "copy.db") == 0
    later = box.put(letter())[0]
    assert ran("restore", site, tmp_path / "copy.db") == 1
    assert "in use" in capsys.readouterr().err
    box.close()

    assert ran("restore", site, tmp_path / "copy.db") == 0
    box = box_of()
    opened = unwire(box.find(limit=1)[0].body)
    named = opened["data"]
    assert (named["reason"], named["before"], named["before_sequence"]) == ("restored", source, 3)
    assert box.get(later.id) is None
    assert len(box.waiting(10)) == 4
    (aside,) = [path for path in (site.parent / "data").glob(f"{DATABASE}.2*") if path.suffix[1:].isalnum()]
    assert ran("verify", site) == 0
    kept = tmp_path / "kept"
    kept.mkdir()
    shutil.copy(aside, kept / DATABASE)
    old = Outbox(kept / DATABASE, GATE, SigningKey.read(site.parent / "gate.pem"), owner=False)
    assert old.get(later.id) is not None
    old.close()


def test_what_is_no_backup_is_not_laid_in(site, box_of, letter, tmp_path):
    box = box_of()
    (stored,) = box.put(letter())
    box.close()
    for name, content in (("text", b"no database"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NoBackup):
            restore(tmp_path / name, site.parent / "data" / DATABASE, GATE, SigningKey.generate())
    with pytest.raises(NoBackup):
        restore(tmp_path / "nowhere", site.parent / "data" / DATABASE, GATE, SigningKey.generate())
    assert box_of().get(stored.id) is not None


def test_a_backup_that_cannot_be_written_leaves_nothing(box_of, tmp_path):
    box = box_of()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        back_up(box.file, tmp_path / "file" / "copy.db")
    assert ran("restore", tmp_path / "no-site.yaml", tmp_path / "x") != 0


def test_a_stick_that_is_not_there_is_told(box_of, site, tmp_path, capsys):
    box_of()
    assert ran("backup", site, tmp_path / "usb" / "copy.db") == 1
    assert str(tmp_path / "usb" / "copy.db") in capsys.readouterr().err
    assert not (tmp_path / "usb").exists()


def test_an_outbox_in_use_is_told(box_of, site, tmp_path):
    box = box_of()
    back_up(box.file, tmp_path / "copy.db")
    with pytest.raises(InUse) as error:
        restore(tmp_path / "copy.db", site.parent / "data" / DATABASE, GATE, SigningKey.generate())
    assert error.value.retry


def test_the_command_line_lists_shows_resends_and_buries(site, box_of, letter, capsys):
    box = box_of()
    first, second = box.put(letter("a"), letter("b"))
    assert ran("outbox", "list", site, "--json") == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["id"] for each in listed] == [second.id, first.id, box.find()[-1].id]
    assert ran("outbox", "list", site, "--state", "new", "--limit", "1") == 0
    told = capsys.readouterr().out
    assert "Outbox" in told
    (shown,) = re.findall(r"…[0-9a-f]+\b", told)
    assert ran("outbox", "show", site, shown) == 0, "what the table shows of an id names the event"
    assert second.id in capsys.readouterr().out

    assert ran("outbox", "show", site, first.id[-12:]) == 0
    assert '"text": "a"' in capsys.readouterr().out
    assert ran("outbox", "show", site, "nothing") == 1
    assert "names 0 events" in capsys.readouterr().err

    assert ran("outbox", "dead", site, first.id) == 1
    assert ran("outbox", "dead", site, first.id, "--reason", "it blocks") == 0
    assert ran("outbox", "resend", site, first.id) == 1
    assert "new revision" in capsys.readouterr().err
    assert ran("outbox", "dead", site, "--json") == 0
    (dead,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (dead["id"], dead["reason"]) == (first.id, "it blocks")
    assert ran("outbox", "resend", site, second.id) == 0
    assert ran("verify", site) == 0


def test_what_the_registry_holds_is_not_put_aside_while_it_is_sent_again(site, box_of, letter, capsys):
    box = box_of()
    (stored,) = box.put(letter("a"))
    receipt = Receipt(
        answer=Answer.ACCEPTED,
        event=stored.id,
        source=stored.source,
        sequence=stored.sequence,
        hash=stored.hash,
        at=datetime.now(UTC),
    )
    box.settle([receipt])
    assert ran("outbox", "resend", site, stored.id) == 0
    assert ran("outbox", "dead", site, stored.id, "--reason", "it blocks") == 1
    assert "with a receipt" in capsys.readouterr().err
    assert box.get(stored.id).state is State.NEW


def test_verify_finds_a_broken_chain_and_a_missing_outbox(site, box_of, letter, capsys):
    assert ran("verify", site) == 1
    assert "no outbox" in capsys.readouterr().err
    box = box_of()
    box.put(letter("a"), letter("b"))
    with box.file.writing() as db:
        db.execute("DELETE FROM queue WHERE row = 2")
        db.execute("DELETE FROM events WHERE row = 2")
    assert ran("verify", site) == 1
    assert "events 2–2 are missing" in capsys.readouterr().out
