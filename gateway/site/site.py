"""The site's file: one gate of one depot, its lanes and all that hangs on them.

Every value has its unit in its name or in its description; what is left out has the default that stands here.
Figures that no authority has published are marked *placeholder*: a depot sets its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, JsonValue, PlainSerializer, WithJsonSchema

from gateway.site.camera import Camera
from gateway.site.page import PagePart
from gateway.site.part import Name, Part, Seconds
from gateway.site.signals import BarrierPart, LightsPart, SignalsPart
from record.base import plain
from record.draft import Profile

Kilograms = Annotated[
    Decimal,
    Field(allow_inf_nan=False),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
Tare = Annotated[Kilograms, Field(ge=0, le=60000)]
Declaration = dict[str, JsonValue]
"""What `drivers.scale.pattern` or `drivers.scale.register_map` reads; the site's checks look into it."""


class DepotPart(Part):
    """Who reports, as customs knows the depot."""

    name: Name = Field(description="the depot's name in topics")
    profile: Profile = Field(description="temporal, paletizadora or distrito")
    district: Annotated[str, Field(pattern=r"^[0-9]{3}$")] = Field(description="customs district, 3 digits")
    oce: Annotated[str, Field(pattern=r"^[0-9]{8}$")] = Field(description="OCE code, 8 digits")
    operator_type: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = Field(description="operator type, 2 digits")
    channel: Annotated[str, Field(pattern=r"^[A-Z]$")] = "S"


class Tls(Part):
    """TLS of the broker's listener; needed for every broker that is not on loopback."""

    ca: Path = Field(description="PEM file of the authority that signed the broker's certificate")
    certificate: Path | None = None
    key: Path | None = None


class BrokerPart(Part):
    """The MQTT 5 broker."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 8883
    user: str | None = None
    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._/-]{1,64}$")] | None = Field(
        default=None, description="the gate's name at the broker; depot/gate, where the broker takes that"
    )
    password_file: Path | None = Field(default=None, description="file that holds the password alone")
    password_credential: str | None = Field(default=None, description="name of a systemd credential")
    tls: Tls | None = None
    keepalive_s: Annotated[int, Field(ge=2, le=600)] = 15
    window: Annotated[int, Field(ge=1, le=100)] = 20
    resend_after_s: Annotated[float, Field(ge=1, le=3600)] = 10


class KeysPart(Part):
    """Who signs, and whose signature counts."""

    signing: Path = Field(description="the gate's private key (PEM); made at the first start")
    registry: str = Field(description="the registry's public key, as `iie-registry key` prints it")


class Certificate(Part):
    """Verification certificate of a scale."""

    number: str
    authority: str
    valid_until: date


class ScalePart(Part):
    """The truck scale and how its weights become a weighing."""

    name: Name = "scale"
    protocol: str | None = Field(default=None, description="protocol id, see `iie-gateway decode --list`")
    model: str | None = Field(
        default=None, description="catalogue entry in place of protocol and line settings"
    )
    port: str = Field(description="device by id, socket://host:port, rfc2217://host:port, listen://host:port")
    baud: Annotated[int, Field(ge=50, le=4000000)] | None = None
    bits: Literal[7, 8] | None = None
    parity: Literal["N", "E", "O", "M", "S"] | None = None
    stop: Literal[1, 2] | None = None
    dtr: bool | None = Field(default=None, description="raise DTR; low unless an adapter is fed by it")
    rts: bool | None = Field(default=None, description="raise RTS, likewise")
    decimals: Annotated[int, Field(ge=0, le=5)] | None = None
    unit: Literal["kg", "g", "t", "lb"] | None = None
    checksum: str | None = None
    address: str | None = None
    untared: bool | None = Field(
        default=None, description="nobody tares at this indicator: the net weights that it sends are gross"
    )
    pattern: Declaration | None = Field(default=None, description="the frames, with protocol: pattern")
    modbus: Declaration | None = Field(default=None, description="the registers, with protocol: modbus")
    poll_interval_s: Annotated[float, Field(ge=0.02, le=60)] | None = Field(
        default=None, description="seconds between two requests, where the indicator speaks only when asked"
    )
    stale_after_s: Seconds = 3
    arrive_kg: Kilograms = Field(default=Decimal(1500), description="a truck is there at this weight or more")
    leave_kg: Kilograms = Field(default=Decimal(500), description="the scale is free at this weight or less")
    settle_s: Seconds = Field(default=1.5, description="how long a weight has to stand still")
    settle_kg: Kilograms = Field(default=Decimal(20), description="spread within which it stands still")
    require_zeroed: bool = False
    zero_kg: Kilograms = Field(
        default=Decimal(40),
        description="placeholder: a free scale may be off by this; more than leave_kg counts as that",
    )
    steady_kg: Annotated[Kilograms, Field(ge=0)] | None = Field(
        default=None,
        description="placeholder: the settled weights of one truck may differ by this; else twice settle_kg",
    )
    axles: bool = Field(default=False, description="a short platform: axles one after the other, summed")
    resume_s: Seconds = Field(
        default=120, description="a gate that was away for longer takes the truck for another one"
    )
    axle_gap_s: Seconds = Field(default=8, description="a platform free for so long has no truck any more")
    axle_groups: Annotated[int, Field(ge=2, le=20)] = Field(
        default=3, description="placeholder: a truck of this site has no more axle groups, with axles"
    )
    certificate: Certificate | None = None


class ScannerPart(Part):
    """A barcode scanner: on a serial line, a TCP converter, or a keyboard's input device."""

    name: Name
    model: str | None = Field(default=None, description="catalogue entry for what is not written here")
    port: str | None = Field(default=None, description="as a scale's")
    hid: str | None = Field(
        default=None, description="in place of port: /dev/input/by-id/…-event-kbd or usb:VVVV:PPPP"
    )
    layout: Literal["us", "latam"] | None = Field(
        default=None, description="keyboard layout that the scanner was set up for, with hid"
    )
    baud: Annotated[int, Field(ge=50, le=4000000)] | None = None
    bits: Literal[7, 8] | None = None
    parity: Literal["N", "E", "O", "M", "S"] | None = None
    stop: Literal[1, 2] | None = None
    prefix: str = ""
    suffix: str = ""
    repeat_s: Annotated[float, Field(ge=0, le=60)] = Field(
        default=2, description="the same code again within so many seconds is one scan"
    )

    @property
    def place(self) -> str:
        """Where it hangs, whichever of the two keys says so."""
        return self.port or self.hid or ""


