"""``iie-gateway visit STORY.jsonl --site SITE.yaml``: what a gate would make of a story.

What is wrong in a line is told with the line, and the rest of the story is told all the same.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.clerk.entry import RefusedDeed
from gateway.preadvice.book import Announcements, Releases
from gateway.site.checks import read_site
from gateway.site.site import Site
from gateway.story.book import Story, open_story
from gateway.story.story import NoLane, Told, tell
from record.announcing import files
from record.codes import shipped
from record.errors import BadRecord
from record.event import EventType
from record.messages import text
from record.preadvice import Preadvice
from record.release import Release
from record.yamlfile import EXIT_OTHER, EXIT_WRONG, FileErrors, Problem


def visit(
    story: Annotated[Path, typer.Argument(help="what a lane heard, one JSON object a line")],
    site: Annotated[Path, typer.Option(help="the site's YAML file")],
    preadvice: Annotated[
        list[Path] | None,
        typer.Option(help="announcements in place of the site's own file; may be given several times"),
    ] = None,
    releases: Annotated[
        list[Path] | None, typer.Option(help="what may leave; may be given several times")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object an event")] = False,
) -> None:
    """Tell a story to the site's rules and show the events that come of it.

    Exit code 0: all of it was told; 1: some of it was wrong or refused, and the rest was told; 78: the site's
    file or one of announcements or releases is wrong, and nothing was told.
    """
    settings = _settings(site)
    given = preadvice or ([site.parent / settings.preadvice.file] if settings.preadvice.file else [])
    announced, allowed = _notices([*given, *(releases or [])], settings.language)
    opened = open_story(story)
    problems = list(opened.problems)

    def refused(place: int, error: BadRecord) -> None:
        problems.append(_refusal(opened, place, error, settings.language))

    told = tell(opened.lines, settings, announced, shipped(), allowed, refused)
    for each in told:
        print(_json(each) if as_json else "\n".join(_words(each, settings.language)))
    for problem in sorted(problems, key=lambda problem: problem.line):
        print(problem.line_text(settings.language), file=sys.stderr)
    if problems:
        raise typer.Exit(EXIT_OTHER)


def _settings(site: Path) -> Site:
    try:
        return read_site(site)
    except FileErrors as errors:
        for problem in errors.problems:
            print(problem.line_text(), file=sys.stderr)
        raise typer.Exit(EXIT_WRONG) from None


def _notices(paths: list[Path], lang: str) -> tuple[Announcements, Releases]:
    """Everything that the files announce and release, whichever of them holds it."""
    batches = [files.read(path) for path in paths]
    for batch in batches:
        for problem in batch.problems:
            print(problem.line_text(lang), file=sys.stderr)
    if any(batch.wrong for batch in batches):
        raise typer.Exit(EXIT_WRONG)
    notices = [notice for batch in batches for notice in batch.notices]
    announced = Announcements(each for each in notices if isinstance(each, Preadvice))
    return announced, Releases(each for each in notices if isinstance(each, Release))


def _refusal(story: Story, place: int, error: BadRecord, lang: str) -> Problem:
    """Why a line was not done, at the line."""
    number = story.placed[place].number
    if isinstance(error, NoLane):
        params: dict[str, object] = {"lane": error.lane, "lanes": error.lanes}
        return Problem(story.name, number, 1, "lane", "story.no_lane", params=params)
    reason = error.words(lang) if isinstance(error, RefusedDeed) else str(error)
    return Problem(story.name, number, 1, "act", "story.refused", params={"reason": reason})


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
