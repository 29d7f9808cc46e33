"""An application served by uvicorn, in a thread of the process that it belongs to.

The socket is bound before the thread begins, so that an address that is taken is told at the start.
"""

from __future__ import annotations

import logging
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from record.errors import IieError

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long requests at work may take when the server is to end."""


class CannotListen(IieError):
    """An address that is taken, or that is none of this machine."""

    advice = "error.cannot_listen"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of a server: its certificate with the chain, and the key."""

    certificate: Path
    key: Path


class WebServer:
    """One listening server. `start` it once, `stop` it once."""

    def __init__(
        self, application: Any, listening: socket.socket, tls: TlsFiles | None = None, name: str = "web"
    ) -> None:
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
            limit_concurrency=200,
            h11_max_incomplete_event_size=16 * 1024,
            ssl_certfile=str(tls.certificate) if tls else None,
            ssl_keyfile=str(tls.key) if tls else None,
        )
        self._server = uvicorn.Server(config)
        self._socket = listening
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    @property
    def alive(self) -> bool:
        """Whether the server's thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to serve; connections wait in the socket until the server has come up."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, then end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except Exception:  # the thread's outermost frame: tell; the service sees that it is gone
            log.exception("web: the server has ended")


def listen(address: str, port: int) -> socket.socket:
    """A bound socket. Raises `CannotListen` naming the address."""
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address, port))
        bound.listen(128)
    except OSError as error:
        raise CannotListen(f"cannot listen on {address}:{port}: {error}") from error
    bound.set_inheritable(True)
    return bound
