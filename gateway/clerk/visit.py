"""A visit: one truck on one lane from arrival to departure, and what became known of it.

Pure values: what a lane heard of a truck, and the truck as it is known by that. How a visit grows and ends is told
in `gateway.clerk.visits`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count

from drivers.readings import Scan
from gateway.clerk.act import Act, Deed
from gateway.clerk.looks import superfluous
from gateway.clerk.weighing import Going, Settled
from ocr.sighting import Sighting
from record.announcing.document import of_identifier
from record.identifiers.identifier import Identifier, Kind
from record.proof import sha256


@dataclass(frozen=True, slots=True)
class Scanned:
    """A barcode, and what its text is."""

    at: datetime
    monotonic: float
    device: str
    scan: Scan
    identifier: Identifier


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture went to a reader for a visit; what was seen follows, unless a newer picture replaces it."""

    visit: str
    camera: str
    picture: str
    plates: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reader saw in a picture."""

    at: datetime
    monotonic: float
    visit: str
    camera: str
    face: str
    picture: str
    sighting: Sighting
    crop: str | None = None


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """The number plates that the reader is sure of in a picture, the best first; often none.

    ``part`` is what the camera looks at, tractor or trailer, None where that is not known; ``cost`` is that of
    the first plate.
    """

    at: datetime
    monotonic: float
    visit: str
    camera: str
    part: str | None
    picture: str
    plates: tuple[str, ...] = ()
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed, whether or not anything happened."""

    monotonic: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """Sightings that a visit let go since they repeated others: how many, and the hash of their pictures.

    The hash is that of the one before, a line feed and the picture's, in the order in which they were let go.
    """

    count: int
    sha256: str

    @classmethod
    def after(cls, before: Repeats | None, seen: Seen) -> Repeats:
        """One more of them."""
        so_far = before or Repeats(0, "")
        return Repeats(so_far.count + 1, sha256(f"{so_far.sha256}\n{seen.picture}".encode()))


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one truck so far.

    ``weighing`` is the highest of its ``plateaus``, the weights that stood still since it came or was weighed
    again. ``zero_kg`` is what the free scale showed before it came. ``going``: most of it is off the scale;
    ``returned`` is the second at which the same weight last stood there again after that.
    ``dip`` began that, ``again`` is the weight after it, ``pending`` the pictures that
    were being read then: nobody knows which truck they show, where two have stood there.
    ``masked``: the indicator showed no gross weight for a while. ``salt`` makes the hash of its driver's data
    one that nobody can guess.
    """

    id: str
    stay: str
    lane: str
    arrived_at: datetime
    arrived_monotonic: float
    departed_at: datetime | None = None
    departed_monotonic: float | None = None
    weighing: Settled | None = None
    plateaus: tuple[Settled, ...] = ()
    scans: tuple[Scanned, ...] = ()
    sightings: tuple[Seen, ...] = ()
    numbers: tuple[int, ...] = ()
    repeats: Repeats | None = None
    plates: tuple[PlateSeen, ...] = ()
    acts: tuple[Act, ...] = ()
    zero_kg: Decimal | None = None
    resumed: bool = False
    going: bool = False
    returned: float | None = None
    masked: bool = False
    salt: str = field(default="", repr=False)
    reading: tuple[Taken, ...] = field(default=(), repr=False)
    dip: Going | None = None
    again: Settled | None = None
    pending: tuple[str, ...] = field(default=(), repr=False)

    @property
    def looks(self) -> list[tuple[int, Seen]]:
        """The sightings that are kept, each with its number among all that came."""
        return list(zip(self.numbers or count(1), self.sightings, strict=False))

    def with_look(self, seen: Seen) -> Visit:
        """The visit with one more sighting; where there are too many, one that repeats others is only counted."""
        gone = self.repeats.count if self.repeats else 0
        looks = [*self.looks, (len(self.sightings) + gone + 1, seen)]
        place, repeats = superfluous([look for _, look in looks]), self.repeats
        if place is not None:
            repeats = Repeats.after(repeats, looks.pop(place)[1])
        numbers, sightings = zip(*looks, strict=True)
        return replace(self, sightings=sightings, numbers=numbers, repeats=repeats)

    @property
    def leaving(self) -> bool:
        """Whether the truck has left the scale."""
        return self.departed_monotonic is not None

    @property
    def has_document(self) -> bool:
        """Whether a base document was scanned of it, or a person has named one."""
        entered = any(act.deed is Deed.ENTER and act.field == "/document" and act.value for act in self.acts)
        return entered or any(of_identifier(scan.identifier) is not None for scan in self.scans)


MOST_SCANS, MOST_UNKNOWN = 200, 20
"""Barcodes of one truck that count, and among them those that are nothing known. More are a scanner that runs
wild, whose rubbish must not keep out the paper that comes after it; the tape has them all."""


def has_room(known: Sequence[Scanned], scanned: Scanned) -> bool:
    """Whether a barcode counts, or a scanner has run wild."""
    unknown = sum(each.identifier.kind is Kind.UNKNOWN for each in known)
    is_rubbish = scanned.identifier.kind is Kind.UNKNOWN and unknown >= MOST_UNKNOWN
    return len(known) < MOST_SCANS and not is_rubbish
