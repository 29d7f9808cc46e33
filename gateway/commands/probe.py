"""``iie-gateway probe PORT``: which protocol speaks on a port that nobody knows anything about.

Findings are shown as they come, on the error stream; the verdict stands on the output, with what to write into
the site's file. With ``--json`` the verdict is one object:

    {"verdict": "named", "heard": 936, "sample": "0231…", "decider": null, "candidates": [
        {"protocol": "mt_continuous", "title": "…", "frames": 52, "checked": 52, "coverage": 1.0,
         "weight": {"value": "12340", "unit": "kg", "stability": "stable", "kind": "gross"},
         "scale": {"protocol": "mt_continuous", "port": "/dev/…", "baud": 9600, "bits": 7, …}}]}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from drivers.advice import ADVICE
from drivers.catalogue import scale_models
from drivers.errors import DeviceError
from drivers.inventory import by_id
from drivers.port import Line
from drivers.probe.hearing import Heard
from drivers.probe.proposal import settings, yaml
from drivers.probe.search import Search
from drivers.probe.verdict import Verdict, framing
from drivers.scale.fields import plain
from gateway.bytes_shown import ascii_of
from gateway.weight_shown import weight_line
from record.messages import text
from record.shipped import find_all

NAMED, NOT_OPEN, GROUP, UNKNOWN = 0, 1, 3, 4


def probe(
    port: Annotated[str, typer.Argument(help="device, socket://host:port, rfc2217://host:port, listen://…")],
    seconds: Annotated[float, typer.Option(min=1, max=600, help="how long to listen, at most")] = 30,
    ask: Annotated[
        bool, typer.Option("--ask", help="allow sending the requests of polled indicators, if nobody speaks")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the verdict as one JSON object")] = False,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Exit code 0: named; 3: a group; 4: unknown; 1: the port cannot be used. Writes only with --ask."""
    _tell(text("tools.listening", lang, port=port, seconds=f"{seconds:g}"))
    if ask:
        _tell(text("tools.asking", lang))
    search = Search(port, seconds=seconds, ask=ask, progress=lambda line, heard: _progress(line, heard, lang))
    try:
        verdict = search.run()
    except DeviceError as error:
        _tell(f"{error}\n{getattr(ADVICE[error.advice], lang)}")
        raise typer.Exit(NOT_OPEN) from error
    name = by_id(port)
    if as_json:
        print(json.dumps(described(verdict, name), ensure_ascii=False))
    else:
        print("\n".join(lines_of(verdict, name, lang)))
    raise typer.Exit(UNKNOWN if verdict.unknown else NAMED if verdict.named else GROUP)


def described(verdict: Verdict, port: str) -> dict[str, object]:
    """The JSON object of a verdict."""
    return {
        "verdict": "unknown" if verdict.unknown else "named" if verdict.named else "group",
        "heard": verdict.heard,
        "sample": verdict.sample[-64:].hex(),
        "decider": verdict.decider,
        "candidates": [_candidate(each, port) for each in verdict.candidates],
    }


def _candidate(heard: Heard, port: str) -> dict[str, object]:
    last = heard.last
    return {
        "protocol": heard.protocol.id,
        "title": heard.protocol.title,
        "frames": heard.good + heard.states,
        "checked": heard.checked,
        "coverage": round(heard.coverage, 3),
        "weight": last
        and {
            "value": plain(last.value),
            "unit": last.unit,
            "stability": last.stability,
            "kind": last.kind,
        },
        "scale": settings(heard, port),
    }


def lines_of(verdict: Verdict, port: str, lang: str) -> list[str]:
    """What is shown of a verdict."""
    lines = [_headline(verdict, lang)]
    if verdict.decider is not None:
        lines.append(text(f"tools.decider_{verdict.decider}", lang))
    if verdict.sample:
        lines.append(text("tools.sample", lang, sample=ascii_of(verdict.sample[-48:])))
    for candidate in verdict.candidates:
        lines += ["", *_proposal(candidate, port, lang)]
    return lines


def _headline(verdict: Verdict, lang: str) -> str:
    named = verdict.named
    if named is not None:
        line, spoken = framing(named).framing, named.protocol
        return text("tools.named", lang, protocol=spoken.id, title=spoken.title, line=line)
    if verdict.unknown:
        return text("tools.unknown", lang, heard=verdict.heard)
    return text("tools.group", lang, protocols=[each.protocol.id for each in verdict.candidates])


def _proposal(heard: Heard, port: str, lang: str) -> list[str]:
    lines = []
    if heard.last is not None:
        lines.append(text("tools.last", lang, weight=weight_line(heard.last, lang)))
    lines += [text("tools.paste", lang), yaml(heard, port)]
    if "untared" in heard.protocol.fields:
        lines.append(text("tools.only_net", lang))
    models = _models(heard.protocol.id)
    return [*lines, text("tools.models", lang, models=models)] if models else lines


def _models(protocol_id: str) -> list[str]:
    models = scale_models(find_all("scales", "*.yaml"))
    return [model.id for model in models.values() if model.protocol == protocol_id]


def _progress(line: Line, heard: Sequence[Heard], lang: str) -> None:
    best = [
        text(
            "tools.frames",
            lang,
            protocol=each.protocol.id,
            frames=each.good + each.states,
            checked=each.checked,
        )
        for each in heard[:3]
    ]
    _tell(f"  {line.framing}: {'; '.join(best) or text('tools.nothing_heard', lang)}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
