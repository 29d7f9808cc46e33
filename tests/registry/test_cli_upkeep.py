"""Upkeep as a user does it: gates let in and out, copies, and a registry that was set back."""

from __future__ import annotations

from sqlalchemy import select

from record.topics import Gate
from registry.database import open_engine, reading
from registry.receiving import Receiver
from registry.roster import Roster
from registry.settings import load
from registry.tables import drafts
from registry.verify import verified

KINDS = ("sqlite",)


def test_a_parked_key_is_accepted_by_its_digits_and_revoked_again(
    command, settings_file, file_engine, kit, registry_key, clock
):
    new = kit.Chain(Gate("depot", "g9"))
    intake = Receiver(file_engine, registry_key, Roster.of(load(settings_file).file), clock)
    assert intake.receive([new.opened()])[0].outcome == "parked"
    assert f"depot/g9\t{new.key.public.id}\tparked\t1" in command("gate", "list", settings_file)[1]
    assert command("gate", "accept", "depot/g9", "0" * 16, settings_file)[0] == 1
    assert command("gate", "add", "nowhere/g9", str(new.key.public), settings_file)[0] == 1
    assert command("gate", "accept", "depot/g9", new.key.public.id, settings_file)[0] == 0
    assert intake.look_again()
    assert [each.outcome for each in intake.take_in()] == ["accepted"]
    assert intake.receive([new.draft()])[0].outcome == "accepted"
    assert command("gate", "revoke", "depot/g9", new.key.public.id, settings_file)[0] == 0
    assert intake.look_again()
    assert intake.receive([new.draft()])[0].outcome == "parked"
    with reading(file_engine) as connection:
        assert verified(connection).unbroken


def test_a_gate_without_a_key_is_listed(command, settings_file, chain):
    settings_file.write_text(settings_file.read_text().replace(f'"{chain.key.public}"', ""))
    assert command("gate", "list", settings_file) == (0, "depot/g1\t-\tnone\t\t\n")


def test_a_key_of_the_settings_can_be_revoked_and_stays_so(
    command, settings_file, file_engine, chain, registry_key, clock
):
    assert command("gate", "revoke", "depot/g1", chain.key.public.id, settings_file)[0] == 0
    intake = Receiver(file_engine, registry_key, Roster.of(load(settings_file).file), clock)
    assert intake.receive([chain.draft()])[0].outcome == "parked"
    assert command("gate", "accept", "depot/g1", str(chain.key.public), settings_file)[0] == 0
    assert intake.receive([chain.draft()])[0].outcome == "accepted"


def test_a_gate_that_nobody_knows_is_told_at_once(command, settings_file):
    asked = ("lane", settings_file, "--by", "Leo Paz", "--reason", "vino por error")
    code, told = command("gate", "void", "depot/g9", *asked)
    assert (code, "depot/g9" in told) == (1, True)


def test_a_registry_set_back_takes_what_gates_send_again_and_gives_no_number_twice(
    command, settings_file, file_engine, kit, chain, registry_key, tmp_path
):
    """Ten drafts before the copy, ten after it; the database is lost and the gate sends all again."""
    now = kit.datetime.now(kit.UTC)
    roster = Roster.of(load(settings_file).file)
    intake = Receiver(file_engine, registry_key, roster, lambda: now)
    before = [chain.draft() for _ in range(10)]
    intake.receive(before)
    copy = tmp_path / "copy.db"
    assert command("backup", copy, settings_file)[0] == 0
    assert command("backup", copy, settings_file)[0] == 1
    after = [chain.draft() for _ in range(10)]
    given = [kit.receipt_of(each.reply.body).delivery_number for each in intake.receive(after)]
    assert command("restore", settings_file, "--from", copy)[0] == 1
    file_engine.dispose()
    for name in ("registry.db", "registry.db-wal", "registry.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    assert command("restore", settings_file, "--from", copy, "--last", "12")[0] == 1
    assert command("restore", settings_file, "--last", given[-1], "--margin", "100")[0] == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    intake = Receiver(engine, registry_key, roster, lambda: now)
    again = [kit.receipt_of(each.reply.body) for each in intake.receive([*before, *after])]
    assert [each.answer for each in again] == ["duplicate"] * 10 + ["accepted"] * 10
    assert not {each.delivery_number for each in again[10:]} & set(given)
    assert int(again[-1].delivery_number[12:20]) > int(given[-1][12:20]) + 100
    with reading(engine) as connection:
        assert verified(connection).unbroken
        assert len(connection.execute(select(drafts.c.draft)).all()) == 20
    engine.dispose()


def test_a_server_is_copied_by_its_own_programs(command, kit, chain, tmp_path, postgres_url):
    path = tmp_path / "registry.yaml"
    path.write_text(kit.registry_file(chain, database=postgres_url).model_dump_json(exclude_none=True))
    code, said = command("backup", tmp_path / "copy.db", path)
    assert (code, "pg_dump" in said) == (1, True)
    assert command("migrate", path)[0] == 0
