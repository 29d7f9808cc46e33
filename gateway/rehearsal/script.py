"""The script of a day: trucks of every kind with all that can go wrong, what each lane hears, and what must come out.

What must come out is written down here from what each truck carries and from what was done to it, without a look
into the gate's own rules: a gate that decides otherwise is wrong, or the script is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random
from typing import Any

from gateway.rehearsal.script_boxes import containers
from gateway.rehearsal.script_exits import exits
from gateway.rehearsal.script_pieces import air
from gateway.rehearsal.script_stays import border, boxes_that_stay, loose, still_inside
from gateway.rehearsal.trucks import BOX_KG, CHASSIS_KG, TRACTOR_KG
from gateway.rehearsal.writing import Day, Script

Lane = tuple[Callable[[Day, int], None], dict[str, Any]]

LANES: tuple[Lane, ...] = (
    (containers, {"direction": "entry", "flow": "container"}),
    (border, {"direction": "both", "flow": "land", "procedure": "TE", "weigh": "in_and_out"}),
    (air, {"direction": "entry", "flow": "air"}),
    (exits, {"direction": "exit", "flow": "container", "weigh": "in_and_out"}),
    (boxes_that_stay, {"direction": "entry", "flow": "container", "weigh": "in_and_out"}),
    (loose, {"direction": "both", "flow": "loose", "weigh": "in_and_out"}),
    (air, {"direction": "entry", "flow": "air"}),
    (exits, {"direction": "exit", "flow": "container", "weigh": "in_and_out"}),
)
"""The lanes of a gate in their order, and again from the first: what happens there, and how the site has them."""

AFTERNOON: dict[int, Lane] = {
    0: (boxes_that_stay, {"weigh": "in_and_out"}),
    1: (loose, {"flow": "loose"}),
}
"""What the first lanes turn to in the middle of their day, by their number from 0, and what the site's file then says
otherwise, where a gate has four lanes or more: so four lanes see every flow."""

FEWEST_THAT_TURN = 4

PAPERS = {"mic_dta": r"MIC/[A-Z]{2}-\d{4}-\d{6}", "carta_porte": r"CPI/[A-Z]{2}-\d{4}-\d{6}"}


def site(lanes: int, turned: Collection[int] = ()) -> dict[str, Any]:
    """The site's file of a day, with so many lanes; ``turned`` are the numbers of those that have turned."""
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
        "rules": {"release_required": True, "papers": PAPERS},
        "simulated": True,
        "lanes": [_lane(number, _kind(number, number in turned)) for number in range(lanes)],
    }


def _kind(number: int, turned: bool) -> dict[str, Any]:
    kind = LANES[number % len(LANES)][1]
    return {**kind, **AFTERNOON[number][1]} if turned else kind


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
    """So many trucks spread over the lanes; the same seed gives the same day.

    Lanes for exits are written last, when it stands fixed who came in when. ``turns`` of the script tells at which
    second which lane turns to its afternoon.
    """
    happens = [LANES[number % len(LANES)][0] for number in range(lanes)]
    made = Script(has_exits=exits in happens)
    for number in sorted(range(lanes), key=lambda number: happens[number] is exits):
        name, share = f"carril-{number + 1}", trucks // lanes + (number < trucks % lanes)
        day = Day(Random(f"{seed}/{name}"), made, name, year, number)  # noqa: S311 - a rehearsal
        day.procedure = LANES[number % len(LANES)][1].get("procedure")
        turns = lanes >= FEWEST_THAT_TURN and number in AFTERNOON
        happens[number](day, share // 2 if turns else share)
        if turns:
            made.turns.append((day.pause(), number))
            AFTERNOON[number][0](day, share - share // 2)
    made.turns.sort()
    for truck in made.inside:
        made.expected.append(still_inside(truck))
    made.lines.sort(key=lambda line: line.t)
    return made
