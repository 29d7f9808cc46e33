"""``iie-gateway init SITE.yaml``: a first site file out of a few questions, or out of options."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from drivers.inventory import attached
from drivers.scale.protocols import PROTOCOLS
from gateway.commands.site_file import site_or_end
from gateway.site.sketch import Answers, sketch
from record.messages import text
from record.shipped import find, find_all
from record.system_reason import reason
from record.yamlfile import EXIT_OTHER

QUESTIONS = {
    "depot": "guayaquil",
    "district": "028",
    "oce": None,
    "operator_type": None,
    "gate": "garita-1",
    "lane": "carril-1",
    "scale": None,
    "port": None,
    "broker": "localhost",
    "registry_key": None,
}
"""What is asked where no option says it, with what is proposed; texts: ``init.NAME``."""


def init(
    site: Annotated[Path, typer.Argument(help="the file to write; one that is there is kept")],
    depot: Annotated[str | None, typer.Option(help="the depot's name in topics")] = None,
    district: Annotated[str | None, typer.Option(help="customs district, 3 digits")] = None,
    oce: Annotated[str | None, typer.Option(help="the depot's OCE code, 8 digits")] = None,
    operator_type: Annotated[str | None, typer.Option(help="operator type, 2 digits")] = None,
    profile: Annotated[str, typer.Option(help="temporal, paletizadora or distrito")] = "temporal",
    gate: Annotated[str | None, typer.Option(help="this gate's name")] = None,
    lane: Annotated[str | None, typer.Option(help="the first lane's name")] = None,
    scale: Annotated[str | None, typer.Option(help="the scale's model or protocol")] = None,
    port: Annotated[str | None, typer.Option(help="where the scale hangs")] = None,
    scanner: Annotated[str | None, typer.Option(help="where a scanner hangs")] = None,
    camera: Annotated[list[str] | None, typer.Option(help="address or folder of a camera; once each")] = None,
    broker: Annotated[str | None, typer.Option(help="host of the MQTT broker")] = None,
    registry_key: Annotated[str | None, typer.Option(help="what `iie-registry key` prints")] = None,
    registry_url: Annotated[str | None, typer.Option(help="the registry's address for pictures")] = None,
    data: Annotated[str, typer.Option(help="folder of outbox, pictures, tapes")] = "/var/lib/iie-gateway",
    lang: Annotated[str, typer.Option(help="es or en: questions, and the gate's screens")] = "es",
) -> None:
    """Write a commented site file and check it. Exit code 78: an answer was wrong; the check says which."""
    if site.exists():
        print(text("init.exists", lang, file=str(site)), file=sys.stderr)
        raise typer.Exit(EXIT_OTHER)
    given = {
        "depot": depot,
        "district": district,
        "oce": oce,
        "operator_type": operator_type,
        "gate": gate,
        "lane": lane,
        "scale": scale,
        "port": port,
        "broker": broker,
        "registry_key": registry_key,
    }
    known = _asked(given, lang)
    answers = Answers(
        **known,
        profile=profile,
        scanner=scanner,
        cameras=tuple(camera or ()),
        registry_url=registry_url,
        language=lang,
        data=data,
    )
    is_model, schema = answers.scale not in PROTOCOLS, str(find("site.schema.json"))
    _write(site, sketch(answers, is_model, schema), lang)
    site_or_end(site)
    print(text("init.written", lang, file=str(site)))


def _asked(given: dict[str, str | None], lang: str) -> dict[str, str]:
    """Every answer: given, or asked for where a person sits at the terminal."""
    missing = [name for name, answer in given.items() if answer is None]
    if missing and not sys.stdin.isatty():
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        print(text("init.missing", lang, options=options), file=sys.stderr)
        raise typer.Exit(EXIT_OTHER)
    return {name: answer or _ask(name, lang) for name, answer in given.items()}


def _ask(name: str, lang: str) -> str:
    if name == "scale":
        print(
            text(
                "init.models",
                lang,
                models=", ".join(sorted({path.stem for path in find_all("scales", "*.yaml")})),
            )
        )
    if name == "port":
        found = [device.name for device in attached() if device.sort.value == "serial"]
        print(text("init.ports", lang, ports=", ".join(found) or text("tools.none", lang)))
    return str(typer.prompt(text(f"init.{name}", lang), default=QUESTIONS[name])).strip()


def _write(path: Path, content: str, lang: str) -> None:
    """Write the file whole, readable by its group: it holds no secret."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        print(text("init.not_written", lang, file=str(path), why=reason(error)), file=sys.stderr)
        raise typer.Exit(EXIT_OTHER) from None
