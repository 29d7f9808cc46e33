"""HTTP/1.1 to a camera: one GET whose waits are all bounded, with the body as it arrives.

The client of the standard library cannot be asked again after a time-out; an endless answer needs just that:
a short wait, to look at the stop event, many times on one connection.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, parse_headers
from urllib.parse import SplitResult, urlsplit

from drivers.camera.login import Authorization, Login
from drivers.errors import Advice, CannotOpen, NotAvailable, OperationFailed, TimedOut

_MOST_HEADERS = 32 * 1024
_CHUNK = 64 * 1024
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: ``open`` for connecting and for the headers, ``read`` for one whole picture after another."""

    open: float = 3.0
    read: float = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """A camera's URL, taken apart. Prints without anything that could be a secret."""

    secure: bool
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        path, query, _ = self.target.partition("?")
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{_bracketed(self.host)}:{self.port}{path}{query and '?…'}"


def address(url: str) -> Address:
    """An `http` or `https` URL taken apart.

    Raises `ValueError` for other schemes, for a missing host, and for a URL that carries a user or a
    password: those belong into a login.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"a camera's URL starts with http:// or https://, not {parts.scheme or 'nothing'}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a camera's URL carries no user or password: name a user and a secret file instead")
    if not parts.hostname:
        raise ValueError("a camera's URL names a host")
    secure = parts.scheme == "https"
    return Address(secure, parts.hostname, parts.port or (443 if secure else 80), _target(parts))


def _target(parts: SplitResult) -> str:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return target.replace(" ", "%20")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Wire:
    """A connected socket whose reads can be waited for again and again."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def receive(self, wait: float) -> bytes:
        """What has arrived, b"" at the end. Raises `TimeoutError` after ``wait`` seconds without anything."""
        self._socket.settimeout(max(wait, 0.001))
        try:
            return self._socket.recv(_CHUNK)
        except ssl.SSLWantReadError as error:
            raise TimeoutError from error

    def waiting(self) -> bool:
        """Whether more bytes are already there."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(select.select([self._socket], [], [], 0)[0])

    def send(self, data: bytes, wait: float) -> None:
        """Send everything within ``wait`` seconds or raise `TimeoutError`."""
        self._socket.settimeout(wait)
        self._socket.sendall(data)


class Chunks:
    """Undoes chunked transfer (RFC 9112 7.1), byte by byte as they come; ``ended`` after the last chunk."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._left = 0
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """The content in these bytes. Raises `ValueError` at a size that is no hexadecimal number."""
        self._held += data
        content = bytearray()
        while not self.ended and (self._left or self._next_size()):
            piece = self._held[: self._left]
            if not piece:
                break
            content += piece
            del self._held[: len(piece)]
            self._left -= len(piece)
        return bytes(content)

    def _next_size(self) -> bool:
        while (end := self._held.find(b"\n")) >= 0:
            line = bytes(self._held[:end]).partition(b";")[0].strip()
            del self._held[: end + 1]
            if line:
                self._left = int(line[:16], 16)
                self.ended = self._left == 0
                return not self.ended
        if len(self._held) > _MOST_HEADERS:
            raise ValueError("a chunk's size line has no end")
        return False


class Answer:
    """A camera's answer: status, headers, and the body as it comes."""

    def __init__(self, wire: Wire, status: int, headers: HTTPMessage, begun: bytes) -> None:
        self.status = status
        self.headers = headers
        self._wire = wire
        self._begun = begun
        length = headers.get("Content-Length", "")
        self._left = int(length) if length.isdigit() else None
        chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        self._chunks = Chunks() if chunked else None

    @property
    def content_type(self) -> str:
        """The type as announced, empty when it was not."""
        return str(self.headers.get("Content-Type", ""))

    def read(self, wait: float) -> bytes:
        """Some of the body, b"" at its end.

        Raises `TimeoutError` after ``wait`` seconds without any, `OperationFailed` when the connection ends.
        """
        deadline = time.monotonic() + wait
        while not self._over():
            received = self._receive(deadline - time.monotonic())
            if not received:
                break
            if content := self._content(received):
                return content
        return b""

    def waiting(self) -> bool:
        """Whether more of the body is already there to read."""
        return bool(self._begun) or (not self._over() and self._wire.waiting())

    def whole(self, limit: int, wait: float) -> bytes:
        """The whole body, within ``wait`` seconds in all and ``limit`` bytes.

        Raises `TimedOut` or `OperationFailed` when it is cut or too large.
        """
        deadline = time.monotonic() + wait
        body = bytearray()
        try:
            while piece := self.read(deadline - time.monotonic()):
                body += piece
                if len(body) > limit:
                    raise OperationFailed(f"more than {limit} bytes", advice=Advice.CHECK_SETTINGS)
        except TimeoutError as error:
            raise TimedOut(f"no whole answer within {wait:g} s", advice=Advice.CHECK_CABLE) from error
        if self._left:
            raise OperationFailed(f"{self._left} bytes are missing", advice=Advice.CHECK_CABLE)
        return bytes(body)

    def _over(self) -> bool:
        return self._left == 0 if self._chunks is None else self._chunks.ended

    def _receive(self, wait: float) -> bytes:
        if self._begun:
            begun, self._begun = self._begun, b""
            return begun
        if wait <= 0:
            raise TimeoutError
        try:
            return self._wire.receive(wait)
        except TimeoutError:
            raise
        except OSError as error:
            raise OperationFailed(f"connection lost: {error}", advice=Advice.CHECK_CABLE) from error

    def _content(self, received: bytes) -> bytes:
        if self._chunks is not None:
            try:
                return self._chunks.feed(received)
            except ValueError as error:
                raise OperationFailed(f"not HTTP: {error}", advice=Advice.CHECK_ADDRESS) from error
        if self._left is not None:
            received = received[: self._left]
            self._left -= len(received)
        return received


