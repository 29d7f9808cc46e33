"""Announcements from an authorised guía de remisión of the SRI (ficha técnica de comprobantes electrónicos, 06).

    autorizacion                  what the SRI answers; may be left out
      estado  comprobante         the guía itself as CDATA
    guiaRemision
      infoTributaria              razonSocial  ruc  claveAcceso  codDoc  estab  ptoEmi  secuencial  ambiente
      infoGuiaRemision            placa  fechaIniTransporte  fechaFinTransporte
      destinatarios/destinatario  docAduaneroUnico  detalles/detalle: descripcion  cantidad

One announcement for each addressee with a customs document. Quantities are of the issuer's own unit: they become
packages only where all are whole numbers, and the packaging stays unknown, so a person looks. The driver is left
out: personal data belongs to nobody's announcement. A DTD or an entity is refused before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.parsers import expat

from record.announcing.document import of_text
from record.identifiers import access_key, plate, ruc
from record.preadvice import Preadvice
from record.proof import sha256
from record.release import Release
from record.yamlfile import Problem

Read = tuple[list[Preadvice | Release], list[Problem]]

LOCAL = timezone(timedelta(hours=-5))
DEEPEST = 32
LONGEST = 200
MOST_PACKAGES = 10**9


@dataclass(slots=True)
class Element:
    """One element with the place where it begins, and the place of its text."""

    name: str
    line: int
    column: int
    text: str = ""
    text_line: int = 0
    children: list[Element] = field(default_factory=list)

    def find(self, *path: str) -> Element | None:
        """The first element below, name by name."""
        here: Element | None = self
        for name in path:
            here = next((each for each in here.children if each.name == name), None) if here else None
        return here

    def all(self, name: str) -> Iterator[Element]:
        """Every element of this name below, at any depth."""
        for each in self.children:
            if each.name == name:
                yield each
            yield from each.all(name)


class GuideError(Exception):
    """A file that holds nothing to announce; says where and why."""

    def __init__(self, code: str, line: int = 1, column: int = 1, path: str = "", **params: object) -> None:
        super().__init__(code)
        self.code, self.line, self.column, self.path = code, line, column, path
        self.found = params.pop("found", None)
        self.params = params

    def problem(self, name: str) -> Problem:
        """As a problem of the file."""
        found = None if self.found is None else str(self.found)[:60]
        return Problem(name, self.line, self.column, self.path, self.code, params=self.params, found=found)


def read(content: bytes, name: str) -> Read:
    """The announcements of a guía, and what is wrong in it."""
    try:
        return _guide(_unwrapped(parse(content)), name)
    except GuideError as error:
        return [], [error.problem(name)]


def parse(content: bytes, line: int = 1, encoding: str | None = None) -> Element:
    """XML without DTD, entities and network. Raises `GuideError`; ``line`` is that of the first line."""
    root = Element("", line, 1)
    stack = [root]
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = False

    def place() -> tuple[int, int]:
        return parser.CurrentLineNumber + line - 1, parser.CurrentColumnNumber + 1

    def refuse(*_: object) -> None:
        raise GuideError("announce.xml_declares", *place())

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise GuideError("announce.not_xml", *place(), reason="nested too deeply")
        element = Element(tag.rpartition(":")[2], *place())
        stack[-1].children.append(element)
        stack.append(element)

    def text(data: str) -> None:
        element = stack[-1]
        if not element.text.strip():
            element.text_line = place()[0]
            element.text = ""
        element.text += data

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: stack.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        at = (error.lineno + line - 1, error.offset + 1)
        raise GuideError("announce.not_xml", *at, reason=expat.ErrorString(error.code)) from error
    except (LookupError, ValueError) as error:
        raise GuideError("announce.not_xml", line, reason=str(error)[:80]) from error
    return root


def _unwrapped(root: Element) -> Element:
    """The guía inside what the SRI answered, or by itself. Raises `GuideError`."""
    wrapper = next(root.all("autorizacion"), None)
    if wrapper is not None:
        state = wrapper.find("estado")
        if state is None or state.text.strip().upper() != "AUTORIZADO":
            at = state or wrapper
            raise GuideError("announce.not_authorised", at.line, at.column, "estado", found=at.text.strip())
        inner = wrapper.find("comprobante")
        if inner is not None and inner.text.strip():
            body = inner.text.strip().encode("utf-8", errors="replace")
            root = parse(body, inner.text_line, "utf-8")
    guide = next(root.all("guiaRemision"), None)
    if guide is None:
        raise GuideError("announce.no_guide", root.line)
    return guide


def _text(parent: Element, *path: str) -> tuple[str, Element]:
    found = parent.find(*path)
    if found is None or not found.text.strip():
        at = found or parent
        raise GuideError("announce.missing_element", at.line, at.column, name="/".join(path))
    return found.text.strip(), found


def _guide(guide: Element, name: str) -> Read:
    key = _key(guide)
    exporter, _ = _text(guide, "infoTributaria", "razonSocial")
    until = _until(guide)
    plates = _plates(guide)
    notices: list[Preadvice | Release] = []
    problems: list[Problem] = []
    for number, addressee in enumerate(guide.all("destinatario"), 1):
        try:
            written, at = _text(addressee, "docAduaneroUnico")
            document = of_text(written)
            if document is None:
                raise GuideError(
                    "announce.not_document", at.line, at.column, "docAduaneroUnico", found=written
                )
        except GuideError as error:
            problems.append(error.problem(name))
            continue
        record: dict[str, Any] = {
            "id": f"guia-{_name(key)}-{number}",
            "valid_until": until,
            "exporter": exporter[:LONGEST],
            "keys": {"document": document.to_wire(), "plates": plates},
            "cargo": _cargo(addressee),
        }
        notices.append(Preadvice.from_wire(record))
    if not notices and not problems:
        raise GuideError("announce.missing_element", guide.line, guide.column, name="destinatario")
    return notices, problems


def _name(key: str) -> str:
    """What an announcement is called by: the access key, of a natural person its hash, since the key holds the
    person's cédula and an announcement's name enters events."""
    natural = "cedula" in ruc.parse(access_key.parse(key).parts.get("ruc", "")).parts
    return sha256(key.encode("ascii"))[:32] if natural else key


def _key(guide: Element) -> str:
    """The access key, whose check digit holds and whose parts say what the guía says."""
    written, at = _text(guide, "infoTributaria", "claveAcceso")
    found = access_key.parse(written)
    if not found or found.normal != written:
        raise GuideError("announce.not_key", at.line, at.column, "claveAcceso", found=written)
    fields = {
        "codDoc": "document",
        "ruc": "ruc",
        "estab": "establishment",
        "ptoEmi": "point",
        "secuencial": "sequence",
    }
    if found.parts["document"] != access_key.GUIA_DE_REMISION:
        raise GuideError("announce.no_guide", at.line, at.column, "claveAcceso", found=written)
    for element, part in fields.items():
        value, place = _text(guide, "infoTributaria", element)
        if value != found.parts[part]:
            raise GuideError(
                "announce.key_differs", place.line, place.column, element, key=found.parts[part], found=value
            )
    if found.parts["environment"] != "2":
        raise GuideError("announce.test_environment", at.line, at.column, "claveAcceso", found=written)
    return found.normal


def _until(guide: Element) -> str:
    """The end of the last day of the transport, in Guayaquil."""
    written, at = _text(guide, "infoGuiaRemision", "fechaFinTransporte")
    try:
        day = datetime.strptime(written, "%d/%m/%Y").replace(tzinfo=LOCAL)
    except ValueError:
        raise GuideError(
            "announce.not_time", at.line, at.column, "fechaFinTransporte", found=written
        ) from None
    return day.replace(hour=23, minute=59, second=59).isoformat()


def _plates(guide: Element) -> list[str]:
    written, at = _text(guide, "infoGuiaRemision", "placa")
    found = plate.parse(written)
    if not found:
        raise GuideError("announce.not_plate", at.line, at.column, "placa", found=written)
    return [found[0].normal]


def _cargo(addressee: Element) -> dict[str, Any]:
    """Descriptions in a row, and the sum of the quantities where they are whole numbers."""
    details = list(addressee.all("detalle"))
    names = [found.text.strip() for each in details if (found := each.find("descripcion"))]
    description = "; ".join(dict.fromkeys(" ".join(name.split()) for name in names if name))[:LONGEST]
    amounts = [found.text.strip() if (found := each.find("cantidad")) else "" for each in details]
    cargo: dict[str, Any] = {"description": description} if description else {}
    if amounts and all(re.fullmatch(r"[0-9]{1,9}(\.0+)?", amount) for amount in amounts):
        packages = sum(int(amount.partition(".")[0]) for amount in amounts)
        if 0 < packages < MOST_PACKAGES:
            cargo["packages"] = packages
    return cargo
