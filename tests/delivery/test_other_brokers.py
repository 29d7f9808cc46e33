"""The promise over MQTT 5 brokers that are not Mosquitto. `./dev setup` installs none of them: a skip says who does."""

from __future__ import annotations

import socket

import pytest

from benchmarks.brokers import BROKERS, Ejabberd, Other
from benchmarks.chaos import run
from benchmarks.rig import GATE, PASSED, Rig
from gateway.link.connection import Address, Arrived, BrokerRefuses, Filter, Published, Will, connect
from gateway.rehearsal.broker import CENTRAL, REGISTRY
from record.topics import REGISTRY_STATE, Gate, Stream

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

OTHERS = {name: kind for name, kind in BROKERS.items() if issubclass(kind, Other)}
FAR = Gate("far", "g1")
REPORT = f"registry/v1/{GATE.depot}/report"
REFUSED = 0x80


def wanted(kind: type[Other]) -> type[Other]:
    """A broker that is here, or the reason of the skip."""
    if not kind.is_here():
        pytest.skip(f"NOT TRIED: {kind.__name__} is not here: {kind.installed_by}")
    return kind


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_lost_doubled_or_out_of_its_chain(tmp_path, name, seed):
    wanted(OTHERS[name])
    outcome = run(tmp_path, seed, 20.0, broker=name)
    assert outcome.wrong == [], tmp_path
    assert outcome.journalled > 0
    assert outcome.trucks > 0
    assert sum(outcome.actions.values()) > 2


@pytest.fixture(params=OTHERS)
def rig(request, tmp_path):
    with Rig(tmp_path / "rig", broker=wanted(OTHERS[request.param])) as rig:
        yield rig


def listen(connection, said):
    """What has come is added to ``said``."""
    said += [each for each in connection.signals(0.1) if isinstance(each, Arrived)]
    return said


def test_commands_and_announcements_reach_the_gate_and_its_answers_the_registry(
    gatehouse, rig, reload, until
):
    announced, heard, said = "gate/v1/depot/preadvice/1", [], []
    link = gatehouse.connect(on_message=lambda topic, _: heard.append(topic))
    until(lambda: link.status.connected)
    _, order = reload()
    states = Filter(GATE.state, retained_always=True)
    with connect(address(rig.broker, REGISTRY), [Filter(GATE.reply), states]) as registry:
        registry.publish(announced, b"x", retain=True)
        registry.publish(GATE.command, order)
        until(lambda: {each.topic for each in listen(registry, said)} >= {GATE.reply, GATE.state})
    until(lambda: announced in heard)
    with connect(address(rig.broker, PASSED), [Filter(PASSED.preadvice)]) as later:
        until(lambda: announced in {each.topic for each in listen(later, [])})


def test_the_last_will_of_a_gate_whose_line_is_cut_is_told(rig, until):
    said = []
    with connect(address(rig.broker, REGISTRY), [Filter(GATE.state)]) as registry:
        with connect(address(rig.broker, GATE), [], will=Will(GATE.state, b"gone")) as gate:
            gate._client.socket().shutdown(socket.SHUT_RDWR)
        until(lambda: b"gone" in {each.payload for each in listen(registry, said)})


@pytest.fixture(scope="module")
def ejabberd(tmp_path_factory):
    """By the shipped recipe, for two depots."""
    with wanted(Ejabberd)(tmp_path_factory.mktemp("ejabberd"), [GATE, PASSED, FAR]) as broker:
        yield broker


def address(broker, user):
    name, password = broker.credentials(user)
    return Address(broker.host, broker.port, f"test-{name.replace('/', '-')}", name, lambda: password)


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        (GATE, GATE.lane("l1", Stream.INGRESS), True),
        (GATE, GATE.lane("l1", Stream.EGRESS), True),
        (GATE, GATE.lane("l1", Stream.VISIT), True),
        (GATE, GATE.installation, True),
        (GATE, GATE.state, True),
        (GATE, GATE.health, True),
        (GATE, GATE.reply, True),
        (GATE, PASSED.lane("l1", Stream.INGRESS), False),
        (GATE, FAR.state, False),
        (GATE, GATE.receipt, False),
        (GATE, GATE.command, False),
        (GATE, "gate/v1/depot/preadvice/1", False),
        (GATE, REGISTRY_STATE, False),
        (GATE, REPORT, False),
        (REGISTRY, GATE.receipt, True),
        (REGISTRY, FAR.command, True),
        (REGISTRY, "gate/v1/depot/release/1", True),
        (REGISTRY, REPORT, True),
        (REGISTRY, GATE.state, False),
        (REGISTRY, GATE.lane("l1", Stream.INGRESS), False),
        (CENTRAL, "registry/v1/depot/release", True),
        (CENTRAL, REPORT, False),
        (CENTRAL, GATE.lane("l1", Stream.INGRESS), False),
    ],
)
def test_by_the_recipe_each_says_only_what_is_its_own(ejabberd, user, topic, allowed):
    with connect(address(ejabberd, user), []) as connection:
        connection.publish(topic, b"x")
        came = (each for _ in range(10) for each in connection.signals(1))
        answer = next(each for each in came if isinstance(each, Published))
    assert (answer.reason < REFUSED) is allowed


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        (GATE, GATE.receipt, True),
        (GATE, GATE.command, True),
        (GATE, GATE.preadvice, True),
        (GATE, GATE.release, True),
        (GATE, REGISTRY_STATE, True),
        (FAR, REGISTRY_STATE, True),
        (FAR, FAR.preadvice, True),
        (GATE, PASSED.receipt, False),
        (GATE, FAR.preadvice, False),
        (GATE, "gate/v1/depot/+/receipt", False),
        (GATE, "gate/v1/+/preadvice/+", False),
        (GATE, "#", False),
        (CENTRAL, "registry/v1/+/report", True),
        (CENTRAL, REGISTRY_STATE, True),
        (CENTRAL, "registry/v1/#", False),
        (CENTRAL, GATE.state, False),
        (REGISTRY, "gate/v1/+/+/+/ingress", True),
        (REGISTRY, "registry/v1/+/release", True),
    ],
)
def test_by_the_recipe_each_hears_only_what_is_its_own(ejabberd, user, topic, allowed):
    try:
        with connect(address(ejabberd, user), [Filter(topic)]):
            heard = True
    except BrokerRefuses:
        heard = False
    assert heard is allowed


def test_a_wrong_password_is_refused(ejabberd):
    right = address(ejabberd, GATE)
    wrong = Address(right.host, right.port, right.client_id, right.username, lambda: "guess")
    with pytest.raises(BrokerRefuses, match="Not authorized"), connect(wrong, []):
        pass