class Direction(StrEnum):
    """Which way trucks pass a lane. *Both*: a truck of an open stay leaves, any other comes."""

    ENTRY = "entry"
    EXIT = "exit"
    BOTH = "both"


class Flow(StrEnum):
    """What passes a lane: containers, loose cargo, pieces for air pallets, or loads at a land border."""

    CONTAINER = "container"
    LOOSE = "loose"
    AIR = "air"
    LAND = "land"


class Weigh(StrEnum):
    """How often a truck is weighed: once, with stored tares, or as it comes and as it leaves."""

    ONCE = "once"
    IN_AND_OUT = "in_and_out"


class LanePart(Part):
    """One weighbridge with its cameras, scanners and signals."""

    name: Name
    direction: Direction = Direction.ENTRY
    flow: Flow = Flow.CONTAINER
    weigh: Weigh | None = Field(default=None, description="in place of the site's rule")
    procedure: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,4}$")] | None = Field(
        default=None, description="of a land border, a code of codes/procedures.yaml such as TI, TE or TC"
    )
    presence: str | None = Field(default=None, description="name of the signal that says a truck is there")
    scale: ScalePart
    cameras: tuple[Camera, ...] = ()
    scanners: tuple[ScannerPart, ...] = ()
    signals: tuple[SignalsPart, ...] = ()
    lights: LightsPart | None = None
    barrier: BarrierPart | None = None


class PayloadWeight(StrEnum):
    """Which mass an item's weight is; which one customs expects is unknown (placeholder)."""

    CARGO = "cargo"
    CARGO_AND_CONTAINER = "cargo_and_container"


class VehicleTare(Part):
    """Tare of one vehicle, tractor and chassis together, and the day of its weighing."""

    kg: Tare
    day: date


class Tares(Part):
    """What is taken off a gross weight when a truck is weighed once."""

    vehicles: dict[str, VehicleTare] = Field(default_factory=dict, description="stored tares by plate")
    max_age_days: Annotated[int, Field(ge=1)] = Field(
        default=180,
        description="placeholder: an older stored tare is remarked, an older learnt one forgotten",
    )
    learn: bool = Field(
        default=False,
        description="learn the tare of a truck's plates when it leaves empty, for lanes that weigh once",
    )
    tractor_kg: Tare | None = None
    chassis_kg: Tare | None = None
    boxes: dict[str, Tare] = Field(default_factory=dict, description="tare by size-type, such as 22G1: 2200")


class Required(StrEnum):
    """A field that a flow may require."""

    DOCUMENT = "document"
    CONTAINER = "container"
    DESCRIPTION = "description"
    PACKAGES = "packages"
    PACKAGING = "packaging"
    WEIGHT = "weight_kg"


