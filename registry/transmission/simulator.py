"""A simulator of customs' services: it takes documents over SOAP and answers them later, or not.

    POST …/SENAE_ExportCargaService         sendExportCargaIIE, …ISE, …CII
    POST …/SENAE_CommonResponseService_EC   requestCommonResponseList, requestNotificationAcceptanceNA

It speaks the envelopes of `envelope`, looks at the document as customs is known to (sender, names, content), and
decides by a `Plan`. What it has been sent it keeps in memory, so that a test can see what arrived, and how often.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from lxml import etree

from registry.reports.document import parser
from registry.transmission.envelope import ACCEPTANCE, FIELDS, LIST, SEND, SERVICE, SOAP
from registry.transmission.parcel import Fault

LARGEST = 4 * 1024 * 1024
KINDS = ("IIE", "ISE", "CII")
TYPE_CODES = {"031", "032"}
CORRECTION = "033"


class Verdict(StrEnum):
    """What becomes of a document."""

    ACCEPT = "accept"
    REJECT = "reject"
    SWALLOW = "swallow"
    FAULT = "fault"
    HANG_UP = "hang_up"


Plan = Callable[[str], Verdict]
"""The verdict on a document of a número de entrega. *Swallow*: taken, never answered. *Fault*: not taken.
*Hang up*: taken, and the connection ends without a reply."""


@dataclass(frozen=True, slots=True)
class Every:
    """A plan by the sequence in a number: every so manieth is rejected, swallowed or refused; 0 is none."""

    reject: int = 0
    swallow: int = 0
    fault: int = 0

    def __call__(self, number: str) -> Verdict:
        """The first that fits, in the order above."""
        digits = number[12:20]
        sequence = int(digits) if digits.isascii() and digits.isdigit() else 1
        for every, verdict in (
            (self.reject, Verdict.REJECT),
            (self.swallow, Verdict.SWALLOW),
            (self.fault, Verdict.FAULT),
        ):
            if every and sequence % every == 0:
                return verdict
        return Verdict.ACCEPT


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that arrived."""

    number: str
    body: bytes
    header: dict[str, str]
    at: datetime
    verdict: Verdict
    reference: str
    faults: tuple[Fault, ...]

    @property
    def kind(self) -> str:
        """Customs' code of its kind, as its header says."""
        return self.header.get("RcsdEdocTypeCd", "")


class NotTaken(Exception):
    """Why a request gets a SOAP fault."""