@contextmanager
def get(
    where: Address,
    timeouts: Timeouts,
    authorization: Authorization | None,
    context: ssl.SSLContext | None = None,
) -> Iterator[Answer]:
    """GET an address, logging in when asked, and close the connection at the end.

    Raises `NotAvailable` when nobody is there, `CannotOpen` when the answer is not 200, `TimedOut` when
    connecting or answering takes longer than ``timeouts.open``.
    """
    connected, answer = _ask(where, timeouts, authorization, context)
    if answer.status == _UNAUTHORIZED and authorization is not None:
        offered = answer.headers.get_all("WWW-Authenticate", [])
        connected.close()
        if not authorization.challenged(offered):
            raise CannotOpen(f"{where}: no known way to log in", retry=False, advice=Advice.CHECK_LOGIN)
        connected, answer = _ask(where, timeouts, authorization, context)
    with connected:
        _refuse(where, answer, authorization)
        yield answer


def content_type(where: Address, timeouts: Timeouts, login: Login | None) -> str:
    """What an address sends, such as `image/jpeg`, lower case. Raises as `get` does."""
    with get(where, timeouts, Authorization(login) if login else None) as answer:
        return answer.content_type.partition(";")[0].strip().lower()


def _refuse(where: Address, answer: Answer, authorization: Authorization | None) -> None:
    if answer.status == _UNAUTHORIZED:
        reason = "user or password refused" if authorization else "asks for user and password"
        raise CannotOpen(f"{where}: {reason}", retry=False, advice=Advice.CHECK_LOGIN)
    if answer.status != 200:
        raise CannotOpen(f"{where}: HTTP status {answer.status}", advice=Advice.CHECK_ADDRESS)


def _ask(
    where: Address, timeouts: Timeouts, authorization: Authorization | None, context: ssl.SSLContext | None
) -> tuple[socket.socket, Answer]:
    request = _request(where, authorization)
    connected = _connected(where, timeouts.open, context)
    try:
        wire = Wire(connected)
        wire.send(request, timeouts.open)
        return connected, _answer(wire, timeouts.open)
    except TimeoutError as error:
        connected.close()
        raise TimedOut(f"{where}: no answer within {timeouts.open:g} s", advice=Advice.CHECK_CABLE) from error
    except (OSError, HTTPException, ValueError) as error:
        connected.close()
        raise CannotOpen(f"{where}: no HTTP answer ({error})", advice=Advice.CHECK_ADDRESS) from error


def _connected(where: Address, wait: float, context: ssl.SSLContext | None) -> socket.socket:
    try:
        plain = socket.create_connection((where.host, where.port), timeout=wait)
    except TimeoutError as error:
        raise TimedOut(f"{where}: not reached within {wait:g} s", advice=Advice.CHECK_CABLE) from error
    except OSError as error:
        raise NotAvailable(f"{where}: {error.strerror or error}", advice=Advice.CHECK_ADDRESS) from error
    if not where.secure:
        return plain
    try:
        return (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=where.host)
    except (ssl.SSLError, OSError) as error:
        plain.close()
        raise CannotOpen(f"{where}: {error}", advice=Advice.CHECK_SETTINGS) from error


def _request(where: Address, authorization: Authorization | None) -> bytes:
    lines = [
        f"GET {where.target} HTTP/1.1",
        f"Host: {_bracketed(where.host)}:{where.port}",
        "Accept: image/*, multipart/x-mixed-replace",
        "Connection: close",
    ]
    header = authorization.header("GET", where.target) if authorization else None
    if header:
        lines.append(f"Authorization: {header}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def _answer(wire: Wire, wait: float) -> Answer:
    """Status line and headers; what came after them is the begun body."""
    deadline = time.monotonic() + wait
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        if len(received) > _MOST_HEADERS:
            raise ValueError("headers without end")
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        more = wire.receive(left)
        if not more:
            raise ValueError("closed before the headers ended")
        received += more
    head = io.BytesIO(bytes(received[: end + 4]))
    words = head.readline().decode("latin-1").split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise ValueError("no status line")
    return Answer(wire, int(words[1]), parse_headers(head), bytes(received[end + 4 :]))
