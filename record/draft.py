"""A draft IIE or ISE: the fields of the e-document, and beside them everything that proves them.

The payload's fields and their lengths follow what operators' systems send (resolution DGN-2015-0228-RE names
the instruction ISEE-2-3-021; its text is not public), so limits are the site's to change, not the model's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from record.base import Name, Number, Record, Sha256, Timestamp
from record.finding import Finding


class ReportKind(StrEnum):
    """Which report the draft is for."""

    ENTRY = "IIE"
    EXIT = "ISE"

    @property
    def type_code(self) -> str:
        """Code of the e-document: 031 entry, 032 exit."""
        return {"IIE": "031", "ISE": "032"}[self.value]


class Profile(StrEnum):
    """What kind of depot reports."""

    TEMPORAL = "temporal"
    PALLETISER = "paletizadora"
    DISTRICT = "distrito"


class DocumentType(StrEnum):
    """The document that the cargo enters under."""

    DAE = "DAE"
    DAS = "DAS"
    DJT = "DJT"
    TRS = "TRS"


class Status(StrEnum):
    """Whether everything that the report needs is known."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Depot(Record):
    """Who reports: the depot as customs knows it."""

    profile: Profile
    district: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    oce: Annotated[str, Field(pattern=r"^[0-9]{8}$", description="OCE code of the operator")]
    operator_type: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    channel: Annotated[str, Field(pattern=r"^[A-Z]$", description="S own software, P portal")] = "S"


class BaseDocument(Record):
    """The customs document: a DAE has 17 digits without separators."""

    type: DocumentType
    number: Annotated[str, Field(min_length=1, max_length=20)]


class ExitReason(StrEnum):
    """Why goods leave the depot: back to the exporter, seized, or released to be loaded."""

    RETURN = "return"
    SEIZURE = "seizure"
    LOAD = "load"


class Item(Record):
    """One container or one lot of loose cargo. What the gate could not know is None."""

    sequence: Annotated[int, Field(ge=1)]
    container: Annotated[str | None, Field(pattern=r"^[A-Z]{4}[0-9]{7}$")] = None
    size_type: Annotated[str | None, Field(pattern=r"^[0-9A-Z]{4}$")] = None
    loose: bool = Field(default=False, description="loose cargo, no container is expected")
    seals: Annotated[tuple[str, ...], Field(max_length=4, strict=False)] = ()
    description: str | None = None
    packages: Annotated[int | None, Field(gt=0)] = None
    packaging: Annotated[str | None, Field(pattern=r"^[0-9]{3}$")] = None
    weight_kg: Annotated[Number | None, Field(gt=Decimal(0))] = Field(
        default=None, description="mass of the cargo in whole kilograms"
    )


class Payload(Record):
    """The fields of the e-document."""

    report: ReportKind
    depot: Depot
    entered_at: Timestamp = Field(description="start of the visit")
    document: BaseDocument | None = None
    exit_reason: Annotated[ExitReason | None, Field(strict=False, description="of an ISE")] = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, strict=False)]


class WeighingProof(Record):
    """One settled weight, with the frame that said so."""

    id: str
    at: Timestamp
    device: str
    value: Number = Field(description="as the indicator sent it")
    unit: str
    kg: Number
    kind: str
    stability: str
    settled_by: str = Field(description="indicator or window")
    raw: str = Field(description="the frame in hexadecimal digits")
    alibi: str | None = None
    checksum: str
    remarks: Annotated[tuple[str, ...], Field(strict=False)] = ()
    zero_kg: Number | None = Field(default=None, description="what the free scale showed before")
    axles_kg: Annotated[tuple[Number, ...], Field(strict=False)] = Field(
        default=(), description="weights of the axles, where they were weighed one by one"
    )
    certificate: str | None = Field(
        default=None, description="number of the scale's verification certificate"
    )


class Term(Record):
    """One number of a weight's arithmetic. ``kg`` is added; a tare stands with a minus."""

    what: str = Field(description="gross, tractor, chassis, box, declared")
    kg: Number
    origin: str = Field(description="evidence id, site, or preadvice")


class Arithmetic(Record):
    """The way from weighings to the weight of an item: every number in it, summed and rounded once."""

    id: str
    way: str = Field(description="gross_minus_tares, two_weighings, declared")
    terms: Annotated[tuple[Term, ...], Field(strict=False)]
    kg: Number = Field(description="the sum before rounding")


class CandidateProof(Record):
    """A number that a reader thought possible."""

    number: str
    cost: Number


class SightingProof(Record):
    """What a camera read in one picture."""

    id: str
    at: Timestamp
    device: str
    picture: Sha256
    status: str
    number: str | None = None
    type_code: str | None = None
    cost: Number | None = None
    margin: Number | None = None
    candidates: Annotated[tuple[CandidateProof, ...], Field(strict=False)] = ()
    crop: Sha256 | None = None


class ScanProof(Record):
    """What a scanner read, and what that text is."""

    id: str
    at: Timestamp
    device: str
    text: str
    symbology: str | None = None
    kind: str
    normal: str
    parts: dict[str, str] = Field(default_factory=dict)


