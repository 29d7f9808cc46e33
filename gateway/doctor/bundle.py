"""One file for support: what the doctor found, the site's file, versions, states, the log. No secret is in it.

Passwords and keys are never read. Runs of ten digits and more are cut to their last four in the log: a cédula or a
telephone number is nobody's business there, and a container or document number is in the events. A scanner's frame
keeps its shape only: it may be somebody's licence.
"""

from __future__ import annotations

import io
import json
import os
import platform
import re
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import IO

from gateway.doctor.symptom import Symptom

LINES = 5000
SECRET_URL = re.compile(r"(\w+://)[^\s\"'<>]*@")
"""User and password before a host; a password may hold a slash, so all up to the last @ goes."""

NAMES = (
    "user(?:name)?|usr|login|pass(?:word|wd)?|pwd|pw|clave|contraseña"
    "|token|key|api_?key|secret|auth|sig(?:nature)?|session(?:id)?"
)
SECRET_PAIR = re.compile(rf"(?i)((?:^|[^a-z])(?:{NAMES})=)[^&\s\"'<>#;,}}\]]+", re.MULTILINE)
"""Of an address, in its query or its path, as many recorders have it: rtsp://host/user=…&password=…"""

SECRET_KEY = re.compile(
    r"(?i)((?:^|[^a-z])(?:password|passwd|pwd|clave|contraseña|secret|token|authorization)[\"']?\s*:\s*)"
    r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s,}\]][^\n,}\]]*)",
    re.MULTILINE,
)
"""A secret that somebody wrote into the file itself, or that a library put into the log."""

LONG_NUMBER = re.compile(r"\d{6,}(?=\d{4})")


def bundle(
    target: Path,
    site: Path,
    symptoms: Iterable[Symptom],
    devices: Iterable[Mapping[str, object]],
    last_heard: Path,
) -> None:
    """Write the file, for this user's eyes only; a link of that name is replaced, not followed. Raises `OSError`.

    ``devices`` is what they say now, ``last_heard`` the file in which a gate at work keeps what they said.
    """
    parts = {
        "doctor.txt": without_secrets("\n".join(symptom.line_text("en") for symptom in symptoms)),
        "devices.json": without_secrets(json.dumps(list(devices), indent=1, ensure_ascii=False)),
        "last_heard.json": without_secrets(kept(last_heard)),
        "site.yaml": without_secrets(site.read_text(encoding="utf-8", errors="replace")),
        "versions.txt": versions(),
        "log.txt": masked(journal()),
    }
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".bundle-")
    half = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _pack(file, parts)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _pack(file: IO[bytes], parts: Mapping[str, str]) -> None:
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in parts.items():
            data = text.encode()
            entry = tarfile.TarInfo(f"iie-gateway/{name}")
            entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(data))


def kept(last_heard: Path) -> str:
    """What the gate wrote down of its devices, with the time; an empty text where it has not."""
    try:
        at = datetime.fromtimestamp(last_heard.stat().st_mtime, UTC)
        devices = json.loads(last_heard.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return json.dumps(
        {"at": at.isoformat(timespec="seconds"), "devices": devices}, indent=1, ensure_ascii=False
    )


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
    """Users, passwords and tokens out of addresses and keys; the check refuses them, but the file may be an
    unchecked one, and a library's log says what it likes."""
    return SECRET_KEY.sub(r"\1…", SECRET_PAIR.sub(r"\1…", SECRET_URL.sub(r"\1…@", text)))


def masked(text: str) -> str:
    """Long numbers cut to their last four digits."""
    return LONG_NUMBER.sub("…", without_secrets(text))
