"""What the depot was told to expect: the only source of what a gate cannot measure."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from record.base import Number, Record, Timestamp
from record.draft import BaseDocument


class Keys(Record):
    """What a truck can be matched by."""

    document: BaseDocument | None = None
    containers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    plates: Annotated[tuple[str, ...], Field(strict=False)] = ()
    booking: str | None = None


class Announced(Record):
    """What was announced of the cargo."""

    description: str | None = None
    packages: Annotated[int | None, Field(gt=0)] = None
    packaging: Annotated[str | None, Field(pattern=r"^[0-9]{3}$")] = None
    size_type: Annotated[str | None, Field(pattern=r"^[0-9A-Z]{2}[A-Z][0-9]$")] = Field(
        default=None, description="of the container, ISO 6346, such as 22G1"
    )
    weight_kg: Annotated[Number | None, Field(gt=Decimal(0))] = None
    box_tare_kg: Annotated[Number | None, Field(gt=Decimal(0))] = None
    vehicle_tare_kg: Annotated[Number | None, Field(gt=Decimal(0))] = Field(
        default=None, description="declared tare of tractor and chassis together"
    )
    seals: Annotated[tuple[str, ...], Field(max_length=4, strict=False)] = ()


class Share(Record):
    """What was announced of one of several containers under one document."""

    container: str
    cargo: Announced


class Preadvice(Record):
    """One announcement, of one base document."""

    id: str
    version: Annotated[int, Field(ge=1)] = 1
    valid_until: Timestamp | None = None
    document_until: Timestamp | None = Field(
        default=None, description="end of the base document itself, as customs gives it"
    )
    exporter: str | None = None
    driver: Annotated[str | None, Field(pattern=r"^[A-Z0-9]{5,20}$")] = Field(
        default=None, description="cédula or passport of the driver; never enters an event"
    )
    procedure: Annotated[str | None, Field(pattern=r"^[A-Z0-9]{2,4}$")] = Field(
        default=None, description="of a land border, such as TI, TE or TC; in place of the lane's own"
    )
    keys: Keys
    cargo: Announced
    shares: Annotated[tuple[Share, ...], Field(strict=False)] = ()
    proof: str = Field(default="", description="the registry's, where it came over MQTT")

    def of_container(self, number: str | None) -> Announced:
        """What was announced of one container: its share, or the whole where only one was announced.

        Of a document with several containers and no shares the packages and weight are all of them together,
        so one container's are unknown; description, packaging and size-type hold for each.
        """
        for share in self.shares:
            if share.container == number:
                return share.cargo
        if len(self.keys.containers) < 2:
            return self.cargo
        whole = self.cargo
        return Announced(description=whole.description, packaging=whole.packaging, size_type=whole.size_type)


class Index(Record):
    """What the registry has announced to a depot and let leave, told once a day: a gate sees what it missed."""

    at: Timestamp
    preadvice: Annotated[tuple[str, ...], Field(strict=False)] = ()
    releases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    proof: str = Field(default="", description="the registry's")
