"""The evidence store: files of the gate named by their SHA-256, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from record.proof import sha256


class EvidenceStore:
    """Pictures and crops under one folder, as ``ab/abcdef….jpg``: two levels keep every folder small."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, suffix: str = ".jpg") -> str:
        """Store a file and return its hash; what is there already is not written again. Raises `OSError`."""
        digest = sha256(data)
        path = self.path(digest, suffix)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".part{os.getpid()}")
            part.write_bytes(data)
            part.replace(path)
        return digest

    def path(self, digest: str, suffix: str = ".jpg") -> Path:
        """Where a file of this hash is, or would be."""
        return self._folder / digest[:2] / f"{digest}{suffix}"
