"""What the interface for programs says and is asked, as OpenAPI describes it.

Times are RFC 3339 in UTC. Names of people, their reasons, plates and scans stand only where the token has the scope
`personal:read`; roles always do.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from registry.reports.query import PAGE
from registry.reports.state import State

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(9000, 12, 31))]
Words = Annotated[str, StringConstraints(max_length=80)]
Cursor = Annotated[str, StringConstraints(max_length=40)]
Count = Annotated[int, Field(ge=1, le=500)]


class Base(BaseModel):
    """A reported document: what the goods are declared with."""

    type: str = Field(examples=["DAE"])
    number: str = Field(examples=["02820264000123456"])


class Summary(BaseModel):
    """One report, as lists show it. Sums are null as soon as one item's value is unknown."""

    id: str
    delivery_number: str = Field(description="número de entrega")
    kind: Literal["IIE", "ISE"]
    state: str
    version: int = Field(description="counts the report's changes")
    depot: str
    gate: str | None = Field(description="null for a report made by hand")
    lane: str | None
    draft: str | None
    entered_at: str
    received_at: str
    changed_at: str
    document: Base | None
    container: str | None = Field(description="of the first item")
    items: int
    packages: int | None
    weight_kg: int | None
    description: str | None
    open_matters: int = Field(description="what keeps a draft from review")
    simulated: bool


class Page(BaseModel):
    """Some of the reports found, the newest entry first."""

    reports: list[Summary]
    next: str | None = Field(description="`after` of the next page; null on the last")


class Search(BaseModel):
    """What is looked for; all of it has to fit. Numbers may be written with or without separators.

    From eight characters on the beginning of a number is enough.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    words: Words = Field(default="", description="a number, document, container or plate")
    number: Words = Field(default="", description="número de entrega, also one that the report had before")
    document: Words = Field(default="", description="DAE or another base document")
    container: Words = ""
    plate: Words = Field(default="", description="of tractor or trailer; takes the scope `personal:read`")
    kind: Literal["IIE", "ISE"] | None = None
    state: State | None = None
    depot: Annotated[str, StringConstraints(max_length=32)] | None = None
    first_day: Day | None = Field(default=None, alias="from", description="of the entry or exit, in Ecuador")
    last_day: Day | None = Field(default=None, alias="to", description="of the entry or exit, in Ecuador")
    after: Cursor | None = Field(default=None, description="`next` of the page before")
    limit: Count = PAGE


class Said(BaseModel):
    """One field of a report with where its value comes from."""

    field: str = Field(description="JSON Pointer into `payload`", examples=["/items/0/weight_kg"])
    value: Any
    gate_value: Any = Field(description="what the gate says, also where a person says otherwise")
    by: Literal["gate", "person", "system"] | None = Field(description="who said it; null where nobody did")
    role: str | None = Field(description="of the person, or `system`")
    name: str | None = Field(description="of the person or system; takes the scope `personal:read`")
    reason: str | None = Field(description="takes the scope `personal:read`")
    at: str | None
    evidence: list[str] = Field(description="ids of the proofs that the gate has")
    unconfirmed: bool = Field(description="a second person has yet to confirm it")


class Remark(BaseModel):
    """A finding of the gate."""

    code: str
    severity: str
    field: str | None
    text: str
    settled: bool


class Open(BaseModel):
    """One thing that keeps a draft from review."""

    field: str | None
    text: str


class Detail(Summary):
    """One report with every field, where each comes from, and what is left to do."""

    payload: dict[str, Any] = Field(description="people's values over the gate's")
    fields: list[Said]
    findings: list[Remark]
    matters: list[Open]
    proposed: bool = Field(description="the gate would have it otherwise than it has left")
    voided: bool = Field(description="the gate took it back too late")


class Difference(BaseModel):
    """What a change did to one field."""

    field: str
    before: Any
    after: Any


class Step(BaseModel):
    """One change of a report."""

    version: int
    at: str
    what: str
    before: str | None
    after: str
    role: str | None = Field(description="of the person; null where gate or machine did it")
    name: str | None = Field(description="takes the scope `personal:read`")
    reason: str | None = Field(description="takes the scope `personal:read`")
    changes: list[Difference]


class History(BaseModel):
    """Every change of a report, the first first."""

    history: list[Step]


class File(BaseModel):
    """A file that a report's draft names."""

    sha256: str
    kind: str = Field(description="picture, crop or personal")
    state: str = Field(description="awaited, held, refused or erased")
    media_type: str | None
    size: int | None
    href: str | None = Field(description="where it can be read; null where it cannot")


class Proofs(BaseModel):
    """What proves a report. Plates, scans and acts of people take the scope `personal:read`."""

    files: list[File]
    weighings: list[dict[str, Any]]
    arithmetic: list[dict[str, Any]]
    sightings: list[dict[str, Any]]
    plates: list[dict[str, Any]] | None
    scans: list[dict[str, Any]] | None
    acts: list[dict[str, Any]] | None
    clock: str | None
    machine: str | None
    version: str | None


class Source(BaseModel):
    """One installation of a gate, and how far its events are held."""

    source: str
    sequence: int = Field(description="the last event without a gap before it")
    highest: int
    heard_at: str
    gap_since: str | None


class Gate(BaseModel):
    """A gate, and when it was last heard of."""

    depot: str
    gate: str
    accepted: bool = Field(description="whether a key is accepted for it")
    state: str | None = Field(description="what the gate last said of itself: online, degraded, offline, …")
    state_at: str | None
    health: dict[str, Any] | None = Field(description="devices, outbox and clock, as the gate last told them")
    heard_at: str | None
    whole: bool = Field(description="nothing that it has sent is missing")
    parked: int = Field(description="events that wait until their key is accepted")
    sources: list[Source]


class Gates(BaseModel):
    """The gates of the depots that the token sees."""

    gates: list[Gate]


class Changes(BaseModel):
    """Changes of reports as signed CloudEvents, each depot's in their order."""

    changes: list[dict[str, Any]]
    next: str = Field(description="`after` of the next request")


class Key(BaseModel):
    """The key that the registry signs with: receipts, changes of reports, webhooks."""

    id: str
    key: str = Field(description="Ed25519, `ed25519:…`", examples=["ed25519:AbC…"])
    webhook_key: str = Field(description="the same as Standard Webhooks write it", examples=["whpk_AbC…"])
