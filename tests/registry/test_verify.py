"""Whatever is changed in a registry's database afterwards is found, and nothing else is."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from record.event import EventType
from record.proof import SigningKey, seal, unwire, wire
from record.topics import Gate
from registry.cli import main
from registry.database import open_engine, reading, writing
from registry.receiving import Receiver
from registry.roster import Roster
from registry.sweep import broken, sweep
from registry.tables import verified as verified_table
from registry.verify import verified

KINDS = ("sqlite",)
"""Whoever has the file writes into it behind everybody's back."""


@dataclass
class History:
    """A day of two gates in a database of its own."""

    chain: Any
    receiver: Receiver
    file: Path

    def tamper(self, statements: str) -> None:
        """What somebody with the file and any SQLite does; no constraint holds them."""
        database = sqlite3.connect(self.file)
        before = database.total_changes
        database.executescript(statements)
        changed = database.total_changes - before
        database.close()
        assert changed


@pytest.fixture(scope="module")
def day(kit, empty_database, registry_key, tmp_path_factory):
    """Revisions, a cancellation, a refusal, a dead record, a key change: the chain, and the file."""
    file = tmp_path_factory.mktemp("day") / "registry.db"
    shutil.copy(empty_database, file)
    engine = open_engine(f"sqlite:///{file}")
    chain, other = kit.Chain(), kit.Chain(Gate("depot", "g2"))
    intake = Receiver(engine, registry_key, Roster.of(kit.registry_file(chain, other)), kit.Clock())
    draft, voided = kit.uuid7(), kit.uuid7()
    intake.receive([chain.opened(), chain.draft(draft), chain.draft(draft, 2, weight_kg="21000")])
    intake.receive([other.opened(), other.draft(), other.draft(weight_kg="heavy"), other.draft()])
    intake.receive([chain.draft(voided), chain.draft(weight_kg=None)])
    cancelled = {"draft": voided, "lane": "l1", "reason": "wrong truck", "decided_by": "Ana"}
    intake.receive([chain.arrival("l1/ingress", chain.record(EventType.DRAFT_CANCELLED, cancelled))])
    new = SigningKey.generate()
    change = {"key": str(new.public), "reason": "rotation"}
    intake.receive([chain.arrival("installation", chain.record(EventType.KEY_CHANGED, change))])
    chain.key = new
    intake.receive([stand_in(kit, chain), chain.draft()])
    engine.dispose()
    return chain, other, file


def stand_in(kit, chain):
    """The event in the place of one that died, which the chain goes on from."""
    before = chain.previous
    chain.draft()
    link = chain.previous
    dead = {"event": kit.uuid7(), "hash": link, "reason": "too large"}
    record = chain.record(EventType.RECORD_DEAD, dead, sequence=chain.sequence, previous=before)
    chain.sequence -= 1
    arrival = chain.arrival("l1/ingress", record)
    chain.previous = link
    return arrival


@pytest.fixture
def history(kit, day, engine, registry_key, tmp_path):
    chain, other, file = day
    shutil.copy(file, tmp_path / "registry.db")
    roster = Roster.of(kit.registry_file(chain, other))
    receiver = Receiver(engine, registry_key, roster, kit.Clock())
    return History(replace(chain), receiver, tmp_path / "registry.db")


@pytest.fixture
def report(engine):
    def now(own=None):
        with reading(engine) as connection:
            return verified(connection, own)

    return now


def codes(report) -> set[str]:
    return {problem.code.removeprefix("registry.broken.") for problem in report.problems}


def test_an_untouched_history_is_unbroken(history, report, registry_key):
    chain = history.chain
    found = report()
    assert found.unbroken, list(found.lines("en"))
    through = {each.source: each.through for each in found.chains}
    assert through[chain.source] == chain.sequence == 9
    assert sorted(through.values()) == [4, 9]
    assert found.events == 13
    assert report(registry_key.public).unbroken


TAMPERED = {
    "a digit of a weight": ("UPDATE events SET body = replace(body, '21350', '21351')", "digest"),
    "a digit, digest too": (
        "UPDATE events SET body = CAST(replace(body, '21350', '31350') AS BLOB), digest = 'x'",
        "proof",
    ),
    "a space in the body": ("UPDATE events SET body = body || ' ' WHERE sequence = 2", "digest"),
    "a digest": ("UPDATE events SET digest = replace(digest, 'a', 'b')", "digest"),
    "a missing event": ("DELETE FROM events WHERE sequence = 3", "missing"),
    "a missing first event": ("DELETE FROM events WHERE sequence = 1", "missing"),
    "a missing last event": ("DELETE FROM events WHERE sequence = 9", "missing"),
    "a missing last event, its receipt too": (
        "DELETE FROM receipts WHERE event IN (SELECT id FROM events WHERE sequence = 9);"
        "DELETE FROM events WHERE sequence = 9",
        "missing",
    ),
    "a missing refused event": ("DELETE FROM refusals", "missing"),
    "a refused event's bytes": ("UPDATE refusals SET body = replace(body, 'heavy', 'h3avy')", "digest"),
    "two events swapped": (
        "UPDATE events SET sequence = -sequence WHERE sequence IN (2, 3) AND gate = 'g1';"
        "UPDATE events SET sequence = 5 + sequence WHERE sequence < 0",
        "column",
    ),
    "a column": ("UPDATE events SET simulated = 1 WHERE sequence = 2", "column"),
    "a topic": ("UPDATE events SET topic = 'gate/v1/depot/g7/l1/ingress' WHERE sequence = 2", "column"),
    "a time of receipt": (
        "UPDATE events SET received_at = '2026-11-23 00:00:00.000000' WHERE sequence = 2",
        "receipt",
    ),
    "a missing receipt": (
        "DELETE FROM receipts WHERE event IN (SELECT id FROM events WHERE sequence = 2)",
        "no_receipt",
    ),
    "a receipt's answer": ("UPDATE receipts SET body = replace(body, 'accepted', 'refused')", "receipt"),
    "receipts of each other": (
        "UPDATE receipts SET body = (SELECT body FROM receipts ORDER BY event LIMIT 1)",
        "receipt",
    ),
    "a listed weight": ("UPDATE drafts SET weight_kg = 1 WHERE position = 1", "draft"),
    "a listed document": ("UPDATE drafts SET document_number = '02820264000123457'", "draft"),
    "a listed status": ("UPDATE drafts SET status = 'complete'", "draft"),
    "a listed time": ("UPDATE drafts SET received_at = '2026-11-23 00:00:00.000000'", "draft"),
    "a number": (
        "UPDATE drafts SET delivery_number = '01234567202600000099S' WHERE position = 1",
        "number",
    ),
    "a number that was given to another": (
        "DELETE FROM drafts WHERE position = 2;"
        "UPDATE drafts SET delivery_number = '01234567202600000002S' WHERE position = 1",
        "receipt",
    ),
    "an older revision shown": (
        "UPDATE drafts SET (event, revision, weight_kg) = "
        "(SELECT event, 1, 21350 FROM revisions WHERE revision = 1 AND draft = drafts.draft) "
        "WHERE revision = 2",
        "behind",
    ),
    "a missing draft": ("DELETE FROM drafts WHERE position = 1", "draft_gone"),
    "a missing revision": ("DELETE FROM revisions WHERE revision = 2", "revision_gone"),
    "a missing key": ("DELETE FROM keys WHERE owner = 'depot/g1'", "foreign_key"),
    "a counter set back": ("UPDATE counters SET last = 1", "number"),
    "a head": ("UPDATE heads SET hash = 'x'", "head"),
}


