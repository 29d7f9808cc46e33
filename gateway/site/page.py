"""The gate's page in a site's file: where it listens, and by which names it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.site.part import Part


class PageTls(Part):
    """TLS of the page: PEM files of its certificate (with the chain) and of the key."""

    certificate: Path
    key: Path


class PagePart(Part):
    """The page of the gate, for the guard's tablet and the technician's laptop."""

    address: str = Field(default="127.0.0.1", description="0.0.0.0 for other machines, with tls then")
    port: Annotated[int, Field(ge=1, le=65535)] = 8090
    hosts: tuple[str, ...] = Field(
        default=(), description="names that people type in their browser to come here, beside the address"
    )
    tls: PageTls | None = None
    behind_tls: bool = Field(
        default=False, description="a proxy on this machine ends TLS: cookies are for https only"
    )
    metrics_token_file: Path | None = Field(
        default=None,
        description="file with the token that other machines show at /metrics; else this one only",
    )
    session_minutes: Annotated[
        int, Field(ge=1, le=1440, description="a session ends after so long without use")
    ] = 30

    @property
    def secure(self) -> bool:
        """Whether browsers reach the page by https."""
        return self.tls is not None or self.behind_tls
