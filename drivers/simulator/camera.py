"""A camera that is not there: a real HTTP server that shows the pictures it is given.

    /stream      MJPEG: the picture that is shown now, again and again, a new one at once
    /still.jpg   the picture that is shown now, 503 before the first one

It can misbehave as cameras do: stall, drop its connections, send a web page, ask for a login.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

BOUNDARY = "simulated"
REALM = "camera"


class Fault(StrEnum):
    """How the simulated camera misbehaves."""

    NONE = "none"
    STALLED = "stalled"
    HTML = "html"
    CUT = "cut"


class CameraSimulator:
    """An HTTP camera on a socket of its own. Use it as a context manager, or `start` and `stop` it.

    ``port`` 0 takes a free one; ``rate_hz`` is how often the stream repeats its picture. ``login`` makes it
    ask for user and password, by Digest (``digest``, MD5) or Basic; ``tls`` makes it speak HTTPS.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        rate_hz: float = 5.0,
        login: tuple[str, str] | None = None,
        digest: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self.login = login
        self.digest = digest
        self.nonce = secrets.token_hex(8)
        self._changed = threading.Condition()
        self._shown: bytes | None = None
        self._turn = 0
        self._fault = Fault.NONE
        self._stopped = False
        self._connections: set[socket.socket] = set()
        self._server = _Server((host, port), self)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._serve, name="camera-simulator", daemon=True)

    @property
    def url(self) -> str:
        """The server's address without a path."""
        host, port = self._server.server_address[:2]
        return f"{self._scheme}://{host if isinstance(host, str) else host.decode()}:{port}"

    @property
    def stream_url(self) -> str:
        """Where the MJPEG stream is."""
        return f"{self.url}/stream"

    @property
    def still_url(self) -> str:
        """Where the still picture is."""
        return f"{self.url}/still.jpg"

    @property
    def viewers(self) -> int:
        """How many connections are open now."""
        with self._changed:
            return len(self._connections)

    def show(self, jpeg: bytes) -> None:
        """Show this picture from now on: sent at once to every stream, then repeated."""
        with self._changed:
            self._shown = jpeg
            self._turn += 1
            self._changed.notify_all()

    def misbehave(self, fault: Fault) -> None:
        """Behave like this from now on. `Fault.CUT` drops every open connection once and is over then."""
        with self._changed:
            self._fault = Fault.NONE if fault is Fault.CUT else fault
            if fault is Fault.CUT:
                self._drop()
            self._changed.notify_all()

    def start(self) -> None:
        """Serve from now on. The port is open since construction."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        with self._changed:
            self._stopped = True
            self._drop()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> CameraSimulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def picture(self) -> bytes | None:
        """The picture to serve as a still, None when there is none. Waits while the camera is stalled."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._fault is not Fault.STALLED)
            return self._shown

    def pictures(self, send: Callable[[bytes], None]) -> None:
        """Send picture after picture until the simulator stops."""
        turn = -1
        while True:
            with self._changed:
                self._changed.wait_for(partial(self._is_news, turn), 1 / self.rate_hz)
                self._changed.wait_for(lambda: self._stopped or self._fault is not Fault.STALLED)
                if self._stopped:
                    return
                turn, shown = self._turn, self._shown
            if shown is not None:
                send(shown)

    def _is_news(self, seen: int) -> bool:
        return self._stopped or self._turn != seen

    def sends_html(self) -> bool:
        """Whether a web page is sent in the place of pictures."""
        with self._changed:
            return self._fault is Fault.HTML

    def connected(self, connection: socket.socket) -> None:
        """Count a connection."""
        with self._changed:
            self._connections.add(connection)

    def disconnected(self, connection: socket.socket) -> None:
        """A connection has ended."""
        with self._changed:
            self._connections.discard(connection)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def _drop(self) -> None:
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, where: tuple[str, int], camera: CameraSimulator) -> None:
        self.camera = camera
        super().__init__(where, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that goes away is no error of the camera."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.camera.connected(self.request)

    def finish(self) -> None:
        self.server.camera.disconnected(self.request)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: tests and rehearsals have logs of their own."""

    def do_GET(self) -> None:
        camera = self.server.camera
        if camera.login and not self._allowed(camera.login):
            self._challenge()
        elif camera.sends_html():
            self._send("text/html", b"<html><body>Camera</body></html>")
        elif self.path.partition("?")[0] == "/still.jpg":
            self._still()
        elif self.path.partition("?")[0] == "/stream":
            self._stream()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _still(self) -> None:
        shown = self.server.camera.picture()
        if shown is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._send("image/jpeg", shown)

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        self.server.camera.pictures(self._part)

    def _part(self, jpeg: bytes) -> None:
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        self.wfile.write(head.encode("ascii") + jpeg + b"\r\n")

    def _challenge(self) -> None:
        camera = self.server.camera
        offer = f'Digest realm="{REALM}", nonce="{camera.nonce}", qop="auth", algorithm=MD5'
        self.send_response(HTTPStatus.UNAUTHORIZED)
        self.send_header("WWW-Authenticate", offer if camera.digest else f'Basic realm="{REALM}"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _allowed(self, login: tuple[str, str]) -> bool:
        sent = self.headers.get("Authorization", "")
        if self.server.camera.digest:
            return sent.startswith("Digest ") and self._digest_holds(sent, login)
        return sent == "Basic " + base64.b64encode(":".join(login).encode()).decode()

    def _digest_holds(self, sent: str, login: tuple[str, str]) -> bool:
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', sent))
        secret = _md5(f"{login[0]}:{REALM}:{login[1]}")
        request = _md5(f"{self.command}:{self.path}")
        nonce = self.server.camera.nonce
        expected = _md5(f"{secret}:{nonce}:{given.get('nc')}:{given.get('cnonce')}:auth:{request}")
        return given.get("response") == expected and given.get("nonce") == nonce


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
