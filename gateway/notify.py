"""Tells systemd how the service fares (sd_notify(3)): one datagram to the socket that it names."""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger(__name__)


def notify(message: str) -> None:
    """Send ``READY=1``, ``WATCHDOG=1``, ``STATUS=…``; nothing happens where no systemd waits for it.

    A gate never fails for it: what cannot be said is logged.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect("\0" + address[1:] if address.startswith("@") else address)
            line.sendall(message.encode())
    except OSError as error:
        log.warning("systemd does not hear %s: %s", message, error)
