"""Files of evidence from a gate's outbox and disk to a real registry over a real socket."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.evidence import EvidenceStore
from gateway.link.login import trusting
from gateway.load import synthetic
from gateway.outbox.letter import Letter, State, now
from gateway.outbox.outbox import Outbox
from gateway.site.checks import read_site
from gateway.upload.queue import FileState, UploadQueue
from gateway.upload.sender import Sender
from gateway.upload.uploader import Uploader, UploadStatus
from record.draft import Evidence, SightingProof
from record.event import EventType
from record.proof import SigningKey, sha256, unwire
from record.receipt import Receipt
from record.topics import Gate, Stream
from registry.database import migrate, open_engine
from registry.intake import Arrival
from registry.receiving import Receiver
from registry.roster import Roster
from registry.settings import Http, RegistryFile, Settings
from registry.web.app import app
from registry.web.server import WebServer, listen

GATE = Gate("guayaquil", "g1")
SITE = Path(__file__).parents[1] / "gateway" / "stories" / "site.yaml"


def picture(text: str) -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02" + text.encode() * 50 + b"\xff\xd9"


class Registry:
    """The receiving and the HTTP of a registry, without a broker in between; it can go away and come back."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self.key = SigningKey.generate()
        of = read_site(SITE).depot
        depot = {"profile": of.profile, "district": of.district, "oce": of.oce}
        depot |= {"operator_type": of.operator_type, "channel": of.channel}
        gates = {GATE.gate: {"keys": [str(key.public)]}}
        self.file = RegistryFile.model_validate(
            {"depots": {GATE.depot: {**depot, "gates": gates}}, "accept_simulated": True}
        )
        self.settings = Settings(self.file, folder / "registry.yaml")
        self.engine = open_engine(f"sqlite:///{folder / 'registry.db'}")
        migrate(self.engine)
        self.receiver = Receiver(self.engine, self.key, Roster.of(self.file), now)
        self.server: WebServer | None = None
        self.tls: Path | None = None
        self.port = 0

    def up(self, tls: Path | None = None) -> None:
        http = Http.model_validate({"tls": {"certificate": "chain.pem", "key": "chain.pem"}} if tls else {})
        application = app(self.settings, self.engine, now, self.key)
        self.server = WebServer(
            application, listen("127.0.0.1", self.port), http, tls or self.settings.folder
        )
        self.port = self.server.port
        self.server.start()

    def down(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def receive(self, outbox: Outbox) -> None:
        """Take in what waits in an outbox, and let the receipts arrive."""
        stored = outbox.waiting(100)
        results = self.receiver.receive([Arrival.of(each.topic, each.body) for each in stored])
        outbox.settle(Receipt.from_wire(unwire(result.reply.body)) for result in results if result.reply)

    def holds(self, data: bytes) -> bool:
        path = self.settings.evidence / GATE.depot / sha256(data)[:2] / f"{sha256(data)}.jpg"
        return path.is_file() and path.read_bytes() == data


class Gatehouse:
    """A gate's outbox, disk and uploader."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self.site = read_site(SITE)
        self.key, self.folder = key, folder
        self.outbox = Outbox(folder / "gateway.db", GATE, key)
        self.store = EvidenceStore(folder / "evidence")
        self.queue = UploadQueue(self.outbox.file)
        self.told: list[UploadStatus] = []
        self.uploader: Uploader | None = None

    def draft(self, *pictures: bytes, missing: bool = False) -> None:
        """A draft that names pictures enters the outbox."""
        sightings = tuple(
            SightingProof(
                id=f"s{n}",
                at=now(),
                device="rear",
                status="accepted",
                picture=sha256(data) if missing else self.store.keep(data),
            )
            for n, data in enumerate(pictures)
        )
        evidence = Evidence(sightings=sightings, clock="unknown", machine="pc", version="0")
        draft = synthetic(self.site, "l1", 1).model_copy(update={"evidence": evidence})
        topic = GATE.lane("l1", Stream.INGRESS)
        self.outbox.put(Letter(EventType.DRAFT, topic, draft.to_wire(), subject=draft.draft, simulated=True))

    def upload(self, url: str, tls: ssl.SSLContext | None = None) -> Uploader:
        sender = Sender(url, self.key, now, tls or trusting(None))
        self.uploader = Uploader(
            self.queue, self.store, sender, now, self.told.append, look_every_s=0.02, pause_s=(0.02, 0.1)
        )
        self.uploader.start()
        return self.uploader

    def states(self) -> dict[str, str]:
        return dict(self.outbox.file.read("SELECT digest, state FROM files"))

    def close(self) -> None:
        if self.uploader is not None:
            self.uploader.stop()
        self.outbox.close()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def registry(tmp_path: Path, key: SigningKey) -> Iterator[Registry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    registry = Registry(folder, key)
    yield registry
    registry.down()
    registry.engine.dispose()


@pytest.fixture
def gate(tmp_path: Path, key: SigningKey) -> Iterator[Gatehouse]:
    gate = Gatehouse(tmp_path / "gate", key)
    yield gate
    gate.close()


Until = Callable[..., None]


def test_pictures_follow_their_record_and_never_go_before_it(registry, gate, until: Until):
    registry.up()
    one, two = picture("rear"), picture("left")
    gate.draft(one, two)
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: gate.told)
    assert gate.states() == {}
    assert gate.outbox.counts()[State.RECEIVED] == 0
    registry.receive(gate.outbox)
    until(lambda: registry.holds(one) and registry.holds(two))
    until(lambda: gate.queue.counts().waiting == 0)
    assert set(gate.states().values()) == {FileState.HELD.value}
    until(lambda: gate.told and gate.told[-1].counts.waiting == 0)
    assert gate.told[-1].trouble is None


def test_what_two_drafts_name_goes_once(registry, gate, until: Until):
    registry.up()
    same = picture("the same truck")
    gate.draft(same)
    gate.draft(same)
    registry.receive(gate.outbox)
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: registry.holds(same))
    assert list(gate.states()) == [sha256(same)]


def test_a_registry_that_is_away_is_waited_for_and_said_once(registry, gate, until: Until, caplog):
    registry.up()
    registry.down()
    gate.draft(picture("rear"))
    registry.receive(gate.outbox)
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: gate.told and gate.told[-1].trouble is not None)
    assert gate.told[-1].counts.waiting == 1
    registry.up()
    until(lambda: registry.holds(picture("rear")))
    until(lambda: gate.told[-1].trouble is None)
    assert [record.message for record in caplog.records].count("upload: files go again") == 1
    assert sum("files wait" in record.message for record in caplog.records) == 1


def test_a_file_that_is_gone_or_refused_stops_no_other(registry, gate, until: Until):
    registry.up()
    good, lost, strange = picture("good"), picture("lost"), b"<html>no picture</html>"
    gate.draft(lost, missing=True)
    gate.draft(strange, good)
    registry.receive(gate.outbox)
    gate.upload(f"http://127.0.0.1:{registry.port}")
    decided = {sha256(good): "held", sha256(lost): "gone", sha256(strange): "refused"}
    until(lambda: gate.states() == decided)
    assert registry.holds(good)
    reasons = {file.digest: file.reason or "" for file in gate.queue.unsettled()}
    assert "not on this disk" in reasons[sha256(lost)]
    assert "415" in reasons[sha256(strange)]
    gate.store.keep(lost)
    gate.queue.again("2026-11-24T12:00:00.000Z")
    until(lambda: registry.holds(lost))


def test_a_file_that_is_damaged_on_the_disk_is_told_as_that(registry, gate, until: Until):
    registry.up()
    gate.draft(picture("rear"))
    registry.receive(gate.outbox)
    gate.store.path(sha256(picture("rear"))).write_bytes(picture("other"))
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: gate.states() == {sha256(picture("rear")): "gone"})


def test_a_killed_gate_goes_on_where_it_was(registry, gate, key, tmp_path, until: Until):
    """What was receipted before the kill is noted in the database; nothing has to be remembered."""
    registry.up()
    gate.draft(picture("before the kill"))
    registry.receive(gate.outbox)
    gate.close()
    again = Gatehouse(tmp_path / "gate", key)
    again.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: registry.holds(picture("before the kill")))
    again.close()


def test_a_database_that_never_sent_files_sends_those_of_its_received_drafts(
    registry, gate, key, tmp_path, until: Until
):
    registry.up()
    gate.outbox.file.read("SELECT 1")
    with gate.outbox.file.writing() as db:
        for statement in ("DROP TRIGGER draft_received", "DROP TABLE files", "DROP TABLE receipted"):
            db.execute(statement)
        db.execute("DELETE FROM _sqlite_migrations WHERE migration_set = 'upload'")
    gate.draft(picture("old"))
    registry.receive(gate.outbox)
    gate.queue = UploadQueue(gate.outbox.file)
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: registry.holds(picture("old")))


def test_a_draft_that_this_version_does_not_understand_is_told_and_left(registry, gate, until: Until, caplog):
    registry.up()
    gate.draft(picture("rear"))
    registry.receive(gate.outbox)
    with gate.outbox.file.writing() as db:
        db.execute("UPDATE events SET body = ? WHERE type = 'ec.iie.draft'", [json.dumps({"data": {}})])
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: any("are not known" in record.message for record in caplog.records))
    assert gate.states() == {}


@pytest.mark.parametrize("trusted", [True, False])
def test_over_tls_the_registry_proves_who_it_is(registry, gate, tmp_path, until: Until, trusted):
    authority, other = trustme.CA(), trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    folder = tmp_path / "tls"
    folder.mkdir()
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "chain.pem")
    (authority if trusted else other).cert_pem.write_to_path(folder / "ca.pem")
    registry.up(folder)
    gate.draft(picture("rear"))
    registry.receive(gate.outbox)
    gate.upload(f"https://127.0.0.1:{registry.port}", trusting(folder / "ca.pem"))
    if trusted:
        until(lambda: registry.holds(picture("rear")))
    else:
        until(lambda: gate.told and "CERTIFICATE_VERIFY_FAILED" in str(gate.told[-1].trouble))
        assert not registry.holds(picture("rear"))


def test_a_clock_that_is_wrong_by_an_hour_is_named(registry, gate, until: Until, monkeypatch: Any):
    registry.up()
    gate.draft(picture("rear"))
    registry.receive(gate.outbox)
    monkeypatch.setattr("record.upload.SKEW", timedelta(hours=-1))
    gate.upload(f"http://127.0.0.1:{registry.port}")
    until(lambda: gate.told and "401" in str(gate.told[-1].trouble))
    monkeypatch.undo()
    until(lambda: registry.holds(picture("rear")))
