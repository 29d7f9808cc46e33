"""Whose a new file is: what root makes in another user's folder is that user's, so that a service can read it."""

from __future__ import annotations

import os
from pathlib import Path


def as_the_folder(path: Path) -> None:
    """Give a file that was just made to the owner of its folder, where root made it. Raises `OSError`."""
    folder = path.parent.stat()
    if os.geteuid() == 0 and folder.st_uid != 0:
        os.chown(path, folder.st_uid, folder.st_gid)
