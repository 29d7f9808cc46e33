"""The Debian packages in a clean root: installed, at work, removed. Long: builds and bootstraps for minutes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
EXAMPLE = "/usr/share/doc/iie-gateway/config/site.example.yaml"
SITE = "/etc/iie/site.yaml"
WAITING = """
from pathlib import Path
from gateway.commands.outbox import opened
from gateway.commands.site_file import site_or_end
from gateway.outbox.outbox import Letter
from record.event import EventType
site = Path("/etc/iie/site.yaml")
with opened(site, site_or_end(site), owner=True) as box:
    topic = "gate/v1/guayaquil/garita-1/l1/visit"
    box.put(Letter(EventType.VISIT_CLOSED, topic, {"outcome": "left"}, "what-was-not-delivered"))
"""
"""One event that no registry has received."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(3000)]


def ran(*command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )
    assert not check or done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
    return done


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Debian 12 of its own, without systemd as its first process."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("a clean root takes root and debootstrap")
    mirror = ran("apt-get", "indextargets", "--format", "$(REPO_URI)").stdout.split()[0]
    place = tmp_path_factory.mktemp("debian") / "root"
    ran("debootstrap", "--variant=minbase", "--include=python3,systemd,udev", "bookworm", place, mirror)
    for name in ("proc", "dev"):
        ran("mount", "--rbind", f"/{name}", place / name)
        ran("mount", "--make-rslave", place / name)
    shutil.copy("/etc/resolv.conf", place / "etc" / "resolv.conf")
    yield place
    for name in ("dev", "proc"):
        ran("umount", "-R", "-l", place / name)


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    ran(HOUSE / "debian" / "build")
    return {name: next((HOUSE / "dist").glob(f"iie-{name}_*.deb")) for name in ("gateway", "registry")}


def newer(deb: Path, folder: Path) -> Path:
    """The same package under a higher version."""
    ran("dpkg-deb", "-R", deb, folder / "content")
    control = folder / "content" / "DEBIAN" / "control"
    control.write_text(control.read_text().replace("Version: 0.", "Version: 1."))
    ran("dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "content", folder / "newer.deb")
    shutil.rmtree(folder / "content")
    return folder / "newer.deb"


def own(root: Path) -> set[str]:
    """What of these packages stands in a root."""
    places = ("etc", "usr/bin", "opt", "var/cache", "var/lib", "usr/lib/systemd/system", "usr/lib/sysusers.d")
    found = (entry for place in places for entry in (root / place).glob("*iie*"))
    return {str(entry.relative_to(root)) for entry in found}


def test_a_clean_machine_gets_both_services_and_is_rid_of_them(
    root: Path, packages: dict[str, Path], tmp_path: Path
) -> None:
    def inside(*command: str) -> subprocess.CompletedProcess[str]:
        return ran("chroot", root, *command)

    def waiting() -> list[str]:
        listed = inside("runuser", "-u", "iie-gateway", "--", "iie-gateway", "outbox", "list", "--json", SITE)
        return [json.loads(line)["subject"] for line in listed.stdout.splitlines()]

    for deb in packages.values():
        shutil.copy(deb, root / "tmp" / deb.name)
    inside("apt-get", "update", "-qq")
    inside("sh", "-c", "apt-get install -qq --no-install-recommends -y mosquitto /tmp/*.deb")

    checked = inside("iie-gateway", "check", EXAMPLE)
    assert "correcto" in checked.stdout
    inside("iie-registry", "check", EXAMPLE.replace("site", "registry").replace("gateway", "registry"))
    inside(
        "runuser", "-u", "iie-gateway", "--", "/opt/iie-gateway/bin/python", "-c", "import cv2, onnxruntime"
    )
    assert list((root / "var" / "cache" / "iie").iterdir()), "the reading models were not prepared"
    assert (root / "var" / "lib" / "iie-gateway").stat().st_mode & 0o777 == 0o700

    demo = "/opt/iie-gateway/bin/python -m gateway.rehearsal.demo --trucks 1 --seed 4 --exit"
    assert "1 de 1 camiones recibidos" in inside("sh", "-c", f"cd /tmp && {demo}").stdout

    inside("cp", EXAMPLE, SITE)
    inside("runuser", "-u", "iie-gateway", "--", "/opt/iie-gateway/bin/python", "-c", WAITING)
    before = waiting()
    assert before[0] == "what-was-not-delivered"
    shutil.copy(newer(packages["gateway"], tmp_path), root / "tmp" / "newer.deb")
    inside("apt-get", "install", "-qq", "-y", "/tmp/newer.deb")
    assert "Version: 1." in inside("dpkg", "-s", "iie-gateway").stdout
    assert waiting() == before

    purged = inside("apt-get", "purge", "-qq", "-y", "iie-gateway", "iie-registry")
    assert "iie-gateway: /var/lib/iie-gateway queda" in purged.stdout
    assert (root / "var" / "lib" / "iie-gateway" / "gateway.db").stat().st_size > 0
    assert own(root) == {"etc/iie", "var/lib/iie-gateway"}, "a purge leaves a person's file and the records"
