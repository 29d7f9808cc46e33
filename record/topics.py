"""Where everything is said: the MQTT topics of the contract, built and read in one place.

gate/v1/{depot}/{gate}/{lane}/ingress | egress | visit      gate -> registry
gate/v1/{depot}/{gate}/installation                         gate -> registry
gate/v1/{depot}/{gate}/state | health                       gate -> all, retained
gate/v1/{depot}/{gate}/receipt | cmd                        registry -> gate
gate/v1/{depot}/{gate}/cmd/reply                            gate -> registry
gate/v1/{depot}/preadvice/{id} | release/{id}               registry -> gates, retained
registry/v1/state                                           registry -> all, retained
registry/v1/{depot}/report                                  registry -> central systems
registry/v1/{depot}/release                                 central systems -> registry
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from record.errors import BadRecord

ROOT = "gate/v1"
REGISTRY_STATE = "registry/v1/state"
NAME = r"[a-z0-9-]{1,32}"
RESERVED = frozenset(
    {"preadvice", "release", "report", "cmd", "receipt", "state", "health", "visit", "installation", "index"}
)


class Stream(StrEnum):
    """The last part of a topic on which events travel from a gate to the registry."""

    INGRESS = "ingress"
    EGRESS = "egress"
    VISIT = "visit"
    INSTALLATION = "installation"


def is_name(text: str) -> bool:
    """Whether a text may name a depot, a gate or a lane."""
    return re.fullmatch(NAME, text) is not None and text not in RESERVED


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of one depot, and the topics under it. Raises `BadRecord` for names that no topic can hold."""

    depot: str
    gate: str

    def __post_init__(self) -> None:
        for name in (self.depot, self.gate):
            if not is_name(name):
                raise BadRecord(f"{name!r} is no name for a topic: {NAME}, and none of the reserved words")

    @property
    def root(self) -> str:
        """What all topics of this gate begin with."""
        return f"{ROOT}/{self.depot}/{self.gate}"

    @property
    def receipt(self) -> str:
        """The registry's answers to this gate's events."""
        return f"{self.root}/receipt"

    @property
    def command(self) -> str:
        """What the registry asks of this gate."""
        return f"{self.root}/cmd"

    @property
    def reply(self) -> str:
        """This gate's answers to commands."""
        return f"{self.root}/cmd/reply"

    @property
    def state(self) -> str:
        """State of the gate, retained; also its Last Will."""
        return f"{self.root}/state"

    @property
    def health(self) -> str:
        """Devices, outbox, clock and disk, retained."""
        return f"{self.root}/health"

    @property
    def installation(self) -> str:
        """Events of the installation itself."""
        return f"{self.root}/installation"

    @property
    def preadvice(self) -> str:
        """Filter for what the depot is told to expect."""
        return f"{ROOT}/{self.depot}/preadvice/+"

    @property
    def release(self) -> str:
        """Filter for what customs lets leave the depot."""
        return f"{ROOT}/{self.depot}/release/+"

    def lane(self, lane: str, stream: Stream) -> str:
        """The topic of one lane's events."""
        if not is_name(lane):
            raise BadRecord(f"{lane!r} is no name for a lane: {NAME}, and none of the reserved words")
        return f"{self.root}/{lane}/{stream}"

    def source(self, installation: str) -> str:
        """The CloudEvents source of one installation of this gate."""
        return f"/{self.depot}/{self.gate}/{installation}"


def notice(depot: str, topic: str) -> tuple[str, str]:
    """The kind, *preadvice* or *release*, and the id of what a depot is told. Raises `BadRecord` for others."""
    for kind in ("preadvice", "release"):
        identity = topic.removeprefix(f"{ROOT}/{depot}/{kind}/")
        if identity != topic and identity and "/" not in identity:
            return kind, identity
    raise BadRecord(f"{topic[:120]!r} announces nothing to the depot {depot}")


EVENT_FILTERS = (
    f"{ROOT}/+/+/+/{Stream.INGRESS}",
    f"{ROOT}/+/+/+/{Stream.EGRESS}",
    f"{ROOT}/+/+/+/{Stream.VISIT}",
    f"{ROOT}/+/+/{Stream.INSTALLATION}",
)
"""What a registry subscribes to for events."""

STATE_FILTER = f"{ROOT}/+/+/state"
HEALTH_FILTER = f"{ROOT}/+/+/health"
RELEASES_FILTER = "registry/v1/+/release"
"""Where a registry hears what customs lets leave; who may speak there the broker's rules say."""


def gate_of(topic: str) -> Gate:
    """The gate under whose topics ``topic`` stands. Raises `BadRecord` where it is under none."""
    parts = topic.split("/")
    if len(parts) < 5 or "/".join(parts[:2]) != ROOT:
        raise BadRecord(f"{topic!r} is not a gate's topic")
    return Gate(parts[2], parts[3])


def gate_of_source(source: str) -> Gate:
    """The gate of a CloudEvents source ``/{depot}/{gate}/{installation}``. Raises `BadRecord`."""
    parts = source.split("/")
    if len(parts) != 4 or parts[0] != "":
        raise BadRecord(f"source {source!r} is not /depot/gate/installation")
    return Gate(parts[1], parts[2])


def released(depot: str) -> str:
    """Where the registry of a depot is told what customs lets leave."""
    return f"registry/v1/{depot}/release"


def depot_of_released(topic: str) -> str | None:
    """The depot of such a topic; None for any other."""
    parts = topic.split("/")
    return parts[2] if len(parts) == 4 and topic == released(parts[2]) and is_name(parts[2]) else None


def report(depot: str) -> str:
    """Where every change of a depot's reports is told, without personal data."""
    return f"registry/v1/{depot}/report"
