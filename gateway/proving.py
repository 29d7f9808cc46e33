"""What proves a draft: facts of a visit in the form that the evidence keeps them."""

from __future__ import annotations

from decimal import Decimal

from gateway.boxes import Boxes
from gateway.mass import Mass
from gateway.preadvice import hash_of
from gateway.site import Certificate
from gateway.visit import Scanned, Seen
from gateway.weighing import Settled
from record.draft import (
    Arithmetic,
    CandidateProof,
    PreadviceProof,
    ScanProof,
    SightingProof,
    Term,
    WeighingProof,
)
from record.preadvice import Preadvice

MOST_SIGHTINGS = 12
"""Sightings that an event carries; the tape has them all."""

WEIGHING = "weighing-1"
ARITHMETIC = "arithmetic-1"
PREADVICE = "preadvice-1"


def chosen(sightings: tuple[Seen, ...], found: Boxes) -> list[tuple[int, Seen]]:
    """The sightings that an event carries, numbered by their order: those that a box stands on come first."""
    proving = {picture for box in found.known for picture in box.pictures}
    numbered = list(enumerate(sightings, 1))
    first = [pair for pair in numbered if pair[1].picture in proving]
    others = [pair for pair in numbered if pair[1].picture not in proving]
    return sorted((first + others)[:MOST_SIGHTINGS], key=lambda pair: pair[0])


def weighing_proof(settled: Settled, certificate: Certificate | None) -> WeighingProof:
    """The weighing with its frame; the scale's certificate as the site's file has it."""
    weight = settled.weight
    return WeighingProof(
        id=WEIGHING,
        at=settled.at,
        device=settled.device,
        value=weight.value,
        unit=weight.unit.value,
        kg=weight.kg,
        kind=weight.kind.value,
        stability=weight.stability.value,
        settled_by=settled.by,
        raw=weight.raw.hex(),
        alibi=weight.alibi,
        checksum=weight.checksum.value,
        remarks=tuple(sorted(remark.value for remark in weight.remarks)),
        certificate=certificate.number if certificate else None,
    )


def arithmetic_proof(mass: Mass) -> Arithmetic:
    """The way to a mass, number by number."""
    terms = tuple(Term(what=part.what, kg=part.kg, origin=part.origin) for part in mass.parts)
    return Arithmetic(
        id=ARITHMETIC,
        way="declared" if mass.parts[0].what == "declared" else "gross_minus_tares",
        terms=terms,
        kg=mass.kg,
    )


def sighting_proof(index: int, seen: Seen) -> SightingProof:
    """One reading of one picture."""
    sighting = seen.sighting
    return SightingProof(
        id=f"sighting-{index}",
        at=seen.at,
        device=seen.camera,
        picture=seen.picture,
        status=sighting.status.value,
        number=sighting.number,
        type_code=sighting.type_code,
        cost=_rounded(sighting.cost),
        margin=_rounded(sighting.margin),
        candidates=tuple(
            CandidateProof(number=each.number, cost=Decimal(f"{each.cost:.3f}"))
            for each in sighting.candidates[:4]
        ),
        crop=seen.crop,
    )


def scan_proof(index: int, scanned: Scanned) -> ScanProof:
    """One barcode; its text is cut to what an event may hold."""
    return ScanProof(
        id=f"scan-{index}",
        at=scanned.at,
        device=scanned.device,
        text=scanned.scan.text[:200],
        symbology=scanned.scan.symbology,
        kind=scanned.identifier.kind.value,
        normal=scanned.identifier.normal[:200],
        parts=dict(scanned.identifier.parts),
    )


def preadvice_proof(preadvice: Preadvice) -> PreadviceProof:
    """Which announcement was looked up, in which version."""
    return PreadviceProof(
        id=PREADVICE, preadvice=preadvice.id, version=preadvice.version, hash=hash_of(preadvice)
    )


def _rounded(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(f"{number:.3f}")
