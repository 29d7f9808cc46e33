"""What the operating system says is wrong, in the reader's language where the catalogue knows it."""

from __future__ import annotations

import errno
import socket

from record.messages import Phrase, known

NAMES = {socket.EAI_NONAME: "eai_noname", socket.EAI_AGAIN: "eai_noname", socket.EAI_NODATA: "eai_noname"}
"""Of names that cannot be looked up; the system numbers these by themselves (getaddrinfo(3))."""


def reason(error: OSError) -> Phrase | str:
    """Why: to be laid into a text as a parameter."""
    if isinstance(error, TimeoutError):
        return Phrase("system.etimedout")
    name = NAMES.get(error.errno or 0) if isinstance(error, socket.gaierror) else None
    code = f"system.{name or errno.errorcode.get(error.errno or 0, '').lower()}"
    return Phrase(code) if known(code) else error.strerror or str(error)
