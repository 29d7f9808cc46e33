"""The page for integrators: what it tells to run is run, against a real broker with the shipped ACL."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import paho.mqtt.client as mqtt
import pytest

from gateway.rehearsal.broker import CENTRAL, REGISTRY, Broker
from record.event import Event
from record.example import GATE_KEY, REGISTRY_KEY, example_key, examples
from record.proof import wire
from record.topics import REGISTRY_STATE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "integrators.md").read_text(encoding="utf-8")
SUBSCRIBE, VERIFY = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(SHELL,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
STATE = wire(examples()["registry-state"])


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a central system whose broker keeps the registry's state."""
    with Broker(tmp_path_factory.mktemp("broker")) as broker:
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        client.username_pw_set(*broker.credentials(REGISTRY))
        client.connect(broker.host, broker.port)
        client.loop_start()
        client.publish(REGISTRY_STATE, STATE, qos=1, retain=True).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()
        password = broker.credentials(CENTRAL)[1]
        yield os.environ | {"BROKER": broker.host, "PORT": str(broker.port), "PASSWORD": password}


def test_the_lines_of_paho_hear_the_registry(around: dict[str, str]) -> None:
    heard = run([sys.executable, "-c", SUBSCRIBE], env=around)
    assert heard.returncode == 0, heard.stderr
    assert heard.stdout == f"{REGISTRY_STATE} {STATE.decode()}\n"


def test_mosquitto_sub_hears_the_registry(around: dict[str, str]) -> None:
    if which("mosquitto_sub") is None:
        pytest.skip("mosquitto_sub is not installed (Debian: mosquitto-clients)")
    heard = run(["sh", "-c", SHELL], env=around)
    assert heard.stdout == STATE.decode() + "\n"


@pytest.mark.parametrize(("name", "signer"), [("draft", GATE_KEY), ("registry-state", REGISTRY_KEY)])
def test_the_lines_that_verify_tell_what_was_changed(name: str, signer: str) -> None:
    record, other = examples()[name], str(example_key("another").public)
    key = str(example_key(signer).public)
    proven = run([sys.executable, "-c", VERIFY, key], told=json.dumps(record))
    assert proven.stdout.startswith("proven "), proven.stderr
    changed = run([sys.executable, "-c", VERIFY, key], told=json.dumps(record | {"more": 1}))
    assert "the record was changed" in changed.stderr
    foreign = run([sys.executable, "-c", VERIFY, other], told=json.dumps(record))
    assert "signed by another key" in foreign.stderr


def test_every_field_of_an_event_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", PAGE))
    assert set(Event.model_fields) - {"specversion", "datacontenttype"} <= explained


def run(
    command: list[str], env: dict[str, str] | None = None, told: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, input=told, capture_output=True, text=True, timeout=30)
