"""The registry's account at the broker: how it logs on, and what it subscribes to."""

from __future__ import annotations

from pathlib import Path

import uuid_utils

from record.topics import EVENT_FILTERS, REGISTRY_STATE, RELEASES_FILTER, STATE_FILTER
from registry.connection import Login
from registry.settings import BadSettings, Settings

SHARE = "$share/registry/"


def filters(settings: Settings) -> list[str]:
    """What is subscribed to. Workers share the events, each comes to one of them (MQTT 5, 4.8.2), and all hear what
    is said of the registry."""
    if not settings.file.broker.shared:
        return [*EVENT_FILTERS, RELEASES_FILTER, STATE_FILTER]
    shared = (SHARE + each for each in (*EVENT_FILTERS, RELEASES_FILTER))
    return [*shared, STATE_FILTER, REGISTRY_STATE]


def login(settings: Settings) -> Login:
    """How REGISTRY.yaml says to log on. Raises `BadSettings` where a file that is named cannot be read."""
    broker, tls = settings.file.broker, settings.file.broker.tls
    for name in (tls.ca, tls.certificate, tls.key) if tls else ():
        if name is not None and not Path(str(settings.path(name))).is_file():
            raise BadSettings(f"{settings.path(name)}: no such file (broker.tls)")
    return Login(
        host=broker.host,
        port=broker.port,
        client_id=f"{broker.client_id}-{uuid_utils.uuid4().hex[:12]}" if broker.shared else broker.client_id,
        user=broker.user,
        password=settings.password(),
        tls=tls is not None,
        ca=settings.path(tls.ca) if tls else None,
        certificate=settings.path(tls.certificate) if tls else None,
        key=settings.path(tls.key) if tls else None,
        keepalive_s=broker.keepalive_s,
        session_s=0 if broker.shared else broker.session_days * 86400,
        receive_maximum=broker.receive_maximum,
    )
