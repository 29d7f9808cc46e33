"""The script of a day: trucks of every kind with all that can go wrong, what each lane hears, and what must come out.

What must come out is written down here from what each truck carries and from what was done to it, without a look
into the gate's own rules: a gate that decides otherwise is wrong, or the script is.
"""

from __future__ import annotations

from random import Random
from typing import Any

from gateway.rehearsal.script_boxes import containers
from gateway.rehearsal.script_others import air, exits, loose
from gateway.rehearsal.trucks import BOX_KG, CHASSIS_KG, TRACTOR_KG
from gateway.rehearsal.writing import Day, Script


def site(lanes: int) -> dict[str, Any]:
    """The site's file of a day: containers, loose cargo weighed in and out, air cargo, exits, and again."""
    kinds: tuple[dict[str, Any], ...] = (
        {"direction": "entry", "flow": "container"},
        {"direction": "both", "flow": "loose", "weigh": "in_and_out"},
        {"direction": "entry", "flow": "air"},
        {"direction": "exit", "flow": "container"},
    )
    return {
        "depot": {
            "name": "deposito-demo",
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": "garita-1",
        "data": ".",
        "keys": {"signing": "gate.pem", "registry": "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "broker": {"host": "127.0.0.1", "port": 1883},
        "tares": {"tractor_kg": TRACTOR_KG, "chassis_kg": CHASSIS_KG, "boxes": BOX_KG},
        "rules": {"release_required": True},
        "simulated": True,
        "lanes": [_lane(number, kinds[number % len(kinds)]) for number in range(lanes)],
    }


def _lane(number: int, kind: dict[str, Any]) -> dict[str, Any]:
    scale: dict[str, Any] = {
        "protocol": "mt_continuous",
        "port": f"/dev/serial/by-id/scale-{number}",
        "certificate": {"number": f"DEMO-{number}", "authority": "demo", "valid_until": "2099-12-31"},
    }
    if kind["flow"] == "air":
        scale |= {"arrive_kg": 3, "leave_kg": 1, "settle_kg": "0.2", "zero_kg": "0.5"}
    return {"name": f"carril-{number + 1}", "scale": scale, **kind}


def script(trucks: int, lanes: int, seed: int, year: int) -> Script:
    """So many trucks spread over the lanes; the same seed gives the same day."""
    made = Script()
    shares = [trucks // lanes + (number < trucks % lanes) for number in range(lanes)]
    kinds = (containers, loose, air, exits)
    for number, share in enumerate(shares):
        name = f"carril-{number + 1}"
        day = Day(Random(f"{seed}/{name}"), made, name, year, number)  # noqa: S311 - a rehearsal
        kinds[number % len(kinds)](day, share)
    made.lines.sort(key=lambda line: line.t)
    return made