@pytest.mark.parametrize(("statements", "code"), TAMPERED.values(), ids=TAMPERED)
def test_what_is_changed_is_found(history, report, statements, code):
    history.tamper(statements)
    found = report()
    assert not found.unbroken
    assert code in codes(found), list(found.lines("en"))


def test_a_break_ends_what_is_verified_but_not_the_looking(history, report):
    history.tamper("DELETE FROM events WHERE gate = 'g1' AND sequence IN (4, 6)")
    found = report()
    (mine,) = [each for each in found.chains if each.source == history.chain.source]
    assert (mine.through, mine.highest) == (3, 9)
    missing = [problem.params["first"] for problem in found.problems if problem.code.endswith("missing")]
    assert missing == [4, 6]


def test_a_forger_with_the_whole_database_needs_the_gates_key(history, report, engine):
    """Bytes, hash, digest and link anew, signed by a key of the forger's own."""
    forger = SigningKey.generate()
    with writing(engine) as connection:
        query = "SELECT position, body FROM events WHERE source = ? ORDER BY sequence DESC LIMIT 1"
        position, body = connection.exec_driver_sql(query, (history.chain.source,)).one()
        record = unwire(body)
        record["data"]["payload"]["items"][0]["weight_kg"] = "1"
        forged = wire(seal(record, forger))
        connection.exec_driver_sql("UPDATE events SET body = ? WHERE position = ?", (forged, position))
    assert "foreign_key" in codes(report())


def test_receipts_by_another_registry_are_found_when_the_key_is_known(history, report):
    assert codes(report(SigningKey.generate().public)) == {"receipt"}


def test_problems_are_told_in_both_languages(history, report):
    history.tamper("DELETE FROM counters; DELETE FROM revisions WHERE revision = 2; DELETE FROM refusals")
    history.tamper("UPDATE events SET digest = 'x', previous = 'y'; UPDATE heads SET hash = 'z'")
    found = report()
    spanish, english = list(found.lines("es")), list(found.lines("en"))
    assert len(spanish) == len(english) == len(found.chains) + len(found.problems) + 1
    assert spanish[-1].startswith("ROTA")
    assert english[-1].startswith("BROKEN")


def run(*arguments: str | Path):
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def test_the_command_needs_nothing_but_the_file(history):
    whole = run("--db", history.file)
    assert whole.exit_code == 0, whole.stderr
    assert f"{history.chain.source}: comprobada hasta 9 de 9" in whole.stdout
    history.tamper("UPDATE events SET body = replace(body, '21350', '21351')")
    changed = run("--db", history.file)
    assert changed.exit_code == 1
    assert "ROTA" in changed.stdout


def test_a_damaged_file_is_told_not_thrown(history, engine):
    engine.dispose()
    file = history.file
    content = bytearray(file.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    file.write_bytes(content)
    found = run("--db", file)
    assert (found.exit_code, type(found.exception)) == (1, SystemExit)
    assert "malformed" in found.output or "ROTA" in found.output


def test_the_sweep_follows_the_chains_and_stops_at_a_break(history, engine, clock):
    def swept():
        problems = []
        more = True
        while more:
            with writing(engine) as connection:
                more, found = sweep(connection, clock())
                problems += found
        with reading(engine) as connection:
            rows = connection.execute(select(verified_table)).all()
            return {row.source: row.sequence for row in rows}, problems, broken(connection)

    through, problems, is_broken = swept()
    assert (through[history.chain.source], sorted(through.values())) == (9, [4, 9])
    assert (problems, is_broken) == ([], False)
    history.receiver.receive([history.chain.draft(), history.chain.draft()])
    history.tamper("UPDATE events SET body = body || ' ' WHERE sequence = 11")
    through, problems, is_broken = swept()
    assert through[history.chain.source] == 10
    assert [problem.params["sequence"] for problem in problems] == [11]
    assert is_broken
    assert swept()[1] == []
