"""Announcements as a table: one line a document, or one line a container of a document.

Names of columns are Spanish or English, in any order; fields are divided by ``;``, ``,`` or tab. UTF-8 or Latin-1.
A table with a column *motivo* (*reason*) holds releases. A line that is wrong is left out, the others are taken.

    documento;contenedor;placa;bultos;embalaje;peso_kg;descripcion;valido_hasta
    028-2026-40-00123456;CSQU3054383;GBA-1234;1080;035;21350,5;BANANO FRESCO;30/11/2026
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from record.announcing.document import of_text
from record.announcing.number import container_of, plate_of
from record.identifiers import cedula, passport
from record.preadvice import Preadvice
from record.release import Release
from record.yamlfile import Problem, Severity

Read = tuple[list[Preadvice | Release], list[Problem]]

NAMES = {
    "id": ("id", "aviso", "preaviso"),
    "document": ("documento", "dae", "numero_dae", "documento_base", "document"),
    "containers": ("contenedor", "contenedores", "container", "containers"),
    "plates": ("placa", "placas", "plate", "plates"),
    "booking": ("booking", "reserva"),
    "exporter": ("exportador", "exporter"),
    "description": ("descripcion", "mercancia", "description"),
    "packages": ("bultos", "cantidad_bultos", "packages"),
    "packaging": ("embalaje", "tipo_embalaje", "packaging"),
    "size_type": ("tipo_contenedor", "tipo_iso", "size_type"),
    "weight_kg": ("peso_kg", "peso", "weight_kg", "weight"),
    "box_tare_kg": ("tara_contenedor_kg", "box_tare_kg"),
    "vehicle_tare_kg": ("tara_vehiculo_kg", "vehicle_tare_kg"),
    "seals": ("sellos", "precintos", "seals"),
    "valid_until": ("valido_hasta", "vence", "valid_until"),
    "document_until": ("fin_documento", "fin_dae", "document_until"),
    "driver": ("conductor", "chofer", "cedula_conductor", "driver"),
    "procedure": ("procedimiento", "procedure"),
    "version": ("version",),
    "reason": ("motivo", "reason"),
}
"""Each field with the names that a column of it may have, without accents, in lower case."""

REASONS = {"devolucion": "return", "decomiso": "seizure", "embarque": "load"}
CARGO = (
    "description",
    "packages",
    "packaging",
    "size_type",
    "weight_kg",
    "box_tare_kg",
    "vehicle_tare_kg",
    "seals",
)
PLAIN = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")
LOCAL = timezone(timedelta(hours=-5))
LONGEST = 200
MOST_NUMBERS = {"containers": 50, "plates": 10, "seals": 4}
_NUMBER = re.compile(r"[0-9]{1,12}([.,][0-9]{1,6})?")
_GROUPED = re.compile(r"[0-9]{1,3}(([.])[0-9]{3}(\.[0-9]{3})*(,[0-9]+)?|(,)[0-9]{3}(,[0-9]{3})*(\.[0-9]+)?)")


class _WrongError(Exception):
    """A value that its column cannot hold."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class _Field:
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: dict[str, Any]
    columns: dict[str, int]


def read(content: bytes, name: str) -> Read:
    """The lines without a mistake, and all mistakes with line and column."""
    lines = [line.rstrip("\r") for line in _decoded(content).split("\n")]
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return [], []
    divider = max(";,\t", key=lambda mark: lines[first].count(mark))
    header, problems = _header(lines[first], divider, name, first + 1)
    if header is None:
        return [], problems
    rows: list[_Row] = []
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if line.strip(" ;,\t"):
            row, wrong = _row(line, divider, header, name, number)
            problems += wrong
            rows += [row] if row is not None else []
    notices, wrong = _notices(rows, name, releases="reason" in header)
    return notices, problems + wrong