class Rules(Part):
    """How facts become a draft."""

    payload_weight: PayloadWeight = PayloadWeight.CARGO
    weigh: Weigh = Weigh.ONCE
    required: dict[Flow, tuple[Required, ...]] = Field(
        default_factory=dict,
        description="fields without which a draft is incomplete, in place of the usual ones",
    )
    seals: Annotated[int, Field(ge=0, le=4)] = Field(
        default=0, description="how many seals a container needs"
    )
    four_eyes: tuple[str, ...] = Field(
        default=(), description="fields that a second person has to confirm, such as /items/0/weight_kg"
    )
    papers: dict[str, str] = Field(
        default_factory=dict,
        description="other papers by name, each with the regular expression of its barcode, such as mic_dta",
    )
    release_required: bool = Field(default=False, description="an exit without a release is an error")
    max_gross_kg: Kilograms = Field(
        default=Decimal(36000), description="container and cargo may not be heavier (ISO 668, Amd 2)"
    )
    max_load_kg: Kilograms = Field(
        default=Decimal(60000), description="placeholder: no truck's cargo is heavier, measured or entered"
    )
    max_piece_kg: Kilograms = Field(
        default=Decimal(14000), description="placeholder: no piece of air cargo is heavier"
    )
    max_packages: Annotated[int, Field(ge=1)] = Field(
        default=100000, description="placeholder: a person may not enter more packages"
    )
    send_hours: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="hours after the entry within which a report is to be sent; no published figure",
    )
    correction_hours: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="hours after the entry within which a report may be corrected; no published figure",
    )
    regularisation_days: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="placeholder: days after its end within which a document can still be regularised; "
        "30 after embarkation is said of the regulation, which the gate does not see",
    )
    ended_document: Literal["error", "warning"] = Field(
        default="error", description="what it is where the base document ended before the entry"
    )
    stay_hours: Annotated[int, Field(ge=1)] = Field(
        default=72, description="placeholder: how long an open stay is looked for"
    )
    tolerance_percent: Annotated[Decimal, Field(ge=0, le=100)] = Field(
        default=Decimal(5), description="placeholder, not a legal figure: declared against measured weight"
    )
    unloaded_kg: Annotated[Kilograms, Field(ge=0)] = Field(
        default=Decimal(500),
        description="placeholder: a truck whose two weighings differ by less has left no load",
    )
    block_percent: Annotated[Decimal, Field(ge=0, le=1000)] = Field(
        default=Decimal(10),
        description="placeholder, not a legal figure: beyond it the announced packages are not believed",
    )
    empty_kg: Kilograms = Field(
        default=Decimal(500), description="placeholder: a truck within this of its tares is empty"
    )
    pending_s: Seconds = Field(default=60, description="how long pictures may be read after a truck has left")
    scan_before_s: Seconds = Field(default=120, description="how long a scan waits for its truck")
    linger_s: Seconds = Field(default=3, description="how long a truck that left may still get a scan")
    description_length: Annotated[int, Field(ge=1, le=1000)] = 200


class Retention(Part):
    """How long the gate keeps what, in days, and what pictures leave of the disk.

    Records and receipts age by the outbox's own rule.
    """

    crops: Annotated[int, Field(ge=1)] = Field(
        default=5 * 365, description="placeholder: pictures and lines that prove a draft"
    )
    pictures: Annotated[int, Field(ge=1)] = Field(default=30, description="all other pictures")
    tapes: Annotated[int, Field(ge=1)] = Field(default=30, description="recordings of visits")
    personal: Annotated[int, Field(ge=1)] = Field(
        default=90, description="placeholder: what was scanned of drivers"
    )
    reserve_mb: Annotated[int, Field(ge=0)] = Field(
        default=200, description="placeholder: megabytes of the disk that pictures leave to records"
    )


class RegistryPart(Part):
    """Where files of evidence go: the registry's HTTP address. Without it they stay at the gate."""

    url: Annotated[str, Field(pattern=r"^https?://")] = Field(
        description="such as https://registro.example.ec:8443"
    )
    ca: Path | None = Field(
        default=None, description="PEM file of the authority of its certificate; else the system's"
    )


class PreadvicePart(Part):
    """Where announcements come from besides the registry."""

    file: Path | None = None


class Site(Part):
    """One gate: one process, one MQTT client, one outbox, one chain."""

    depot: DepotPart
    gate: Name
    language: Literal["es", "en"] = "es"
    data: Path = Field(description="folder of the outbox, pictures and tapes")
    keys: KeysPart
    broker: BrokerPart
    registry: RegistryPart | None = None
    page: PagePart | None = Field(default=None, description="the gate's page; left out, nothing listens")
    lanes: Annotated[tuple[LanePart, ...], Field(min_length=1)]
    tares: Tares = Tares()
    rules: Rules = Rules()
    preadvice: PreadvicePart = PreadvicePart()
    retention: Retention = Retention()
    simulated: bool = Field(default=False, description="marks every event: no real truck was there")
