"""A deed that is asked for from the registry: the clerk has the truck on a lane read again, or its drafts voided.

It is done like a guard's at the gate, by the lane, under the name of the person who asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from gateway.clerk.act import Act, Deed
from record.command import OfLane
from record.errors import IieError

ROLE = "registry"
WITHIN_S = 10.0
"""How long a lane may take. It answers within a blink, or hangs."""


class Doer(Protocol):
    """A lane, as far as a deed needs it."""

    def act(self, act: Act) -> Future[None]:
        """Ask for a person's deed."""

    def moment(self) -> tuple[datetime, float]:
        """The lane's time now: in UTC, and on the clock that never jumps."""


class CannotDo(IieError):
    """The lane is not there or does not answer."""

    advice = "error.cannot_do"


def remote_deed(
    lanes: Mapping[str, Doer], deed: Deed, params: Mapping[str, str | int]
) -> dict[str, str | int]:
    """Obey such a command: `record.command.OfLane` in, the lane's name out.

    Raises `BadRecord` for wrong parameters, for a truck that is not there any more and for a deed that cannot be done
    now, and `CannotDo`.
    """
    asked = OfLane.from_wire(dict(params))
    lane = lanes.get(asked.lane)
    if lane is None:
        raise CannotDo(f"lane {asked.lane!r}: this gate has {', '.join(sorted(lanes)) or 'none'}")
    at, monotonic = lane.moment()
    act = Act(at, monotonic, asked.person, ROLE, deed, asked.reason, visit=asked.visit)
    try:
        lane.act(act).result(WITHIN_S)
    except TimeoutError:
        raise CannotDo(f"lane {asked.lane}: no answer within {WITHIN_S:g} s") from None
    return {"lane": asked.lane}