class PlateProof(Record):
    """A number plate and what told it: a scan or a picture. Of a picture it says when, by what, how surely."""

    id: str
    plate: str
    part: str = Field(description="tractor, trailer or unknown")
    origin: str = Field(
        description="evidence id of the scan or of the sighting in the same picture, else the picture"
    )
    at: Timestamp | None = None
    device: str | None = None
    picture: Sha256 | None = None
    cost: Number | None = None


class TareSource(StrEnum):
    """Where a stored tare is from: the site's file, or an earlier stay of the same truck."""

    SITE = "site"
    LEARNT = "learnt"


class TareProof(Record):
    """The stored tare of a truck that was taken off: its plates, the day of the weighing behind it, its source."""

    id: str
    plates: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    kg: Number
    day: date
    source: TareSource
    before_kg: Number | None = Field(
        default=None, description="of a learnt one: what the same plates weighed in the stay before"
    )
    visit: str | None = Field(default=None, description="of a learnt one: the visit that weighed it")
    stay: str | None = Field(default=None, description="of a learnt one: the stay of that visit")
    device: str | None = Field(default=None, description="of a learnt one: the scale that weighed it")


class Vgm(Record):
    """Verified gross mass of a packed container by weighing (SOLAS VI/2, method 1): container and cargo."""

    container: str
    kg: Number
    certificate: str | None = None
    assumption: str = Field(description="what has to be true for the figure to be the container's")


class Release(Record):
    """What customs lets leave, as it was looked up."""

    id: str
    release: str
    reason: str


class Stay(Record):
    """The visit that brought the truck in, as the second weighing found it."""

    stay: str
    visit: str
    matched_by: str = Field(description="plate, container or ticket")


class Act(Record):
    """What a person did in the visit."""

    id: str
    at: Timestamp
    person: str
    role: str
    act: str
    reason: str


class PreadviceProof(Record):
    """Which announcement was looked up."""

    id: str
    preadvice: str
    version: int
    hash: Sha256


class LeftOut(Record):
    """Facts that the event had no room for. They are on the visit's tape."""

    what: str = Field(description="scans, sightings, plates, acts, or repeats: sightings like others")
    count: Annotated[int, Field(ge=1)]
    sha256: Sha256 = Field(
        description="of their lines on the tape, in order, names sorted, joined by line feeds; of repeats the "
        "picture's hash after the one before and a line feed, hashed anew with each"
    )


class Evidence(Record):
    """Everything that proves the payload. Each entry has an id that the provenance names."""

    weighings: Annotated[tuple[WeighingProof, ...], Field(strict=False)] = ()
    arithmetic: Annotated[tuple[Arithmetic, ...], Field(strict=False)] = ()
    sightings: Annotated[tuple[SightingProof, ...], Field(strict=False)] = ()
    scans: Annotated[tuple[ScanProof, ...], Field(strict=False)] = ()
    plates: Annotated[tuple[PlateProof, ...], Field(strict=False)] = ()
    tares: Annotated[tuple[TareProof, ...], Field(strict=False)] = ()
    preadvice: Annotated[tuple[PreadviceProof, ...], Field(strict=False)] = ()
    releases: Annotated[tuple[Release, ...], Field(strict=False)] = ()
    acts: Annotated[tuple[Act, ...], Field(strict=False)] = ()
    stay: Stay | None = None
    vgm: Vgm | None = None
    procedure: str | None = Field(
        default=None, description="of a land border, as announced or the lane's: TI, TE, TC"
    )
    personal: Sha256 | None = Field(
        default=None, description="file with what was scanned of the driver, salted, erased at its age"
    )
    left_out: Annotated[tuple[LeftOut, ...], Field(strict=False)] = Field(
        default=(), description="what the event has no room for, or not whole"
    )
    clock: str = Field(description="synchronised, unsynchronised or unknown")
    machine: str
    version: str


class Person(Record):
    """Who said a value in place of the machine, and what the machine had said."""

    name: str
    role: str
    at: Timestamp
    reason: str
    machine_value: Any = None


class Source(Record):
    """Where a payload field comes from: entries of the evidence, the site's file, or a person."""

    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    person: Person | None = None


SITE = "site"
"""Evidence id of what the site's own file says, such as the depot's OCE code."""

VISIT = "visit"
"""Evidence id of the visit itself: its start is the entry time."""


class Draft(Record):
    """The ``data`` of a draft's event: one base document of one visit, in one revision."""

    draft: str
    revision: Annotated[int, Field(ge=1)]
    visit: str
    stay: str
    lane: Name
    status: Status
    payload: Payload
    evidence: Evidence
    provenance: dict[str, Source]
    findings: Annotated[tuple[Finding, ...], Field(strict=False)] = ()


class Outcome(StrEnum):
    """How a visit ended."""

    DRAFTED = "drafted"
    SECOND_WEIGHING = "second_weighing"
    VOID = "void"
    EMPTY = "empty"
    REVERSED_OUT = "reversed_out"
    NOTHING_KNOWN = "nothing_known"


class VisitClosed(Record):
    """The ``data`` of a closed visit's event: also where no draft came of it."""

    visit: str
    stay: str
    lane: Name
    arrived_at: Timestamp
    departed_at: Timestamp
    outcome: Outcome
    decided_by: str = Field(description="machine, or the person's name")
    drafts: Annotated[tuple[str, ...], Field(strict=False)] = ()
    announced: bool = Field(default=False, description="whether a pre-advice was found for any of them")
