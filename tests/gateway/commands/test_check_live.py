"""``iie-gateway check --live``: the devices of a site are opened, and what they say is told."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.simulator.scale import ScaleSimulator, shown
from gateway.cli import main

RIGHT = Path(__file__).parents[1] / "broken_sites" / "right.yaml"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose scale and scanner hang on pseudo terminals, its camera on a folder."""
    text = RIGHT.read_text().replace("/dev/serial/by-id/usb-scale", str(tmp_path / "scale"))
    text = text.replace("/var/lib/iie/rear", str(tmp_path / "rear"))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    lines = [line for line in lines if "scanners" not in line and "booth" not in line]
    (tmp_path / "site.yaml").write_text("\n".join(lines))
    return tmp_path / "site.yaml"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_what_each_device_says_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site.parent / "rear").mkdir()
    with ScaleSimulator(site.parent / "scale", "mt_continuous", 40) as scale:
        scale.set(shown(scale.protocol, Decimal(12340)))
        code, said = run(capsys, str(site), "--live", "--lang", "en")
    assert code == 0, said
    assert "lane-1 scale: [streaming]" in said
    assert "12340 kg" in said
    assert "lane-1 rear: [streaming]" in said


def test_a_device_that_is_not_there_ends_with_one_and_says_what_to_look_at(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site.parent / "rear").mkdir()
    code, said = run(capsys, str(site), "--live", "--seconds", "0.5", "--json")
    told = json.loads(said)
    states = {device["device"]: device["state"] for device in told["devices"]}
    assert (code, told["valid"], states) == (1, True, {"scale": "missing", "rear": "streaming"})
    assert str(site.parent / "scale") in told["devices"][0]["error"]


def test_a_wrong_file_opens_nothing(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.write_text(site.read_text().replace("mt_continuous", "mt_continuos"))
    code, said = run(capsys, str(site), "--live")
    assert code == 78
    assert "scale:" not in said
