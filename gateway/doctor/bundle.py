"""One file for support: what the doctor found, the site's file, versions, states, the log. No secret is in it.

Passwords and keys are never read. Runs of ten digits and more are cut to their last four in the log: a cédula or a
telephone number is nobody's business there, and a container or document number is in the events.
"""

from __future__ import annotations

import io
import json
import platform
import re
import subprocess
import tarfile
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path

from gateway.doctor.symptom import Symptom

LINES = 5000
SECRET_URL = re.compile(r"(\w+://)[^/\s@\"']*@")
LONG_NUMBER = re.compile(r"\d{6,}(?=\d{4})")


def bundle(
    target: Path, site: Path, symptoms: Iterable[Symptom], devices: Iterable[Mapping[str, object]]
) -> None:
    """Write the file. Raises `OSError`."""
    parts = {
        "doctor.txt": "\n".join(symptom.line_text("en") for symptom in symptoms),
        "devices.json": json.dumps(list(devices), indent=1, ensure_ascii=False),
        "site.yaml": without_secrets(site.read_text(encoding="utf-8", errors="replace")),
        "versions.txt": versions(),
        "log.txt": masked(journal()),
    }
    with tarfile.open(target, "w:gz") as archive:
        for name, text in parts.items():
            data = text.encode()
            entry = tarfile.TarInfo(f"iie-gateway/{name}")
            entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(data))
    target.chmod(0o600)


def versions() -> str:
    """The machine, and every Python package."""
    names = sorted(f"{each.metadata['Name']}=={each.version}" for each in distributions())
    return "\n".join([platform.platform(), f"Python {platform.python_version()}", *names])


def journal() -> str:
    """The service's last lines, where systemd keeps them."""
    try:
        told = subprocess.run(
            ["journalctl", "--unit=iie-gateway", f"--lines={LINES}", "--no-pager", "--output=short-iso"],
            capture_output=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no journal: {error}"
    return told.stdout or told.stderr


def without_secrets(text: str) -> str:
    """User and password out of addresses; the check refuses them, but the file may be an unchecked one."""
    return SECRET_URL.sub(r"\1…@", text)


def masked(text: str) -> str:
    """Long numbers cut to their last four digits."""
    return LONG_NUMBER.sub("…", without_secrets(text))
