"""A sender before a registry that is none: what it answers is bounded."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.upload.sender import ANSWER, Outcome, Sender
from record.proof import SigningKey, sha256

MEGABYTE = 1024 * 1024


class Chatterbox(BaseHTTPRequestHandler):
    """Answers every upload with a gigabyte, as long as somebody listens."""

    sent = 0

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Upload-Offset", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(503)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(1024 * MEGABYTE))
        self.end_headers()
        try:
            for _ in range(1024):
                self.wfile.write(b"x" * MEGABYTE)
                Chatterbox.sent += MEGABYTE
        except OSError:
            self.close_connection = True

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def chatterbox() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chatterbox)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_of_an_answer_without_end_a_little_is_taken_in(chatterbox: str) -> None:
    sender = Sender(
        chatterbox, SigningKey.generate(), lambda: datetime.now(UTC), ssl.create_default_context()
    )
    data = b"a picture"
    attempt = sender.send(sha256(data), data)
    sender.close()
    assert (attempt.outcome, attempt.wait_s) == (Outcome.LATER, 7.0)
    assert Chatterbox.sent <= 64 * MEGABYTE, "what the socket buffers hold, not what the server has"
    assert ANSWER < MEGABYTE
