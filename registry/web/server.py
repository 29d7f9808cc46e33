"""The console's server at the address of the settings."""

from __future__ import annotations

import socket
from pathlib import Path

from fastapi import FastAPI

from record.web import server
from record.web.server import TlsFiles
from registry.settings import BadSettings, Http, Settings


class WebServer(server.WebServer):
    """A `record.web.server.WebServer` with the files that the settings name."""

    def __init__(self, application: FastAPI, listening: socket.socket, http: Http, folder: Path) -> None:
        tls = TlsFiles(folder / http.tls.certificate, folder / http.tls.key) if http.tls else None
        super().__init__(application, listening, tls, "registry-web")

    @classmethod
    def of(cls, application: FastAPI, settings: Settings, http: Http) -> WebServer:
        """A server at the address of the settings. Raises `BadSettings` where it cannot listen there."""
        for name in (http.tls.certificate, http.tls.key) if http.tls else ():
            if not (settings.folder / name).is_file():
                raise BadSettings(f"{settings.folder / name}: no such file (http.tls)")
        return cls(application, listen(http.address, http.port), http, settings.folder)


def listen(address: str, port: int) -> socket.socket:
    """A bound socket. Raises `BadSettings` naming the address that is taken or is none of this machine."""
    try:
        return server.listen(address, port)
    except server.CannotListen as error:
        raise BadSettings(f"http: {error}") from error
