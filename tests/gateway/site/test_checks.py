"""What is wrong in a site although each value alone is right. Where each mistake is shown: `broken_sites`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.site.checks import CHECKS, broker, names, ports, read_site, scales
from gateway.site.site import Site
from record.shipped import find
from record.topics import RESERVED
from record.yamlfile import FileErrors, Remark, Severity


def site(**changes: Any) -> Site:
    content = {
        "depot": {
            "name": "deposito",
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": "garita-1",
        "data": "data",
        "keys": {"signing": "gate.pem", "registry": "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "broker": {"host": "127.0.0.1"},
        "lanes": [lane("carril-1", port="/dev/serial/by-id/a")],
    }
    return Site.model_validate({**content, **changes})


def lane(called: str, /, **scale: Any) -> dict[str, Any]:
    spoken = {} if "model" in scale or "protocol" in scale else {"protocol": "mt_continuous"}
    return {"name": called, "scale": {"port": f"/dev/serial/by-id/{called}", **spoken, **scale}}


def codes(check: Callable[[Site], Any], given: Site) -> list[str]:
    remarks: list[Remark] = list(check(given))
    return [remark.code for remark in remarks]


def test_the_example_is_right_and_a_right_site_has_no_error() -> None:
    assert read_site(find("site.example.yaml")).gate
    remarks = [remark for check in CHECKS for remark in check(site())]
    assert {remark.severity for remark in remarks} == {Severity.WARNING}


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_depot_gate_or_lane_is_named_by_a_word_of_the_topics(word: str) -> None:
    depot = site().depot.model_dump(mode="json")
    assert codes(names, site(depot={**depot, "name": word})) == ["site.reserved_name"]
    assert codes(names, site(gate=word)) == ["site.reserved_name"]
    assert codes(names, site(lanes=[lane(word)])) == ["site.reserved_name"]


def test_devices_of_two_lanes_may_have_one_name_and_of_one_lane_not() -> None:
    cameras = [{"name": "trasera", "kind": "folder", "folder": "a"}]
    two = [{**lane("carril-1"), "cameras": cameras}, {**lane("carril-2"), "cameras": cameras}]
    assert codes(names, site(lanes=two)) == []
    assert codes(names, site(lanes=[{**lane("carril-1"), "cameras": cameras * 2}])) == ["site.name_twice"]
    scale = [{**lane("carril-1", name="trasera"), "cameras": cameras}]
    assert codes(names, site(lanes=scale)) == ["site.name_twice"]


def test_a_port_belongs_to_one_device_on_all_lanes() -> None:
    two = [lane("carril-1", port="/dev/ttyS0"), lane("carril-2", port="/dev/ttyS0")]
    (remark,) = ports(site(lanes=two))
    assert (remark.code, remark.path) == ("site.port_twice", ("lanes", 1, "scale", "port"))
    assert remark.params["other"] == "lanes.0.scale.port"


@pytest.mark.parametrize(
    ("host", "tls", "wrong"),
    [
        ("127.0.0.1", None, False),
        ("127.9.9.9", None, False),
        ("::1", None, False),
        ("localhost", None, False),
        ("localhost.example.net", None, True),
        ("10.0.0.1", None, True),
        ("broker.example.net", None, True),
        ("broker.example.net", {"ca": "ca.pem"}, False),
    ],
)
def test_passwords_leave_this_machine_only_inside_tls(host: str, tls: object, wrong: bool) -> None:
    part = {"host": host, **({"tls": tls} if tls else {})}
    assert codes(broker, site(broker=part)) == (["site.no_tls"] if wrong else [])


@pytest.mark.parametrize(
    ("scale", "found"),
    [
        ({"model": "mettler-ind331"}, []),
        ({"model": "mettler-ind331", "checksum": "sum"}, []),
        ({"model": "mettler-ind331", "baud": 4800, "bits": 8, "parity": "N"}, []),
        ({"model": "mettler-ind331", "checksum": "crc"}, ["site.unknown_checksum"]),
        ({"model": "mettler-ind331", "protocol": "mt_continuous"}, ["site.protocol_and_model"]),
        ({"model": "ind331"}, ["site.unknown_model_meant"]),
        ({"model": "zzz"}, ["site.unknown_model"]),
        ({"protocol": "mt_continuous", "leave_kg": 1500}, ["site.leave_above_arrive"]),
        ({"protocol": "zzz", "leave_kg": 9000}, ["site.unknown_protocol", "site.leave_above_arrive"]),
    ],
)
def test_a_scale_speaks_what_is_known(scale: dict[str, Any], found: list[str]) -> None:
    assert codes(scales, site(lanes=[lane("carril-1", **scale)])) == found


def test_a_file_with_a_mistake_is_refused_with_all_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("gate: state\ndepot: {}\n")
    with pytest.raises(FileErrors) as refused:
        read_site(path)
    assert len(refused.value.problems) > 3
    assert all(problem.file == str(path) for problem in refused.value.problems)
