"""A depot's broker that passes on to a central one, both real, by the shipped recipe."""

from __future__ import annotations

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.rig import GATE, PASSED, Rig
from gateway.rehearsal.broker import REGISTRY, Broker
from record.shipped import find
from record.topics import Gate

BRIDGE = Gate("bridge", GATE.depot)
"""Its user name is ``bridge/DEPOT``; as a gate of that name it has no topics of the depot."""

TLS = ("bridge_cafile",)
"""What a bridge over loopback has no use for."""


class Central(Broker):
    """The broker of all depots: it lets the depot's bridge in."""

    def _write_files(self) -> None:
        super()._write_files()
        block = find("mosquitto/acl-bridge").read_text(encoding="utf-8").replace("DEPOT", GATE.depot)
        self._write("acl", (self.directory / "acl").read_text(encoding="utf-8") + block)


class Depot(Broker):
    """The depot's own broker, which passes on to ``central``."""

    def __init__(self, directory, central):
        super().__init__(directory, [GATE, PASSED])
        self._central = central

    def _configuration(self) -> str:
        user, password = self._central.credentials(BRIDGE)
        assert user == f"bridge/{GATE.depot}"
        recipe = find("mosquitto/bridge.conf").read_text(encoding="utf-8").replace("DEPOT", GATE.depot)
        recipe = recipe.replace("central.example.net:8883", f"{self._central.host}:{self._central.port}")
        lines = [line for line in recipe.replace("SECRET", password).splitlines() if not line.startswith(TLS)]
        return super()._configuration() + "\n".join(lines) + "\n"


@pytest.fixture
def rig(tmp_path):
    """Gates at the depot's broker, the registry at the central one."""
    rig = Rig(tmp_path / "rig")
    rig.broker = Central(tmp_path / "central", [GATE, PASSED, BRIDGE])
    with rig, Depot(tmp_path / "depot", rig.broker) as rig.depot:
        rig.proxy.target = (rig.depot.host, rig.depot.port)
        (rig.folder / "gate.pass").write_text(rig.depot.credentials(GATE)[1])
        yield rig


@pytest.mark.long
def test_drafts_cross_the_bridge_and_receipts_come_back_whatever_dies(gatehouse, rig):
    rig.registry.start()
    gatehouse.connect()
    ids = {each.id for each in gatehouse.put(20)}
    gatehouse.until_received()
    for broker in (rig.depot, rig.broker):
        ids |= {each.id for each in gatehouse.put(20)}
        broker.kill()
        ids |= {each.id for each in gatehouse.put(5)}
        broker.start()
        gatehouse.until_received()
    assert ids <= gatehouse.held()
    assert rig.of_registry("SELECT COUNT(*) FROM events")[0][0] == len(ids) + 1
    gatehouse.verify()


def test_a_command_crosses_it_and_so_does_the_answer(gatehouse, rig, reload, until):
    heard = []
    with connected(rig.broker, REGISTRY) as registry:
        registry.on_message = lambda _c, _u, message: heard.append(message)
        registry.subscribe(GATE.reply, 1)
        registry.subscribe(GATE.state, 1)
        gatehouse.connect()
        until(lambda: any(each.topic == GATE.state for each in heard))
        command, order = reload()
        registry.publish(GATE.command, order, qos=1)
        until(lambda: any(command.encode() in each.payload for each in heard if each.topic == GATE.reply))


@pytest.mark.parametrize(
    "topic", [GATE.receipt, GATE.command, "registry/v1/state", Gate("other", "g1").state]
)
def test_the_bridge_speaks_for_its_depots_gates_only(rig, topic, until):
    refused = []
    with connected(rig.broker, BRIDGE) as bridge:
        bridge.on_publish = lambda _c, _u, _mid, reason, _p: refused.append(reason.is_failure)
        bridge.publish(topic, b"forged", qos=1)
        until(lambda: refused)
    assert refused == [True]


class connected:  # noqa: N801 - used as a context
    """A client of a broker's user."""

    def __init__(self, broker, user):
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"test-{user}", protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set(*broker.credentials(user))
        self._client.connect(broker.host, broker.port)

    def __enter__(self):
        self._client.loop_start()
        return self._client

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()
