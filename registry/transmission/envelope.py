"""The SOAP 1.1 envelopes of customs' web services, as one operator's system is known to have used them.

    Envelope                             http://schemas.xmlsoap.org/soap/envelope/
      Header                             each field in http://soapinterop.org/xsd
        DclrCd, DclrSeId                 OCE code of the sender
        DclrRuc                          RUC of the operator
        DclrSeCd                         type of operator: 01 air palletiser, 14 sea terminal …
        DocPrcsType                      O, an original
        RcsdEdocAfrCd, RcsdEdocAfrId     004 cargo, 002 export
        RcsdEdocTypeCd                   031 entry, 032 exit; 033 a correction, which is a guess
        SmtNo                            número de entrega; of a correction that of the report, which is a guess
        UserId                           user of the portal
      Body
        sendExportCargaIIE, …ISE, …CII   http://webservice.ecg.ecuapass.aduana.gob.ec/; the last is a guess
          arg0                           the document, as text

Answers come by two questions, known by name only: ``requestCommonResponseList`` gives references of a period,
``requestNotificationAcceptanceNA`` one answer with the document's number and a list of errors. The elements inside
them are this project's reading of those names; an operator checks them against the WSDL that the portal gives them:

    requestCommonResponseList / arg0 / StartDateTime        ─▶ FunctionalReferenceID × n
    requestNotificationAcceptanceNA / arg0 / FunctionalReferenceID
        ─▶ DocumentDetail / FunctionalReferenceID, Declaration / (ID, TypeCode), Error × n / (Code, ErrorDescription)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from registry.reports.document import parser, written_time
from registry.transmission.parcel import Answer, Fault, Parcel, Refused, Sender, Unanswered

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FIELDS = "http://soapinterop.org/xsd"
SERVICE = "http://webservice.ecg.ecuapass.aduana.gob.ec/"

SEND = "sendExportCarga{kind}"
LIST = "requestCommonResponseList"
ACCEPTANCE = "requestNotificationAcceptanceNA"
LONGEST = 400
MOST_FAULTS = 100


def sending(parcel: Parcel) -> bytes:
    """The envelope that brings a document."""
    header = {
        **_sender(parcel.sender),
        "DocPrcsType": "O",
        "RcsdEdocAfrCd": "004",
        "RcsdEdocAfrId": "002",
        "RcsdEdocTypeCd": parcel.type_code,
        "SmtNo": parcel.number,
    }
    envelope, argument = _envelope(header, SEND.format(kind=parcel.kind))
    argument.text = parcel.body.decode()
    return _bytes(envelope)


def listing(sender: Sender, since: datetime) -> bytes:
    """The question for references of answers since a moment."""
    envelope, argument = _envelope(_sender(sender), LIST)
    etree.SubElement(argument, "StartDateTime").text = written_time(since)
    return _bytes(envelope)


def asking(sender: Sender, reference: str) -> bytes:
    """The question for one answer."""
    envelope, argument = _envelope(_sender(sender), ACCEPTANCE)
    etree.SubElement(argument, "FunctionalReferenceID").text = reference
    return _bytes(envelope)


def taken(body: bytes, operation: str) -> etree._Element:
    """The reply to an operation. Raises `Refused` with the words of a SOAP fault, `Unanswered` where it is no reply."""
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as error:
        raise Unanswered(f"the reply is no XML: {error}") from error
    fault = root.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    if fault is not None:
        raise Refused(_one_line(fault.findtext("faultstring") or fault.findtext("faultcode") or "fault"))
    found = root.find(f"{{{SOAP}}}Body/{{{SERVICE}}}{operation}Response")
    if found is None:
        raise Unanswered(f"the reply holds no {operation}Response")
    return found


def references(reply: etree._Element) -> Iterator[str]:
    """The references that a reply to `listing` holds."""
    for each in reply.iter("{*}FunctionalReferenceID"):
        if each.text and each.text.strip():
            yield each.text.strip()[:64]


def answer(reply: etree._Element, reference: str) -> Answer:
    """What a reply to `asking` says. Raises `Unanswered` where it names no document."""
    number = (reply.findtext(".//{*}Declaration/{*}ID") or "").strip()
    if not number or len(number) > 30:
        raise Unanswered(f"answer {reference} names no document")
    faults = tuple(_faults(reply))[:MOST_FAULTS]
    type_code = (reply.findtext(".//{*}Declaration/{*}TypeCode") or "").strip()[:3] or None
    return Answer(reference, number, not faults, faults, type_code)


def _faults(reply: etree._Element) -> Iterator[Fault]:
    for each in reply.iter("{*}Error"):
        code, words = each.findtext("{*}Code") or "", each.findtext("{*}ErrorDescription") or ""
        yield Fault(_one_line(code)[:32], _one_line(words))


def _sender(sender: Sender) -> dict[str, str]:
    return {
        "DclrCd": sender.oce,
        "DclrSeId": sender.oce,
        "DclrRuc": sender.ruc,
        "DclrSeCd": sender.operator_type,
        "UserId": sender.user,
    }


def _envelope(header: Mapping[str, str], operation: str) -> tuple[etree._Element, etree._Element]:
    """An envelope, and the operation's argument in it."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "hdr": FIELDS, "ws": SERVICE})
    head = etree.SubElement(root, f"{{{SOAP}}}Header")
    for name, value in header.items():
        etree.SubElement(head, f"{{{FIELDS}}}{name}").text = value
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    return root, etree.SubElement(etree.SubElement(body, f"{{{SERVICE}}}{operation}"), "arg0")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
