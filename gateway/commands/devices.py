"""``iie-gateway devices``: what is plugged into this machine, by the names to write into a site's file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from drivers.inventory import Attached, Sort, attached
from record.messages import text


def devices(
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object with a list for each kind")
    ] = False,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """List serial ports, cameras and scanners of this machine. Exit code 0, also when there is none."""
    found = attached()
    if as_json:
        kinds = {sort.value: [described(each) for each in found if each.sort is sort] for sort in Sort}
        print(json.dumps(kinds, ensure_ascii=False))
        return
    for sort in Sort:
        print(text(f"tools.sort_{sort.value}", lang))
        lines = [line for each in found if each.sort is sort for line in lines_of(each, lang)]
        print("\n".join(lines or [f"  {text('tools.none', lang)}"]))


def described(each: Attached) -> dict[str, object]:
    """The JSON object of one device; ``name`` is the one to write down."""
    return {"name": each.name, **{key: value for key, value in asdict(each).items() if key != "sort"}}


def lines_of(each: Attached, lang: str) -> list[str]:
    """What is shown of one device."""
    about = [each.path if each.by_id else "", each.title, each.usb or ""]
    if not each.usable:
        about.append(text("tools.no_permission", lang))
    if each.usb and each.by_id is None and each.sort is Sort.SERIAL:
        about.append(text("tools.changing_name", lang))
    detail = ", ".join(part for part in about if part)
    return [f"  {each.name}", *([f"      {detail}"] if detail else [])]
