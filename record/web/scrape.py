"""Who may read a service's metrics: a program of this machine, or one that shows the token of a file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""


@dataclass(frozen=True, slots=True)
class Scrape:
    """``render`` gives all metrics in Prometheus' text format; ``token_file`` holds what others have to show.

    ``proxied``: a proxy of this machine ends TLS, so that an address says nothing of who is behind it.
    """

    render: Callable[[], bytes]
    token_file: Path | None = None
    proxied: bool = False

    def admits(self, peer: str, headers: Mapping[str, str]) -> bool:
        """Whether a request from this address, with these headers, may read them."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._is_token(shown.strip())
        return peer in LOOPBACK and not self.proxied and not any(name in headers for name in FORWARDED)

    def _is_token(self, shown: str) -> bool:
        if self.token_file is None:
            return False
        try:
            token = self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return False
        return bool(token) and secrets.compare_digest(token.encode(), shown.encode())
