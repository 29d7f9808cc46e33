"""A stranger's first minutes: a clone, one command, three trucks received; also on a bare Debian 12."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).resolve().parents[1]
DEMO = "./dev demo --trucks 3 --seed 7 --exit --json"

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def received(output: str) -> dict[str, Any]:
    """The demo's own account, its last line; each truck's draft received once, with the scripted values."""
    account: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    assert len(account["script"]) == 3
    assert (account["drafts"], account["received"], account["receipts"]) == (3, 3, 3)
    return account


def clone(into: Path) -> Path:
    if not (HOUSE / ".git").exists():
        pytest.skip("this is no git checkout, so there is nothing to clone")
    subprocess.run(["git", "clone", "--quiet", str(HOUSE), str(into)], check=True)
    return into


def test_a_fresh_clone_shows_three_trucks(tmp_path: Path) -> None:
    house = clone(tmp_path / "house")
    own = {**os.environ, "IIE_CACHE": str(tmp_path / "cache")}
    own.pop("VIRTUAL_ENV", None)
    shown = subprocess.run(DEMO, cwd=house, shell=True, env=own, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    account = received(shown.stdout)
    database = next(value for value in account.values() if str(value).endswith("registry.db"))
    for command in ("list", "verify"):
        done = subprocess.run(
            [house / ".venv/bin/iie-registry", command, "--db", house / database],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


BARE = """
set -e
mount -t devpts devpts /dev/pts -o newinstance,ptmxmode=0666
mount --bind /dev/pts/ptmx /dev/ptmx
cd /house
{demo}
"""


def test_a_bare_debian_shows_three_trucks(tmp_path: Path) -> None:
    program = shutil.which("debootstrap", path="/usr/sbin:" + os.environ["PATH"])
    if program is None or os.geteuid() != 0:
        pytest.skip("a bare Debian takes root and debootstrap (apt-get install debootstrap)")
    root = tmp_path / "root"
    subprocess.run([program, "--variant=minbase", "bookworm", str(root)], check=True, capture_output=True)
    clone(root / "house")
    own = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "IIE_CACHE": "/cache"}
    authorities = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    if authorities.exists():
        shutil.copy(authorities, root / "authorities.crt")
        own |= {"PIP_CERT": "/authorities.crt", "SSL_CERT_FILE": "/authorities.crt"}
    inside = ["unshare", "--mount", "--pid", "--fork", f"--root={root}", "--mount-proc"]
    shown = subprocess.run(
        [*inside, "bash", "-c", BARE.format(demo=DEMO)], env=own, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    received(shown.stdout)
