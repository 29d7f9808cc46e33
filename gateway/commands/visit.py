"""``iie-gateway visit STORY.jsonl --site SITE.yaml``: what a gate would make of a story."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.preadvice.book import Announcements
from gateway.site.checks import read_site
from gateway.story.line import StoryError, read
from gateway.story.story import Told, tell
from record.codes import shipped
from record.errors import BadRecord
from record.event import EventType
from record.messages import text
from record.yamlfile import EXIT_OTHER, EXIT_WRONG, FileErrors


def visit(
    story: Annotated[Path, typer.Argument(help="what a lane heard, one JSON object a line")],
    site: Annotated[Path, typer.Option(help="the site's YAML file")],
    preadvice: Annotated[
        Path | None, typer.Option(help="announcements in place of the site's own file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object an event")] = False,
) -> None:
    """Tell a story to the site's rules and show the events that come of it."""
    try:
        settings = read_site(site)
        file = preadvice or (site.parent / settings.preadvice.file if settings.preadvice.file else None)
        announcements = Announcements.read(file) if file else Announcements()
        told = tell(read(story), settings, announcements, shipped())
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None
    except (StoryError, BadRecord, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_OTHER) from None
    for each in told:
        print(_json(each) if as_json else "\n".join(_words(each, settings.language)))


def _json(told: Told) -> str:
    letter = told.letter
    shown = {"t": told.t, "lane": told.lane, "type": letter.type, "topic": letter.topic, "data": letter.data}
    return json.dumps(shown, ensure_ascii=False)


def _words(told: Told, lang: str) -> list[str]:
    """A draft in a few lines, with its findings in words."""
    data = told.letter.data
    if told.letter.type is not EventType.DRAFT:
        return [f"{told.t:8.1f} s  {told.lane}  {told.letter.type}  {data.get('outcome', '')}"]
    payload = data["payload"]
    document = payload.get("document", {}).get("number", "–")
    items = "; ".join(
        f"{item.get('container', '–')} {item.get('size_type', '')} {item.get('weight_kg', '–')} kg"
        for item in payload["items"]
    )
    status = text(f"demo.{data['status']}", lang)
    head = f"{told.t:8.1f} s  {told.lane}  {payload['report']} r{data['revision']}  {status}  {document}  {items}"
    return [head, *(f"{'':12}· {_finding(finding, lang)}" for finding in data["findings"])]


def _finding(finding: dict[str, object], lang: str) -> str:
    params = finding.get("params")
    return text(f"finding.{finding['code']}", lang, **(params if isinstance(params, dict) else {}))
