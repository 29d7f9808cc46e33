"""The Debian packages in a clean root: installed, at work, removed. Long: builds and bootstraps for minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
EXAMPLE = "/usr/share/doc/iie-gateway/config/site.example.yaml"

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


def test_a_clean_machine_gets_both_services_and_is_rid_of_them(root: Path, packages: dict[str, Path]) -> None:
    def inside(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return ran("chroot", root, *command, check=check)

    before = set(inside("sh", "-c", "ls -A /etc /usr/bin /opt /var/cache /var/lib").stdout.split())
    for deb in packages.values():
        shutil.copy(deb, root / "tmp" / deb.name)
    inside("apt-get", "update", "-qq")
    inside("sh", "-c", "apt-get install -qq --no-install-recommends -y mosquitto /tmp/*.deb")

    checked = inside("iie-gateway", "check", EXAMPLE)
    assert "correcto" in checked.stdout
    assert inside("iie-registry", "check", EXAMPLE.replace("site", "registry").replace("gateway", "registry"))
    assert "iie-gateway" in (root / "etc" / "passwd").read_text()
    assert list((root / "var" / "cache" / "iie").iterdir()), "the reading models were not prepared"
    assert (root / "var" / "lib" / "iie-gateway").stat().st_mode & 0o777 == 0o700

    demo = "/opt/iie-gateway/bin/python -m gateway.rehearsal.demo --trucks 1 --seed 4 --exit"
    inside("sh", "-c", f"cd /tmp && {demo}")

    (root / "var" / "lib" / "iie-gateway" / "gateway.db").write_bytes(b"what was not delivered")
    purged = inside("apt-get", "purge", "-qq", "-y", "iie-gateway", "iie-registry")
    assert "iie-gateway: /var/lib/iie-gateway queda" in purged.stdout
    assert (root / "var" / "lib" / "iie-gateway" / "gateway.db").exists()
    after = set(inside("sh", "-c", "ls -A /etc /usr/bin /opt /var/cache /var/lib").stdout.split())
    assert not {name for name in after - before if name.startswith("iie") and name != "iie-gateway"}
    assert not list((root / "opt").iterdir())
