"""What a text was recognised as: its kind, its normal form, its parts, and what is worth knowing about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from record.identifiers.folding import Text
from record.identifiers.remark import Code, Remark, Severity


class Kind(StrEnum):
    """Everything that a gate reads, scans or has typed in; the closed list of the contract."""

    DAE = "dae"
    DAS = "das"
    DJT = "djt"
    TRS = "trs"
    CONTAINER = "container"
    SIZE_TYPE = "size_type"
    ACCESS_KEY = "access_key"
    RUC = "ruc"
    CEDULA = "cedula"
    PASSPORT = "passport"
    PLATE = "plate"
    SSCC = "sscc"
    AWB = "awb"
    HAWB = "hawb"
    ULD = "uld"
    SEAL = "seal"
    BOOKING = "booking"
    MRN = "mrn"
    TICKET = "ticket"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Identifier:
    """One text and what it is.

    ``normal`` is the form to store and compare: upper case, no separators. ``raw`` is the text as it came,
    cut only where it is longer than any identifier can be. ``alternatives`` are the other things that the
    same text may be, likeliest first; they have no alternatives of their own. A text that has the shape of
    a kind but fails its arithmetic is `Kind.UNKNOWN` with a remark that says which kind and why.
    """

    kind: Kind
    normal: str
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)
    remarks: tuple[Remark, ...] = ()
    raw: str = ""
    alternatives: tuple[Identifier, ...] = ()

    def __bool__(self) -> bool:
        """True when the text is something known."""
        return self.kind is not Kind.UNKNOWN

    @property
    def doubtful(self) -> bool:
        """True when a remark is a warning or an error, or when the text may be something else."""
        return bool(self.alternatives) or any(remark.severity is not Severity.INFO for remark in self.remarks)

    def has(self, code: Code) -> bool:
        """Whether a remark of this code was made."""
        return any(remark.code is code for remark in self.remarks)

    def readings(self) -> tuple[Identifier, ...]:
        """Everything that the text may be, likeliest first; empty when it is nothing known."""
        first = (replace(self, alternatives=()),) if self else ()
        return first + self.alternatives

    def remarked(self, remarks: Iterable[Remark]) -> Identifier:
        """The same with further remarks at the end; one that is there already is not repeated."""
        fresh = tuple(remark for remark in remarks if remark not in self.remarks)
        return replace(self, remarks=self.remarks + fresh) if fresh else self


def refused(folded: Text, reason: Remark | None = None, exchange: Iterable[Remark] = ()) -> Identifier:
    """A text that is not of a kind; ``reason`` where it came near, ``exchange`` what was swapped for that."""
    remarks = (*folded.remarks, *exchange, *((reason,) if reason else ()))
    return Identifier(Kind.UNKNOWN, folded.compact, {}, remarks, folded.raw)
