"""``iie-gateway identify TEXT…``: what a scanned, typed or read text is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from record.codes import CodeListError, Codes
from record.identifiers import plate, ticket
from record.identifiers.folding import LIMIT
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.identify import Site, written
from record.identifiers.identify import identify as recognise
from record.identifiers.remark import Remark
from record.messages import known
from record.messages import text as message
from record.shipped import NotShippedError, find

EXIT_WRONG_LISTS = 78
STDIN = "-"


def identify(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT…", help="texts; - reads lines from stdin")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a text, in order")] = False,
    expected: Annotated[Kind | None, typer.Option(help="the kind that is expected")] = None,
    countries: Annotated[str, typer.Option(help="countries of plates, in order")] = ",".join(plate.COUNTRIES),
    ticket_prefix: Annotated[str, typer.Option(help="prefix of the site's own tickets")] = ticket.PREFIX,
    config_dir: Annotated[
        Path | None, typer.Option(help="folder with lists that replace shipped ones")
    ] = None,
    lang: Annotated[Literal["es", "en"], typer.Option(help="language of the table")] = "es",
) -> None:
    """Say what each text is; exit code 78 when a list of codes is wrong."""
    codes = Codes(lambda name: find(name, config_dir))
    chosen = tuple(country.strip().upper() for country in countries.split(",") if country.strip())
    site = Site(countries=chosen, ticket_prefix=ticket_prefix, today=datetime.now(UTC).date())
    try:
        found = (recognise(text, codes=codes, site=site, expected=expected) for text in _texts(texts))
        if as_json:
            _print_json(found)
        else:
            _print_table(found, lang)
    except (CodeListError, NotShippedError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_WRONG_LISTS) from None


def _texts(given: Iterable[str]) -> Iterator[str]:
    """The texts, with the lines of stdin where ``-`` stands; overlong lines come in pieces."""
    for text in given:
        if text != STDIN:
            yield text
            continue
        for line in iter(lambda: sys.stdin.buffer.readline(LIMIT * 8), b""):
            yield line.decode("utf-8", "replace").rstrip("\r\n")


def as_data(identifier: Identifier) -> dict[str, Any]:
    """An identifier as JSON shows it."""
    return {
        "kind": identifier.kind.value,
        "normal": identifier.normal,
        "parts": dict(identifier.parts),
        "remarks": [_remark(remark) for remark in identifier.remarks],
        "alternatives": [as_data(alternative) for alternative in identifier.alternatives],
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {
        "code": remark.code.value,
        "severity": remark.severity.value,
        "parameters": dict(remark.parameters),
        "es": remark.text("es"),
        "en": remark.text("en"),
    }


def _print_json(found: Iterable[Identifier]) -> None:
    for identifier in found:
        print(json.dumps(as_data(identifier), ensure_ascii=True))


def _print_table(found: Iterable[Identifier], lang: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False)
    for identifier in found:
        for heading, value in _rows(identifier, lang):
            table.add_row(Text(heading, style="bold"), Text(value, overflow="fold"))
        table.add_section()
    Console().print(table)


def _rows(identifier: Identifier, lang: str) -> Iterator[tuple[str, str]]:
    """What the table shows of one text: a heading and a value a row."""
    yield message("identify.text", lang), _shown(identifier.raw)
    yield message("identify.kind", lang), _kind(identifier, lang)
    yield message("identify.number", lang), _shown(written(identifier))
    for name, value in identifier.parts.items():
        yield f"  {_part(name, lang)}", _shown(value)
    for remark in identifier.remarks:
        yield message("identify.remarks", lang), remark.text(lang)
    for other in identifier.alternatives:
        shown = " ".join(
            filter(None, (_kind(other, lang), other.parts.get("country"), _shown(written(other))))
        )
        yield message("identify.or_else", lang), shown


def _kind(identifier: Identifier, lang: str) -> str:
    return message(f"identifier.kind_{identifier.kind}", lang)


def _part(name: str, lang: str) -> str:
    code = f"identifier.part_{name}"
    return message(code, lang) if known(code) else name


def _shown(text: str, width: int = 60) -> str:
    """Printable, and not longer than a screen has room for."""
    cut = text if len(text) <= width else text[:width] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