def _decoded(content: bytes) -> str:
    """UTF-8, or else Latin-1 as spreadsheets write it; both may begin with a byte order mark."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _fields(line: str, divider: str) -> list[_Field]:
    """The fields of one line with their columns, from 1. Raises `_WrongError` for quotes that stay open."""
    fields, at = [], 0
    while at <= len(line):
        start = at
        if line[at : at + 1] == '"':
            match = re.compile(r'"((?:[^"]|"")*)"[ ]*').match(line, at)
            if match is None:
                raise _WrongError("announce.open_quote")
            text, at = match[1].replace('""', '"'), match.end()
            end = line.find(divider, at)
            end = len(line) if end < 0 else end
        else:
            end = line.find(divider, at)
            end = len(line) if end < 0 else end
            text = line[at:end]
        fields.append(_Field(text.strip(), start + 1))
        at = end + 1
    return fields


def _header(line: str, divider: str, name: str, number: int) -> tuple[list[str] | None, list[Problem]]:
    """The field of each column, "" for a column that nobody knows."""
    meanings = {spelt: field for field, names in NAMES.items() for spelt in names}
    try:
        written = _fields(line, divider)
    except _WrongError as error:
        return None, [Problem(name, number, 1, "", error.code)]
    header: list[str] = []
    problems: list[Problem] = []
    for column in written:
        key = re.sub(r"[ .-]+", "_", column.text.translate(PLAIN).lower()).strip("_")
        field = meanings.get(key, "")
        if field in header and field:
            params = {"column": field}
            problems.append(Problem(name, number, column.column, "", "announce.column_twice", params=params))
        elif not field:
            code, warning = "announce.unknown_column", Severity.WARNING
            problems.append(Problem(name, number, column.column, "", code, warning, found=column.text[:60]))
        header.append(field)
    if "document" not in header and not ("reason" in header and "containers" in header):
        params = {"column": "documento"}
        problems.append(Problem(name, number, 1, "", "announce.missing_column", params=params))
    return (None if any(p.severity is Severity.ERROR for p in problems) else header), problems


def _row(
    line: str, divider: str, header: list[str], name: str, number: int
) -> tuple[_Row | None, list[Problem]]:
    try:
        fields = _fields(line, divider)
    except _WrongError as error:
        return None, [Problem(name, number, 1, "", error.code, found=line[:60])]
    if len(fields) > len(header):
        params = {"found": len(fields), "wanted": len(header)}
        extra = fields[len(header)]
        return None, [Problem(name, number, extra.column, "", "announce.more_fields", params=params)]
    values: dict[str, Any] = {}
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    for meaning, field in zip(header, fields, strict=False):
        if not meaning:
            continue
        columns[meaning] = field.column
        try:
            values[meaning] = _value(meaning, field.text)
        except _WrongError as error:
            problems.append(
                Problem(
                    name,
                    number,
                    field.column,
                    meaning,
                    error.code,
                    params=error.params,
                    found=field.text[:60],
                )
            )
    if (
        not problems
        and not values.get("document")
        and not (values.get("reason") and values.get("containers"))
    ):
        column = columns.get("document", 1)
        problems.append(Problem(name, number, column, "document", "announce.needed"))
    return (None if problems else _Row(number, values, columns)), problems


def _value(field: str, text: str) -> Any:
    """What a field says, None where it is empty. Raises `_WrongError`."""
    if any(not letter.isprintable() for letter in text):
        raise _WrongError("announce.control")
    if len(text) > (LONGEST if field not in MOST_NUMBERS else 20 * LONGEST):
        raise _WrongError("announce.too_long", size=len(text), limit=LONGEST)
    if not text:
        return None
    return READERS.get(field, str)(text)


def _document(text: str) -> dict[str, str]:
    found = of_text(text)
    if found is None:
        raise _WrongError("announce.not_document")
    return found.to_wire()


def _several(field: str, read: Callable[[str], str]) -> Callable[[str], list[str]]:
    def all_of(text: str) -> list[str]:
        parts = [part for part in re.split(r"[|,/+ ]+", text) if part]
        if len(parts) > MOST_NUMBERS[field]:
            raise _WrongError("announce.too_many", limit=MOST_NUMBERS[field])
        return list(dict.fromkeys(read(part) for part in parts))

    return all_of


def _or_wrong(read: Callable[[str], str | None], code: str) -> Callable[[str], str]:
    def known(text: str) -> str:
        found = read(text)
        if found is None:
            raise _WrongError(code)
        return found

    return known


def _whole(text: str) -> int:
    """A whole number; thousands may be divided, since nothing else can be meant."""
    number = re.sub(r"[.,]0+$", "", text) if not _GROUPED.fullmatch(text) else re.sub(r"[.,]", "", text)
    if not re.fullmatch(r"[0-9]{1,9}", number) or int(number) == 0:
        raise _WrongError("announce.not_whole")
    return int(number)


def _decimal(text: str) -> str:
    """A number with decimal comma or point. Raises where one mark may be of thousands or of decimals."""
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", text):
        whole = re.sub(r"[.,]", "", text)
        raise _WrongError("announce.ambiguous_number", whole=whole, fraction=text.replace(".", ",") + "0")
    marks = re.sub(r"[0-9]", "", text)
    if _GROUPED.fullmatch(text) and len(marks) > 1:
        last = marks[-1] if marks.count(marks[-1]) == 1 else ""
        text = "".join(letter for letter in text if letter not in ".," or letter == last)
    if not _NUMBER.fullmatch(text) or Decimal(text.replace(",", ".")) <= 0:
        raise _WrongError("announce.not_number")
    return text.replace(",", ".")


def _size_type(text: str) -> str:
    code = text.upper()
    if not re.fullmatch(r"[0-9A-Z]{2}[A-Z][0-9]", code):
        raise _WrongError("announce.not_size_type")
    return code


def _packaging(text: str) -> str:
    if not re.fullmatch(r"[0-9]{3}", text):
        raise _WrongError("announce.not_packaging")
    return text


def _driver(text: str) -> str:
    found = cedula.parse(text) or passport.parse(text)
    if not found:
        raise _WrongError("announce.not_driver")
    return found.normal


def _procedure(text: str) -> str:
    code = text.upper()
    if not re.fullmatch(r"[A-Z0-9]{2,4}", code):
        raise _WrongError("announce.not_procedure")
    return code


def _until(text: str) -> str:
    """A day lasts until its end in Guayaquil; a time with its zone is taken as it is."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            day = datetime.strptime(text, form).replace(tzinfo=LOCAL)
        except ValueError:
            continue
        return day.replace(hour=23, minute=59, second=59).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _WrongError("announce.not_time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).isoformat(timespec="milliseconds")


def _reason(text: str) -> str:
    word = text.translate(PLAIN).lower()
    found = REASONS.get(word, word)
    if found not in REASONS.values():
        raise _WrongError("announce.not_reason")
    return found


READERS: dict[str, Callable[[str], Any]] = {
    "document": _document,
    "containers": _several("containers", _or_wrong(container_of, "announce.not_container")),
    "plates": _several("plates", _or_wrong(plate_of, "announce.not_plate")),
    "seals": _several("seals", str),
    "packages": _whole,
    "version": _whole,
    "weight_kg": _decimal,
    "box_tare_kg": _decimal,
    "vehicle_tare_kg": _decimal,
    "packaging": _packaging,
    "size_type": _size_type,
    "valid_until": _until,
    "document_until": _until,
    "reason": _reason,
    "driver": _driver,
    "procedure": _procedure,
}


def _notices(rows: list[_Row], name: str, releases: bool) -> tuple[list[Preadvice | Release], list[Problem]]:
    """One notice a document; several lines of a document are its containers, each with a share."""
    groups: dict[str, list[_Row]] = {}
    problems: list[Problem] = []
    for row in rows:
        identity = row.values.get("id") or _identity(row.values)
        group = groups.setdefault(identity, [])
        is_share = len(row.values.get("containers") or ()) == 1 and row.values.get("document")
        same = group and (
            not is_share
            or releases
            or len(group[0].values.get("containers") or ()) != 1
            or group[0].values["document"] != row.values["document"]
            or any(each.values["containers"] == row.values["containers"] for each in group)
        )
        if same:
            column = row.columns.get("id") or row.columns.get("document") or 1
            params = {"line": group[0].line}
            problems.append(
                Problem(name, row.line, column, "document", "announce.twice", params=params, found=identity)
            )
            continue
        group.append(row)
    make = _release if releases else _preadvice
    return [make(identity, group) for identity, group in groups.items() if group], problems


def _identity(values: dict[str, Any]) -> str:
    document = values.get("document")
    return f"{document['type']}-{document['number']}" if document else "-".join(values["containers"])


def _preadvice(identity: str, rows: list[_Row]) -> Preadvice:
    cargos = [{name: row.values[name] for name in CARGO if row.values.get(name)} for row in rows]
    shares = [
        {"container": row.values["containers"][0], "cargo": cargo}
        for row, cargo in zip(rows, cargos, strict=True)
        if len(rows) > 1
    ]
    cargo = cargos[0] if len(rows) == 1 else _together(cargos)
    top = {
        name: rows[0].values[name]
        for name in ("exporter", "valid_until", "document_until", "version", "driver", "procedure")
        if rows[0].values.get(name)
    }
    return Preadvice.from_wire({"id": identity, **top, "keys": _keys(rows), "cargo": cargo, "shares": shares})


def _release(identity: str, rows: list[_Row]) -> Release:
    values = rows[0].values
    top = {name: values[name] for name in ("valid_until", "version", "reason") if values.get(name)}
    return Release.from_wire({"id": identity, **top, "keys": _keys(rows)})


def _keys(rows: list[_Row]) -> dict[str, Any]:
    """What all lines of a document name."""
    keys: dict[str, Any] = {name: list(dict.fromkeys(_each(rows, name))) for name in ("containers", "plates")}
    for name in ("document", "booking"):
        if rows[0].values.get(name):
            keys[name] = rows[0].values[name]
    return keys


def _each(rows: list[_Row], name: str) -> Iterator[str]:
    for row in rows:
        yield from row.values.get(name) or ()


def _together(cargos: list[dict[str, Any]]) -> dict[str, Any]:
    """The cargo of all containers: sums where every line has the figure, and what all lines agree in."""
    whole: dict[str, Any] = {}
    for name in ("description", "packaging", "size_type"):
        found = {cargo.get(name) for cargo in cargos}
        if len(found) == 1 and None not in found:
            whole[name] = found.pop()
    if all("packages" in cargo for cargo in cargos):
        whole["packages"] = sum(cargo["packages"] for cargo in cargos)
    if all("weight_kg" in cargo for cargo in cargos):
        whole["weight_kg"] = format(sum((Decimal(cargo["weight_kg"]) for cargo in cargos), Decimal(0)), "f")
    return whole
