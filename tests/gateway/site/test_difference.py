"""What a reload has to do is known from the two files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.site.checks import read_site
from gateway.site.difference import AT_START, RULES, Difference, LaneDifference, devices, difference, possible
from gateway.site.site import LanePart, ScalePart, Site

RIGHT = read_site(Path(__file__).parents[1] / "broken_sites" / "right.yaml")
LANE = RIGHT.lanes[0]


def changed(**values: Any) -> Site:
    """The right site with other values at paths such as ``lanes__0__scale__port``."""
    content = RIGHT.model_dump(mode="json")
    for path, value in values.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        place: Any = content
        for step in steps:
            place = place[step]
        place[last] = value
    return Site.model_validate_json(json.dumps(content))


def lane(**values: Any) -> LaneDifference:
    """How the first lane differs."""
    return difference(RIGHT, changed(**values)).lanes[0]


def test_the_same_file_asks_for_nothing() -> None:
    found = difference(RIGHT, changed())
    assert (found.changed, found.new, found.gone, found.restart) == ((), (), (), ())
    assert set(found.lanes[0].unchanged) == set(devices(LANE))


def test_another_port_restarts_that_device_alone() -> None:
    found = lane(lanes__0__scale__port="socket://10.0.0.9:4001")
    assert (found.changed, found.rules) == ((LANE.scale.name,), False)
    assert LANE.scale.name not in found.unchanged


def test_another_figure_of_weighing_closes_no_line() -> None:
    found = lane(lanes__0__scale__settle_kg="40")
    assert (found.changed, found.rules) == ((), True)


def test_every_setting_of_a_scale_is_either_a_rule_or_of_its_line() -> None:
    made_of = set(devices(LANE)[LANE.scale.name][1])
    assert made_of | RULES == set(ScalePart.model_fields)
    assert lane(lanes__0__scale__stale_after_s=9).changed == (LANE.scale.name,)


def test_a_rule_of_the_site_is_one_of_every_lane() -> None:
    found = lane(rules__stay_hours=24)
    assert (found.rules, found.changed) == (True, ())


def test_lanes_come_and_go_by_name() -> None:
    content = RIGHT.model_dump(mode="json")
    content["lanes"][0]["name"] = "otro"
    found = difference(RIGHT, Site.model_validate_json(json.dumps(content)))
    assert (found.new, found.gone, found.lanes) == (("otro",), (LANE.name,), ())


def test_devices_of_a_lane_come_and_go_by_name() -> None:
    more = [{"name": "nuevo", "kind": "folder", "folder": "fotos"}]
    older = [camera.model_dump(mode="json") for camera in LANE.cameras]
    assert lane(lanes__0__cameras=[*older, *more]).new == ("nuevo",)
    if older:
        assert lane(lanes__0__cameras=[]).gone == tuple(camera.name for camera in LANE.cameras)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("gate", "otra", "gate"),
        ("depot__name", "otro", "depot.name"),
        ("data", "elsewhere", "data"),
        ("keys__signing", "other.pem", "keys"),
        ("broker__port", 1999, "broker"),
        ("simulated", True, "simulated"),
    ],
)
def test_what_waits_for_a_restart_is_named_and_stays(path: str, value: Any, told: str) -> None:
    new = changed(**{path: value})
    assert difference(RIGHT, new).restart == (told,)
    assert difference(RIGHT, new).changed == ()
    assert possible(RIGHT, new) == RIGHT


def test_every_part_of_the_file_has_its_place() -> None:
    """A new part of the file has to be said to be one or the other."""
    assert set(Site.model_fields) == {*AT_START, "depot", "lanes", "tares", "rules", "preadvice"}


def test_nothing_differs_between_nothing() -> None:
    assert Difference().changed == ()


def test_a_lane_part_is_what_its_devices_and_rules_say() -> None:
    """Nothing of a lane is forgotten: each of its keys changes either devices or rules."""
    assert set(LanePart.model_fields) == {
        *("name", "direction", "flow", "weigh", "procedure", "presence"),
        *("scale", "cameras", "scanners", "signals", "lights", "barrier"),
    }
