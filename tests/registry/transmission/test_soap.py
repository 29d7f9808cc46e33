"""The SOAP adapter before whatever may stand at the other end: what counts as not reached, refused, unknown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from lxml import etree

from registry.transmission.envelope import FIELDS, SERVICE, SOAP, listing, sending
from registry.transmission.parcel import NotReached, Parcel, Refused, Sender, Unanswered
from registry.transmission.simulator import Simulator
from registry.transmission.soap import Soap

SENDER = Sender("01234567", "1790012345001", "01", "USUARIO <1>")
PARCEL = Parcel("ISE", "032", "01234567202600000001S", "<a>ñ & ]]></a>".encode(), SENDER)
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


def reply(content: str) -> bytes:
    return f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{content}</e:Body></e:Envelope>'.encode()


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers everything with one status and body: its address."""
    servers = []

    def start(status: int, body: bytes, **headers: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_envelope_carries_the_document_as_text_whatever_is_in_it():
    root = etree.fromstring(sending(PARCEL))
    assert root.findtext(f".//{{{SERVICE}}}sendExportCargaISE/arg0") == PARCEL.body.decode()
    header = {etree.QName(each).localname: each.text for each in root.iter(f"{{{FIELDS}}}*")}
    assert header == {
        "DclrCd": "01234567",
        "DclrSeId": "01234567",
        "DclrRuc": "1790012345001",
        "DclrSeCd": "01",
        "UserId": "USUARIO <1>",
        "DocPrcsType": "O",
        "RcsdEdocAfrCd": "004",
        "RcsdEdocAfrId": "002",
        "RcsdEdocTypeCd": "032",
        "SmtNo": "01234567202600000001S",
    }


def test_a_period_begins_in_utc():
    assert b"<StartDateTime>2026-11-24T17:00:00Z</StartDateTime>" in listing(SENDER, NOON)


UNKNOWN = {
    "a page": (200, b"<html><body>ok</body></html>"),
    "not XML": (200, b"\x00\xff nothing"),
    "nothing": (200, b""),
    "another operation": (200, reply(f'<x:sendExportCargaIIEResponse xmlns:x="{SERVICE}"/>')),
    "entities": (200, BOMB),
    "a broken proxy": (502, b"bad gateway"),
    "too much": (200, b"<a>" + b" " * (5 * 1024 * 1024)),
}


@pytest.mark.parametrize(("status", "body"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_reply_that_says_nothing_leaves_it_open_whether_the_document_arrived(serve: Serve, status, body):
    with pytest.raises(Unanswered):
        Soap(serve(status, body)).send(PARCEL)


REFUSALS = {
    "a fault": (500, reply("<e:Fault><faultstring>sin \n permiso</faultstring></e:Fault>"), "sin permiso"),
    "a fault with 200": (200, reply("<e:Fault><faultcode>c</faultcode></e:Fault>"), "c"),
    "not found": (404, b"", "HTTP 404"),
    "no login": (401, b"", "HTTP 401"),
}


@pytest.mark.parametrize(("status", "body", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_in_its_own_words(serve: Serve, status, body, words):
    with pytest.raises(Refused, match=f"^{words}$"):
        Soap(serve(status, body)).send(PARCEL)


def test_a_redirect_is_not_followed(serve: Serve):
    with Simulator() as elsewhere:
        url = serve(307, b"", Location=f"{elsewhere.url}/SENAE_ExportCargaService")
        with pytest.raises(Refused, match="HTTP 307"):
            Soap(url).send(PARCEL)
        assert elsewhere.sent == []


def test_a_busy_service_and_a_name_that_is_not_found_brought_nothing(serve: Serve):
    with pytest.raises(NotReached):
        Soap(serve(503, b"later")).send(PARCEL)
    with pytest.raises(NotReached):
        Soap("http://nowhere.invalid/cdes_svr").send(PARCEL)


def test_an_answer_that_names_no_document_decides_nothing(serve: Serve):
    body = reply(f'<x:requestNotificationAcceptanceNAResponse xmlns:x="{SERVICE}"/>')
    with pytest.raises(Unanswered, match="R1 names no document"):
        Soap(serve(200, body)).answer(SENDER, "R1")


def test_rows_of_errors_are_read_whatever_namespace_they_stand_in(serve: Serve):
    detail = (
        "<DocumentDetail xmlns='urn:x'><Declaration><ID> 01234567202600000001S </ID></Declaration>"
        "<Error><Code>E1</Code><ErrorDescription>peso\n  fuera</ErrorDescription></Error>"
        "<Error><ErrorDescription>sin código</ErrorDescription></Error></DocumentDetail>"
    )
    name = "requestNotificationAcceptanceNAResponse"
    body = reply(f'<x:{name} xmlns:x="{SERVICE}">{detail}</x:{name}>')
    answer = Soap(serve(200, body)).answer(SENDER, "R1")
    assert (answer.number, answer.accepted) == ("01234567202600000001S", False)
    assert [(each.code, each.text) for each in answer.faults] == [("E1", "peso fuera"), ("", "sin código")]
