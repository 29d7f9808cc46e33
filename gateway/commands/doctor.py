"""``iie-gateway doctor SITE.yaml``: everything around a gate is looked at, and what to do is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.bytes_shown import shape
from gateway.commands.site_file import site_or_end
from gateway.doctor import machine, network
from gateway.doctor.bundle import bundle
from gateway.doctor.cables import cables
from gateway.doctor.symptom import Health, Symptom, worst
from gateway.last_heard import FILE, scanners_of
from gateway.site.site import Site
from record.messages import text
from record.system_reason import reason
from record.yamlfile import EXIT_OTHER


def doctor(
    site: Annotated[Path, typer.Argument(help="the site's YAML file")] = Path("/etc/iie/site.yaml"),
    save: Annotated[Path | None, typer.Option("--bundle", help="write one file for support")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object with everything")] = False,
    lang: Annotated[str | None, typer.Option(help="es or en; the site's own language otherwise")] = None,
) -> None:
    """Look at everything; nothing is changed. Exit code 0: well or doubtful, 1: something is ill, 78: wrong file."""
    settings = site_or_end(site)
    language = lang or settings.language
    found: list[Symptom] = []
    for symptom in examined(settings, site.parent):
        found.append(symptom)
        if not as_json:
            print(symptom.line_text(language), flush=True)
    if as_json:
        told = {"health": worst(found).value, "symptoms": [each.as_json(language) for each in found]}
        print(json.dumps(told, ensure_ascii=False))
    if save is not None:
        _save(save, site, settings, found, language)
    if worst(found) is Health.ILL:
        raise typer.Exit(EXIT_OTHER)


def examined(site: Site, folder: Path) -> Iterator[Symptom]:
    """Everything, the nearest first."""
    yield from machine.disk(folder / site.data)
    yield from machine.clock()
    yield from machine.models()
    yield from cables(site, folder)
    yield from network.certificates(site, folder)
    yield from network.broker(site, folder)
    yield from network.registry(site, folder)
    yield from machine.outbox(site, folder)


def _save(target: Path, path: Path, site: Site, found: list[Symptom], language: str) -> None:
    """Write the bundle, with what every device says where no gate holds them."""
    from gateway.commands.live import listened

    heard = [_without_people(site, device.as_json()) for device in listened(site, path.parent, 3)]
    try:
        bundle(target, path, found, heard, path.parent / site.data / FILE)
    except OSError as error:
        print(text("doctor.not_bundled", language, file=str(target), why=reason(error)), file=sys.stderr)
        raise typer.Exit(EXIT_OTHER) from None
    print(text("doctor.bundled", language, file=str(target)), file=sys.stderr)


def _without_people(site: Site, heard: dict[str, object]) -> dict[str, object]:
    """What a device says, of a scanner only the shape: papers that name people are scanned too."""
    if (heard["lane"], heard["device"]) not in scanners_of(site):
        return heard
    return heard | {"raw": shape(bytes.fromhex(str(heard["raw"]))).hex(), "last": None}
