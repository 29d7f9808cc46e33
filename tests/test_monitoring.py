"""What ships for Prometheus and Grafana: alerts that promtool has tried, no query for a metric that nobody gives."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric

from drivers.device import DeviceState, DeviceStatus
from gateway.board import Board
from gateway.configuration import Configuration
from gateway.metrics import GateMetrics, Watched
from gateway.outbox.outbox import Outbox, now
from gateway.site.checks import read_site
from gateway.tally import Tally
from ocr.worker import WorkerStatus
from record.proof import SigningKey
from record.topics import Gate

HOUSE = Path(__file__).resolve().parents[1]
MONITORING = HOUSE / "config" / "monitoring"
OF_PROMETHEUS = {"up"}
EVERYWHERE = {"instance", "job", "le"}


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("promtool") is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is not installed; ./dev setup installs it")
        pytest.skip("promtool is not installed")
    return subprocess.run(
        ["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every metric that gate and registry give, with its labels."""
    folder = tmp_path_factory.mktemp("metrics")
    families = [*gate_families(folder), *registry_families(folder)]
    found: dict[str, set[str]] = {}
    for family in families:
        labels = set(getattr(family, "_labelnames", ()))
        for ending in {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(
            family.type, ("",)
        ):
            found[family.name + ending] = labels
    return found


def gate_families(folder: Path) -> list[Metric]:
    board, site = Board(("carril-1",)), read_site(HOUSE / "tests" / "gateway" / "broken_sites" / "right.yaml")
    moment = datetime.now(UTC)
    board.device("carril-1", DeviceStatus("balanza", DeviceState.STREAMING, moment, last_good=moment))
    board.configuration(Configuration("site.yaml", moment, moment))
    outbox = Outbox(folder / "gateway.db", Gate("depot", "g1"), SigningKey.generate())
    try:
        return list(
            GateMetrics(
                Watched(board, outbox, Tally(), lambda: site, folder, folder, "1", WorkerStatus, now)
            ).collect()
        )
    finally:
        outbox.close()


def registry_families(folder: Path) -> list[Metric]:
    from registry import tally
    from registry.database import migrate, open_engine
    from registry.metrics import RegistryMetrics
    from registry.metrics import Watched as Registry

    engine = open_engine(f"sqlite:///{folder / 'registry.db'}")
    migrate(engine)
    try:
        return list(RegistryMetrics(Registry(engine, tally.Tally(), folder, "1", now)).collect())
    finally:
        engine.dispose()


def queries() -> Iterator[tuple[str, str, str]]:
    """Where a query stands, the query, and what it is labelled with."""
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"], target["legendFormat"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["label"], variable["query"]["query"], ""
    for rule in rules():
        yield rule["alert"], rule["expr"], rule["annotations"]["summary"]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_query_names_a_metric_that_is_given(given: dict[str, set[str]]) -> None:
    asked: set[str] = set()
    for place, query, _ in queries():
        bare = re.sub(r"\{[^}]*\}", "", query)
        names = set(re.findall(r"\b(iie_[a-z_]+|up)\b", bare))
        assert names, (place, query)
        assert names <= given.keys() | OF_PROMETHEUS, (place, names - given.keys())
        asked |= names
    assert len(asked) > 30


def test_every_query_and_legend_uses_labels_that_are_there(given: dict[str, set[str]]) -> None:
    for place, query, legend in queries():
        labels = set().union(*(given[name] for name in given if re.search(rf"\b{name}\b", query)))
        matched = set(re.findall(r"([a-z_]+)=~?\"", query))
        grouped = {
            each
            for group in re.findall(r"\b(?:by|on) ?\(([^)]*)\)", query)
            for each in re.split(r"\W+", group)
        }
        shown = set(re.findall(r"\{\{ ?\$?(?:labels\.)?([a-z_]+) ?\}\}", legend)) - {"value"}
        wrong = (matched | grouped | shown) - labels - EVERYWHERE - {""}
        assert not wrong, (place, wrong)


def test_no_label_is_of_a_truck(given: dict[str, set[str]]) -> None:
    assert set().union(*given.values()) <= {
        *(
            "lane",
            "device",
            "state",
            "reason",
            "outcome",
            "announced",
            "status",
            "reader",
            "result",
            "trouble",
            "kind",
        ),
        *("use", "version", "python", "worker", "depot", "gate"),
    }


def test_panels_have_ids_and_places_of_their_own() -> None:
    panels = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for each in (panel["gridPos"] for panel in panels)
        for x in range(each["x"], each["x"] + each["w"])
        for y in range(each["y"], each["y"] + each["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_promtool_takes_the_rules_and_their_tests_pass() -> None:
    for arguments in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_kind_of_alert_was_tried() -> None:
    """Those that the depot relies on have a case that rings and one that does not."""
    cases = yaml.safe_load((MONITORING / "alerts.test.yml").read_text(encoding="utf-8"))["tests"]
    tried = {each["alertname"] for case in cases for each in case["alert_rule_test"] if each["exp_alerts"]}
    assert {"OutboxOld", "DeviceSilent", "ScaleSilent", "ClockUnsynchronised", "DraftsRefused"} <= tried
    assert {"GateDiskLow", "CertificateEnds", "ScaleCertificateEnds", "EventsParked"} <= tried
    assert tried <= {rule["alert"] for rule in rules()}


def test_the_example_of_a_scrape_is_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    for name in ("prometheus.yml", "alerts.yml"):
        text = (MONITORING / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/etc/prometheus/iie-token", str(tmp_path / "token")))
    done = promtool("check", "config", str(tmp_path / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
