"""What goes to customs' system and what comes back, whatever the adapter speaks.

An adapter is any object with the three methods of `Adapter`. It keeps nothing and tries nothing twice: what was
sent, what waits and what was heard is in the registry's database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from record.errors import IieError


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom customs knows as the sender: OCE code of the depot, its RUC, its type of operator, the portal's user."""

    oce: str
    ruc: str
    operator_type: str
    user: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document on its way. ``kind`` is IIE, ISE or CII; ``number`` the número de entrega that it bears: a CII that
    of the report which it corrects."""

    kind: str
    type_code: str
    number: str
    body: bytes
    sender: Sender


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of customs' list of errors."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What customs decided about one document. ``reference`` is customs' own number of the answer; ``type_code`` that
    of the document's kind, where the answer says it."""

    reference: str
    number: str
    accepted: bool
    faults: tuple[Fault, ...] = ()
    type_code: str | None = None


class NotReached(IieError):
    """Customs' system was not reached, so nothing has arrived: it may be sent again."""

    retry = True
    advice = "transmission.not_reached"


class Unanswered(IieError):
    """The document left, and whether it arrived is not known: it is not sent again by itself."""

    advice = "transmission.unanswered"


class Refused(IieError):
    """Customs' system did not take the document; the message says why in its words."""

    advice = "transmission.refused"


class Adapter(Protocol):
    """A way to customs' system."""

    def send(self, parcel: Parcel) -> None:
        """Bring one document. Raises `NotReached`, `Unanswered`, `Refused`."""

    def references(self, sender: Sender, since: datetime) -> Sequence[str]:
        """References of the answers that customs has given since then. Raises `NotReached`, `Unanswered`, `Refused`."""

    def answer(self, sender: Sender, reference: str) -> Answer:
        """One answer. Raises `NotReached`, `Unanswered`, `Refused`."""
