"""The signals of a lane in a site's file: boards with inputs and outputs, what is shown, and the barrier.

presence: lazo
signals:
  - name: tablero
    port: socket://192.0.2.20:502              or /dev/serial/by-id/…, or /dev/gpiochip0
    unit: 1
    inputs:
      - {name: lazo, number: 0}
      - {name: boton, number: 1}
    outputs:
      - {name: verde, number: 0}
      - {name: rojo, number: 1}
      - {name: pluma, number: 2}
lights: {ready: [verde], wait: [rojo], review: [rojo, ambar]}
barrier: {output: pluma, button: boton, open_on: complete}
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.site.part import Name, Part, Seconds

Names = Annotated[tuple[Name, ...], Field(max_length=16)]


class InputPart(Part):
    """A loop, a barrier contact or a button."""

    name: Name
    number: Annotated[int, Field(ge=0, le=65535)] = Field(description="on the wire or chip, from 0")
    inverted: bool = Field(default=False, description="a contact that is open when something is there")
    coil: bool = Field(default=False, description="read as a Modbus coil, not as a discrete input")


class OutputPart(Part):
    """A lamp, a word of a display or a barrier's release."""

    name: Name
    number: Annotated[int, Field(ge=0, le=65535)] = Field(description="on the wire or chip, from 0")
    inverted: bool = Field(default=False, description="a relay that rests switched on")


class SignalsPart(Part):
    """One board: a Modbus module over TCP or on a serial line (RTU), or a GPIO chip of this machine."""

    name: Name
    port: str = Field(description="socket://host:502, serial device by id, or /dev/gpiochip0")
    unit: Annotated[int, Field(ge=0, le=255)] = Field(default=1, description="the module's Modbus address")
    baud: Annotated[int, Field(ge=50, le=4000000)] | None = None
    bits: Literal[7, 8] | None = None
    parity: Literal["N", "E", "O", "M", "S"] | None = None
    stop: Literal[1, 2] | None = None
    hold_s: Annotated[float, Field(ge=0, le=60)] = Field(
        default=0.1, description="how long an input keeps a new state before it counts"
    )
    inputs: tuple[InputPart, ...] = ()
    outputs: tuple[OutputPart, ...] = ()


class LightsPart(Part):
    """Outputs that are on while the lane shows each aspect; those of the others are off."""

    ready: Names = Field(default=(), description="listo: go on")
    wait: Names = Field(default=(), description="espere: something is still coming")
    review: Names = Field(default=(), description="revisar: a person has to look")

    def all(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each aspect with its outputs."""
        yield from (("ready", self.ready), ("wait", self.wait), ("review", self.review))


class OpenOn(StrEnum):
    """What opens the barrier besides a person: nothing, or a complete draft of the truck that is there."""

    BUTTON = "button"
    COMPLETE = "complete"


class BarrierPart(Part):
    """The barrier. A person's button opens it whatever a draft says; while ``hold`` is on only a person does."""

    output: Name = Field(description="output that releases it, for open_s seconds")
    open_on: OpenOn = OpenOn.BUTTON
    button: Name | None = Field(default=None, description="input that a guard presses to open it")
    hold: Name | None = Field(default=None, description="input that keeps it from opening by itself")
    open_s: Annotated[Seconds, Field(le=60)] = Field(
        default=1, description="placeholder: length of the pulse"
    )
