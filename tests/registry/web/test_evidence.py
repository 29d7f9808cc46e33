"""Files of evidence over a real socket: asked for, brought, cut off, continued, refused."""

from __future__ import annotations

import json
import shutil
import socket
from typing import Any

import httpx
import pytest

from record.event import EventType
from record.proof import SigningKey, sha256
from record.upload import PATH, Span, head_headers, put_headers
from registry.erasure import Erasure
from registry.evidence.book import erase_old
from registry.evidence.shelf import Shelf
from registry.settings import Settings

PICTURE = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04cd" + bytes(range(256)) * 40 + b"\xff\xd9"
DRIVER = json.dumps({"salt": "x" * 22, "scans": ["1710034065"]}).encode()


class Gate:
    """A gate that brings files, step by step."""

    def __init__(self, url: str, key: SigningKey, clock: Any) -> None:
        self.client = httpx.Client(base_url=url, timeout=30)
        self.key, self.clock = key, clock

    def ask(self, digest: str) -> httpx.Response:
        path = PATH + digest
        return self.client.head(path, headers=head_headers(path, self.key, self.clock()))

    def bring(self, data: bytes, digest: str = "", begin: int = 0, **changes: str) -> httpx.Response:
        path = PATH + (digest or sha256(data))
        rest = data[begin:]
        headers = put_headers(path, rest, Span(begin, len(rest), len(data)), self.key, self.clock())
        return self.client.put(path, content=rest, headers=headers | changes)


@pytest.fixture
def gate(console: Any, chain: Any, clock: Any):
    gate = Gate(console.url, chain.key, clock)
    yield gate
    gate.client.close()


@pytest.fixture
def names(receiver: Any, chain: Any, kit: Any):
    """Lets a draft that names files be received."""
    take_in = receiver()

    def make(*pictures: bytes, personal: bytes | None = None) -> None:
        data = kit.draft_data(kit.uuid7())
        data["evidence"]["sightings"] = [
            {"id": f"s{n}", "at": "2026-11-24T12:00:00.000Z", "device": "rear", "status": "accepted"}
            | {"picture": sha256(picture)}
            for n, picture in enumerate(pictures)
        ]
        if personal is not None:
            data["evidence"]["personal"] = sha256(personal)
        record = chain.record(EventType.DRAFT, data, subject=data["draft"])
        (result,) = take_in.receive([chain.arrival("l1/ingress", record)])
        assert result.outcome == "accepted"

    return make


def held(settings: Settings, data: bytes, suffix: str = ".jpg") -> bool:
    path = settings.evidence / "depot" / sha256(data)[:2] / f"{sha256(data)}{suffix}"
    return path.is_file() and path.read_bytes() == data


def test_a_picture_that_a_draft_names_is_brought_once(gate, names, settings):
    names(PICTURE, personal=DRIVER)
    assert gate.ask(sha256(PICTURE)).status_code == 404
    assert gate.bring(PICTURE).status_code == 201
    assert gate.bring(DRIVER).status_code == 201
    assert held(settings, PICTURE)
    assert held(settings, DRIVER, ".json")
    assert gate.ask(sha256(PICTURE)).status_code == 200
    assert gate.bring(PICTURE).status_code == 200
    assert not list((settings.evidence / "parts").iterdir())


def test_what_no_draft_names_is_not_taken(gate, settings, receiver):
    receiver()
    answer = gate.bring(PICTURE)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:iie:problem:evidence_not_named")
    assert not settings.evidence.exists()


def test_after_a_cut_connection_the_rest_is_enough(gate, names, settings, console):
    """The headers promise all of it; a third arrives and the line is dead."""
    names(PICTURE)
    path, size = PATH + sha256(PICTURE), len(PICTURE)
    headers = put_headers(path, PICTURE, Span(0, size, size), gate.key, gate.clock())
    headers |= {"host": f"127.0.0.1:{console.server.port}", "content-length": str(size)}
    third = size // 3
    with socket.create_connection(("127.0.0.1", console.server.port)) as line:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"PUT {path} HTTP/1.1\r\n{head}\r\n".encode() + PICTURE[:third])
        wait_until(lambda: gate.ask(sha256(PICTURE)).headers["Upload-Offset"] == str(third))
    answer = gate.bring(PICTURE)
    while answer.status_code == 409 and "Upload-Offset" not in answer.headers:
        answer = gate.bring(PICTURE)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, str(third))
    assert gate.bring(PICTURE, begin=third).status_code == 201
    assert held(settings, PICTURE)


def wait_until(condition):
    for _ in range(2000):
        if condition():
            return
    raise AssertionError("it did not come to that")


def test_a_body_that_is_not_the_signed_one_is_thrown_away_and_the_file_still_comes(gate, names, settings):
    names(PICTURE)
    path, size = PATH + sha256(PICTURE), len(PICTURE)
    headers = put_headers(path, PICTURE, Span(0, size, size), gate.key, gate.clock())
    answer = gate.client.put(path, content=bytes(size), headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")
    assert gate.bring(PICTURE).status_code == 201
    assert held(settings, PICTURE)


def test_another_file_under_its_name_is_thrown_away(gate, names, settings):
    names(PICTURE)
    other = PICTURE[:-3] + b"\x00\xff\xd9"
    answer = gate.bring(other, digest=sha256(PICTURE))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:iie:problem:evidence_other_file")
    assert gate.ask(sha256(PICTURE)).headers["Upload-Offset"] == "0"
    assert gate.bring(PICTURE).status_code == 201


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b"\xff\xd8\xff<script>alert(1)</script>\xff\xd9",
        DRIVER,
        b"\x89PNG\r\n\x1a\n but nothing behind it",
        b"%PDF-1.7",
    ],
)
def test_a_picture_is_a_picture_by_its_bytes(gate, names, settings, data):
    names(data)
    answer = gate.bring(data)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:iie:problem:evidence_kind")
    assert gate.ask(sha256(data)).status_code == 415
    assert not held(settings, data)