@dataclass
class Simulator:
    """The services on a local port; a context manager. ``delay`` lies between a document and its answer;
    ``names_kinds``: whether an answer says which kind of document it is about, which customs' may not."""

    plan: Plan = field(default_factory=Every)
    delay: timedelta = timedelta()
    port: int = 0
    names_kinds: bool = True
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._run = secrets.token_hex(3).upper()  # a reference is never one of an earlier run
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What ``transmission.url`` says to come here."""
        return f"http://127.0.0.1:{self.port}/cdes_svr"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def serve(self) -> None:
        """Serve in this thread until it is interrupted."""
        self._server.serve_forever(0.5)

    def take(self, header: dict[str, str], text: str) -> Sent:
        """A document: looked at, kept. Raises `NotTaken` with what customs would say."""
        number = header.get("SmtNo", "")
        verdict = self.plan(number)
        if verdict is Verdict.FAULT:
            raise NotTaken("the service is not available to this operator")
        faults = tuple(_faults(header, text))
        if verdict is Verdict.REJECT:
            faults = (*faults, Fault("DAE-014", "la DAE no está vigente"))
        with self._lock:
            kind = header.get("RcsdEdocTypeCd", "")
            if kind != CORRECTION and any(each.number == number and each.kind == kind for each in self.sent):
                faults = (*faults, Fault("NUM-001", "numero de entrega duplicado"))
            reference = f"SIM{self._run}{len(self.sent) + 1:06d}"
            now = datetime.now(UTC)
            arrived = Sent(number, text.encode(), header, now, verdict, reference, faults)
            self.sent.append(arrived)
        return arrived

    def due(self) -> Sequence[Sent]:
        """The documents whose answer is there."""
        until = datetime.now(UTC) - self.delay
        with self._lock:
            return [each for each in self.sent if each.at <= until and each.verdict is not Verdict.SWALLOW]


def _faults(header: dict[str, str], text: str) -> Iterator[Fault]:
    """What is wrong in a document: names and standards first, then content."""
    try:
        root = etree.fromstring(text.encode(), parser())
    except etree.XMLSyntaxError as error:
        yield Fault("XML-001", f"el documento no se puede leer: {error}"[:200])
        return
    found = root.find("{*}Declaration")
    if found is None or etree.QName(root).localname != "DocumentMetadata":
        yield Fault("XML-002", "falta Declaration")
        return
    if (found.findtext("{*}ID") or "") != header.get("SmtNo"):
        yield Fault("NUM-002", "el numero de entrega no es el de la cabecera")
    kind = found.findtext("{*}TypeCode")
    if kind not in {*TYPE_CODES, CORRECTION}:
        yield Fault("TIP-001", "tipo de documento desconocido")
    if (found.findtext("{*}Agent/{*}ID") or "") != header.get("DclrCd"):
        yield Fault("OCE-001", "el operador no es el que envia")
    if kind == CORRECTION and not found.findtext("{*}Amendment/{*}ChangeReason"):
        yield Fault("CII-001", "falta el motivo de la correccion")
    if kind in TYPE_CODES and not found.findall("{*}Consignment/{*}ConsignmentItem"):
        yield Fault("ITM-001", "no hay items")


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_POST(self) -> None:
            """Any of the operations."""
            try:
                reply = self._reply()
            except NotTaken as error:
                self._send(500, _fault(str(error)))
                return
            if reply is None:
                self.close_connection = True
                return
            self._send(200, reply)

        def _reply(self) -> bytes | None:
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
                raise NotTaken("bad length")
            try:
                root = etree.fromstring(self.rfile.read(int(length)), parser())
            except etree.XMLSyntaxError:
                raise NotTaken("not XML") from None
            fields = root.findall(f"{{{SOAP}}}Header/{{{FIELDS}}}*")
            header = {etree.QName(each).localname: each.text or "" for each in fields}
            call = root.find(f"{{{SOAP}}}Body/{{{SERVICE}}}*")
            argument = call.find("arg0") if call is not None else None
            if call is None or argument is None:
                raise NotTaken("no operation")
            return _done(simulator, etree.QName(call).localname, header, argument)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: whoever runs it looks at `Simulator.sent`."""

    return Handler


def _done(
    simulator: Simulator, operation: str, header: dict[str, str], argument: etree._Element
) -> bytes | None:
    """The reply to an operation; None where the connection just ends."""
    if operation in {SEND.format(kind=kind) for kind in KINDS}:
        taken = simulator.take(header, argument.text or "")
        return None if taken.verdict is Verdict.HANG_UP else _replied(operation)
    if operation == LIST:
        return _replied(
            operation, *(_named("FunctionalReferenceID", each.reference) for each in simulator.due())
        )
    if operation == ACCEPTANCE:
        wanted = argument.findtext("FunctionalReferenceID")
        for each in simulator.due():
            if each.reference == wanted:
                return _replied(operation, _detail(simulator, each))
        raise NotTaken("no such reference")
    raise NotTaken(f"no operation {operation}")


def _detail(simulator: Simulator, sent: Sent) -> etree._Element:
    detail = etree.Element("DocumentDetail")
    detail.append(_named("FunctionalReferenceID", sent.reference))
    declaration = etree.SubElement(detail, "Declaration")
    etree.SubElement(declaration, "ID").text = sent.number
    if simulator.names_kinds:
        etree.SubElement(declaration, "TypeCode").text = sent.kind
    for each in sent.faults:
        error = etree.SubElement(detail, "Error")
        etree.SubElement(error, "Code").text = each.code
        etree.SubElement(error, "ErrorDescription").text = each.text
    return detail


def _named(name: str, text: str) -> etree._Element:
    made = etree.Element(name)
    made.text = text
    return made


def _replied(operation: str, *content: etree._Element) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    response = etree.SubElement(body, f"{{{SERVICE}}}{operation}Response")
    response.extend(content)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _fault(words: str) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    fault = etree.SubElement(etree.SubElement(root, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soapenv:Server"
    etree.SubElement(fault, "faultstring").text = words
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
