"""``iie-registry run`` with everything at once: a gate over MQTT, a person over HTTP, a central system."""

from __future__ import annotations

import queue
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from trustme import CA
from typer.testing import CliRunner

from gateway.rehearsal.broker import REGISTRY, free_port
from record.event import Event, parse
from record.report import ReportChange
from record.topics import Gate
from registry.cli import main

PATIENCE_S = 100.0


def eventually(registry: Any, look: Callable[[], Any]) -> Any:
    """What a look finds, once it finds something, while the registry runs."""
    deadline = time.monotonic() + PATIENCE_S
    while registry.running:
        with suppress(httpx.TransportError):
            found = look()
            if found:
                return found
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.05)
    raise AssertionError(f"the registry has ended: {registry.log.read_text()[-500:]}")


@pytest.fixture
def central(shared_broker: Any) -> Iterator[queue.SimpleQueue[Event]]:
    """What a central system hears of reports."""
    heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
    subscribed: queue.SimpleQueue[None] = queue.SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(*shared_broker.credentials(REGISTRY))
    client.on_connect = lambda client, *_: client.subscribe("registry/v1/+/report", 1)
    client.on_subscribe = lambda *_: subscribed.put(None)
    client.on_message = lambda _client, _data, message: heard.put(parse(message.payload))
    client.connect(shared_broker.host, shared_broker.port)
    client.loop_start()
    subscribed.get(timeout=PATIENCE_S)
    yield heard
    client.disconnect()
    client.loop_stop()


@contextmanager
def enter(registry: Any, url: str, **options: Any) -> Iterator[httpx.Client]:
    """A person who comes in by a one-time link."""
    made = CliRunner().invoke(main, ["user", "add", "Demo", "--role", "clerk", "--link", str(registry.file)])
    assert made.exit_code == 0, made.output
    token = re.search(r"/login/([\w-]+)", made.output)
    assert token
    with httpx.Client(base_url=url, headers={"origin": url}, **options) as client:
        assert client.post(f"/login/{token[1]}").status_code == 303
        yield client


def test_a_draft_goes_from_the_gate_to_a_clerk_and_to_central_systems(
    kit, shared_broker, tmp_path, registries, posts, central
):
    chain, port = kit.Chain(Gate("depot", "g17")), free_port()
    registry = kit.Registry(tmp_path, shared_broker, chain, http={"port": port})
    registries.append(registry)
    registry.start()
    post = kit.Post(shared_broker, chain.gate, registry.key)
    posts.append(post)
    post.online()
    url = f"http://127.0.0.1:{port}"
    with enter(registry, url) as client:
        post.send(chain.draft())
        place = eventually(
            registry, lambda: re.search(r'href="(/reports/[0-9a-f-]{36})"', client.get("/inbox").text)
        )[1]
        page = client.get(place).text
        form = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("csrf", "version")}
        assert client.post(f"{place}/do", data={**form, "what": "reviewed"}).status_code == 303
    events = [central.get(timeout=PATIENCE_S) for _ in range(2)]
    told = [ReportChange.from_wire(event.data) for event in events]
    assert [each.change for each in told] == ["received", "reviewed"]
    assert told[0].report == place.rpartition("/")[2]
    assert [event.sequence for event in events] == [1, 2]
    numbers = httpx.get(f"{url}/metrics").text
    assert 'iie_registry_events_total{outcome="accepted"} 1.0' in numbers
    assert "iie_registry_receipt_seconds_count 1.0" in numbers
    assert 'iie_registry_worker_up{worker="link"} 1.0' in numbers
    assert registry.stop() == 0


def test_the_console_over_tls(kit, shared_broker, tmp_path, registries):
    authority = CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(tmp_path / "cert.pem", append=True)
    http = {"port": free_port(), "tls": {"certificate": "cert.pem", "key": "key.pem"}}
    registry = kit.Registry(tmp_path, shared_broker, kit.Chain(Gate("depot", "g18")), http=http)
    registries.append(registry)
    registry.start()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    url = f"https://127.0.0.1:{http['port']}"
    eventually(registry, lambda: httpx.get(f"{url}/healthz", verify=trusting).status_code == 200)
    with enter(registry, url, verify=trusting) as client:
        assert client.get("/inbox").status_code == 200
        (cookie,) = client.cookies.jar
        assert (cookie.name, cookie.secure) == ("__Host-iie", True)


def test_an_address_that_is_taken_is_told(kit, shared_broker, tmp_path, registries):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        registry = kit.Registry(tmp_path, shared_broker, kit.Chain(Gate("depot", "g19")), http={"port": port})
        registries.append(registry)
        registry.start()
        assert registry.ended() == 1
    told = registry.log.read_text()
    assert f"127.0.0.1:{port}" in told and "Traceback" not in told
