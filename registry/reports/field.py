"""The fields of a report that people fill in: how each is typed, what may stand in it, how it is shown.

/document                 type and number, as "DAE 028-2026-40-00123456" or in two boxes
/exit_reason              of an ISE: return, seizure, load
/entered_at               the moment of entry, typed as Ecuador's clock shows it
/items/N/container        ISO 6346
/items/N/size_type        ISO 6346 size and type
/items/N/loose            cargo without a container
/items/N/seals            up to four, by commas
/items/N/description …    text, whole numbers, a code of three digits
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from record.base import timestamp
from record.draft import DocumentType, ExitReason
from record.identifiers import base_document, container, dae, size_type
from record.identifiers.folding import fold
from record.identifiers.identifier import Identifier
from record.identifiers.remark import Remark, Severity
from record.messages import Phrase
from registry.numbers import ECUADOR
from registry.reports.rules import Rules

MOST_ITEMS = 40
"""Items that a person may make in one report."""

MOST_SEALS = 4


class Kind(StrEnum):
    """How a field is typed."""

    DOCUMENT = "document"
    CHOICE = "choice"
    MOMENT = "moment"
    CONTAINER = "container"
    SIZE = "size"
    LOOSE = "loose"
    SEALS = "seals"
    TEXT = "text"
    COUNT = "count"
    CODE = "code"
    WEIGHT = "weight"


OF_REPORT = {"document": Kind.DOCUMENT, "exit_reason": Kind.CHOICE, "entered_at": Kind.MOMENT}
OF_ITEM = {
    "loose": Kind.LOOSE,
    "container": Kind.CONTAINER,
    "size_type": Kind.SIZE,
    "seals": Kind.SEALS,
    "description": Kind.TEXT,
    "packages": Kind.COUNT,
    "packaging": Kind.CODE,
    "weight_kg": Kind.WEIGHT,
}
"""The fields of an item in the order of the form."""

ITEM = re.compile(r"/items/(0|[1-9][0-9]?)/([a-z_]+)")


class BadValue(Exception):
    """A typed text that no field can hold; ``phrase`` tells the person why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.phrase = Phrase(f"console.value.{code}", params)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed text as a value, and what a person should know of it."""

    value: Any
    remarks: tuple[Phrase, ...] = ()


def kind_of(pointer: str) -> Kind | None:
    """How the field at a pointer is typed; None for what is no field."""
    match = ITEM.fullmatch(pointer)
    if match:
        return OF_ITEM.get(match[2]) if int(match[1]) < MOST_ITEMS else None
    return OF_REPORT.get(pointer.removeprefix("/")) if pointer.startswith("/") else None


def typed(pointer: str, text: str, rules: Rules, today: date) -> Typed:
    """The value that a person typed; None in it for an empty field. Raises `BadValue`, KeyError for no field."""
    kind = kind_of(pointer)
    if kind is None:
        raise KeyError(pointer)
    stripped = " ".join(text.split()) if kind is Kind.TEXT else text.strip()
    if not stripped and kind is not Kind.MOMENT:
        return Typed(None)
    if any(not letter.isprintable() for letter in stripped):
        raise BadValue("invisible")
    return READERS[kind](stripped, rules, today)


def _document(text: str, rules: Rules, today: date) -> Typed:
    kind, _, number = text.partition(" ")
    if kind not in set(DocumentType) or not number.strip():
        raise BadValue("document")
    found = _parsed(kind, number.strip(), rules, today)
    return Typed({"type": kind, "number": base_document.number(found)}, _remarks(found))


def _parsed(kind: str, number: str, rules: Rules, today: date) -> Identifier:
    if kind != DocumentType.DAE:
        found = base_document.parse(f"{kind}{number.removeprefix(kind)}")
        if not found:
            raise BadValue("other_document", kind=kind)
        return found
    codes = rules.codes
    found = dae.parse(
        number,
        districts=codes.districts,
        regimes=codes.export_regimes,
        import_regimes=codes.import_regimes,
        today=today,
    )
    if not found:
        raise BadValue("dae")
    return found


def _remarks(found: Identifier) -> tuple[Phrase, ...]:
    """What a person should know of an identifier, beyond that it is one."""
    return tuple(_phrase(remark) for remark in found.remarks if remark.severity is not Severity.INFO)


def _phrase(remark: Remark) -> Phrase:
    params: dict[str, object] = dict(remark.parameters)
    if "kind" in params:
        params["kind"] = Phrase(f"identifier.kind_{params['kind']}")
    return Phrase(f"identifier.{remark.code}", params)


def _choice(text: str, rules: Rules, today: date) -> Typed:
    if text not in set(ExitReason):
        raise BadValue("choice")
    return Typed(text)


def _moment(text: str, rules: Rules, today: date) -> Typed:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadValue("moment") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ECUADOR)
    try:
        written = timestamp(moment)
    except ValueError:
        raise BadValue("moment") from None
    if not moment.year >= 2012 or moment.astimezone(ECUADOR).date() > today:
        raise BadValue("moment_range")
    return Typed(written)


def _container(text: str, rules: Rules, today: date) -> Typed:
    found = container.parse(text)
    if not found:
        compact = fold(text).compact
        if re.fullmatch(r"[A-Z]{4}[0-9]{7}", compact):
            raise BadValue("check_digit", expected=container.check_digit(compact[:10]))
        raise BadValue("container")
    return Typed(found.normal, _remarks(found))


def _size(text: str, rules: Rules, today: date) -> Typed:
    codes = rules.codes
    known = size_type.Sizes(
        lengths=codes["size_lengths"].known(),
        heights=codes["size_heights"].known(),
        types=codes["size_types"].known(),
        aliases=codes.size_aliases,
    )
    found = size_type.parse(text, known)
    if found:
        return Typed(found.normal, _remarks(found))
    code = fold(text).compact
    if not re.fullmatch(r"[0-9A-Z]{4}", code):
        raise BadValue("size_type")
    return Typed(code, (Phrase("console.value.unknown_size", {"code": code}),))


def _loose(text: str, rules: Rules, today: date) -> Typed:
    if text not in ("yes", "no"):
        raise BadValue("choice")
    return Typed(text == "yes")


def _seals(text: str, rules: Rules, today: date) -> Typed:
    seals = [fold(each).compact for each in re.split(r"[,;\s]+", text) if each]
    longest = rules.longest["seals"]
    if len(seals) > MOST_SEALS:
        raise BadValue("too_many_seals", most=MOST_SEALS)
    for seal in seals:
        if not re.fullmatch(r"[A-Z0-9/-]+", seal) or len(seal) > longest:
            raise BadValue("seal", seal=seal[:40], longest=longest)
    if len(set(seals)) < len(seals):
        raise BadValue("seal_twice")
    return Typed(seals)


def _text(text: str, rules: Rules, today: date) -> Typed:
    longest = rules.longest["description"]
    if len(text) > longest:
        raise BadValue("too_long", found=len(text), longest=longest)
    return Typed(text)


def _count(text: str, rules: Rules, today: date) -> Typed:
    return Typed(whole(text, rules.most_packages))


def _weight(text: str, rules: Rules, today: date) -> Typed:
    return Typed(str(whole(text, rules.most_weight_kg)))


def whole(text: str, most: int) -> int:
    """A whole number; groups of three by blank, point or comma as people write them here."""
    plain = text.removesuffix("kg").strip()
    if re.fullmatch(r"[0-9]{1,3}([ .,\u00a0\u202f][0-9]{3})+", plain):
        plain = re.sub(r"[^0-9]", "", plain)
    if not re.fullmatch(r"[0-9]{1,9}", plain) or not plain.isascii():
        raise BadValue("whole_number")
    if not 1 <= int(plain) <= most:
        raise BadValue("number_range", most=most)
    return int(plain)


def _code(text: str, rules: Rules, today: date) -> Typed:
    code = text.partition(" ")[0]
    if not re.fullmatch(r"[0-9]{3}", code) or not code.isascii():
        raise BadValue("packaging")
    known = code in rules.codes["packaging"]
    return Typed(code, () if known else (Phrase("console.value.unknown_packaging", {"code": code}),))


READERS: dict[Kind, Callable[[str, Rules, date], Typed]] = {
    Kind.DOCUMENT: _document,
    Kind.CHOICE: _choice,
    Kind.MOMENT: _moment,
    Kind.CONTAINER: _container,
    Kind.SIZE: _size,
    Kind.LOOSE: _loose,
    Kind.SEALS: _seals,
    Kind.TEXT: _text,
    Kind.COUNT: _count,
    Kind.CODE: _code,
    Kind.WEIGHT: _weight,
}


def shown(kind: Kind, value: Any) -> str:
    """A value as a form shows it, and as `typed` reads it again."""
    if value is None:
        return ""
    match kind:
        case Kind.DOCUMENT:
            number = str(value["number"])
            written = dae.written(number) if value["type"] == "DAE" and len(number) == 17 else number
            return f"{value['type']} {written}"
        case Kind.LOOSE:
            return "yes" if value else "no"
        case Kind.SEALS:
            return ", ".join(str(seal) for seal in value)
        case Kind.MOMENT:
            moment = datetime.fromisoformat(str(value))
            return moment.astimezone(ECUADOR).replace(tzinfo=None).isoformat(timespec="seconds")
        case _:
            return str(value)