def test_a_png_is_taken(gate, names, settings):
    cv2 = pytest.importorskip("cv2")
    numpy = pytest.importorskip("numpy")
    data = cv2.imencode(".png", numpy.zeros((8, 8, 3), "uint8"))[1].tobytes()
    names(data)
    assert gate.bring(data).status_code == 201
    assert held(settings, data, ".png")


def test_more_than_two_mebibytes_are_not_even_read(gate, names):
    data = b"\xff\xd8" + bytes(2 * 1024 * 1024)
    names(data)
    assert gate.bring(data).status_code == 413


def test_a_strangers_key_an_old_request_and_a_changed_path_are_refused(gate, names, chain, clock):
    names(PICTURE)
    gate.key = SigningKey.generate()
    assert gate.bring(PICTURE).status_code == 401
    assert gate.ask(sha256(PICTURE)).status_code == 401
    gate.key = chain.key
    digest = sha256(PICTURE)
    headers = put_headers(PATH + digest, PICTURE, Span(0, len(PICTURE), len(PICTURE)), gate.key, clock())
    assert gate.client.put(PATH + "0" * 64, content=PICTURE, headers=headers).status_code == 401
    clock.move(minutes=6)
    answer = gate.client.put(PATH + digest, content=PICTURE, headers=headers)
    assert answer.status_code == 401
    assert (answer.json()["code"], "clocks" in answer.json()["detail"]) == ("unsigned", True)
    assert gate.client.put(PATH + digest, content=PICTURE).status_code == 401


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/registry.db", "a" * 63, "A" * 64, "a" * 64 + "%00"]
)
def test_a_path_is_a_hash_or_nothing(gate, path):
    assert gate.client.head(PATH + path, headers=head_headers(PATH + path, gate.key, gate.clock())).is_error
    assert gate.client.get(PATH + "a" * 64).status_code in (404, 405)


def test_another_depots_gate_does_not_bring_it(kit, clock, serve, engine, tmp_path, receiver, chain, names):
    other = kit.Chain(kit.Gate("elsewhere", "g1"))
    settings = Settings(kit.registry_file(chain, other), tmp_path / "registry.yaml")
    receiver(other)
    names(PICTURE)
    gate = Gate(serve(settings).url, other.key, clock)
    assert gate.bring(PICTURE).status_code == 404
    gate.client.close()


def test_a_gate_that_was_taken_out_of_the_settings_brings_nothing(
    kit, clock, serve, names, tmp_path, chain, engine
):
    names(PICTURE)
    without = Settings(kit.registry_file(kit.Chain(chain.gate)), tmp_path / "registry.yaml")
    gate = Gate(serve(without).url, chain.key, clock)
    assert gate.bring(PICTURE).status_code == 401
    gate.client.close()


def test_a_short_disk_is_told_and_nothing_is_begun(gate, names, settings, monkeypatch):
    names(PICTURE)
    usage = shutil.disk_usage(settings.folder)._replace(free=1_000_000)
    monkeypatch.setattr("registry.evidence.shelf.shutil.disk_usage", lambda _: usage)
    answer = gate.bring(PICTURE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (507, "60")
    monkeypatch.undo()
    assert gate.bring(PICTURE).status_code == 201


@pytest.mark.parametrize("span", ["", "bytes 0-9/5", "bytes 0-1/99999999999", "x" * 200])
def test_a_range_that_makes_no_sense_is_refused(gate, names, span):
    names(PICTURE)
    headers = {"content-range": span}
    assert gate.bring(PICTURE, **headers).status_code in (400, 401)


def test_what_is_old_is_erased_and_not_asked_for_again(gate, names, settings, engine, clock):
    names(PICTURE, personal=DRIVER)
    gate.bring(PICTURE)
    gate.bring(DRIVER)
    clock.move(days=91)
    ages = settings.file.evidence.ages
    assert erase_old(engine, Shelf(settings.evidence), ages, clock(), nothing_refused) == 1
    assert gate.ask(sha256(DRIVER)).status_code == 410
    assert gate.bring(DRIVER).status_code == 410
    assert held(settings, PICTURE)
    assert not held(settings, DRIVER, ".json")


def nothing_refused(path, error):
    pytest.fail(f"{path}: {error}")


def test_a_file_that_cannot_be_removed_keeps_no_other(gate, names, settings, engine, clock, caplog):
    newer = PICTURE.replace(b"cd", b"ef")
    names(PICTURE, newer)
    gate.bring(PICTURE)
    clock.move(days=1)
    gate.bring(newer)
    shelf = Shelf(settings.evidence)
    stuck = shelf.path("depot", sha256(PICTURE), "image/jpeg")
    stuck.unlink()
    (stuck / "in the way").mkdir(parents=True)
    clock.move(days=10_000)
    erasure = Erasure(engine, shelf, settings.file.evidence.ages, clock)
    assert erasure.step(), "the newer file goes"
    assert gate.ask(sha256(newer)).status_code == 410 and not held(settings, newer)
    assert not erasure.step()
    assert [str(stuck) in line for line in caplog.messages if "cannot be erased" in line] == [True], (
        "told once"
    )
    shutil.rmtree(stuck)
    assert erasure.step(), "tried again"
    assert gate.ask(sha256(PICTURE)).status_code == 410
