"""What proves a draft: facts of a visit in the form that the evidence keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from gateway.clerk.act import Act
from gateway.clerk.boxes import Boxes
from gateway.clerk.case import PREADVICE, SECOND, TARE, WEIGHING, Case, names
from gateway.clerk.mass import Mass
from gateway.clerk.personal import is_masked, is_personal, said
from gateway.clerk.plates import UNKNOWN, part_by_order
from gateway.clerk.visit import PlateSeen, Scanned, Seen, Visit
from gateway.clerk.weighing import Settled
from gateway.outbox.outbox import Letter
from gateway.preadvice.book import hash_of
from gateway.site.site import Certificate, Flow
from record import draft as proofs
from record.base import timestamp
from record.event import EventType
from record.identifiers.identifier import Kind
from record.preadvice import Preadvice
from record.proof import canonical, sha256

MOST_SIGHTINGS = 12
"""Sightings that an event carries; the tape has them all."""
MOST_PLATES = 6
"""Plates of pictures that an event carries: a truck has two, the trucks behind it are seen as well."""

MOST_SCANS = 60
"""The same of scans: a load has fewer papers, a flooding scanner more."""

ARITHMETIC = "arithmetic-1"
RELEASE = "release-1"
STORED_TARES, SAME_VEHICLE = "stored_tares", "same_vehicle_leaves_empty"


def evidence(case: Case) -> proofs.Evidence:
    """Everything that proves a draft of this case."""
    visit, certificate = case.visit, case.lane.scale.certificate
    personal = personal_file(visit, case.site.rules.papers.values())
    return proofs.Evidence(
        weighings=tuple(_weighings(case, certificate)),
        arithmetic=(_arithmetic(case.mass),) if case.mass.parts else (),
        sightings=tuple(_sighting(index, seen) for index, seen in chosen(visit, case.boxes)),
        scans=tuple(_scan(case, index, scan) for index, scan in public_scans(case)),
        plates=tuple(_plates(case)),
        tares=tuple(_tares(case)),
        preadvice=(_preadvice(case.preadvice),) if case.preadvice else (),
        releases=tuple(_releases(case)),
        acts=tuple(_act(index, act) for index, act in enumerate(visit.acts, 1)),
        stay=_stay(case),
        vgm=_vgm(case, certificate),
        procedure=case.procedure,
        personal=sha256(personal) if personal else None,
        clock=case.circumstances.clock,
        machine=case.circumstances.machine,
        version=case.circumstances.version,
    )


def public_scans(case: Case) -> list[tuple[int, Scanned]]:
    """The scans that an event may carry, numbered by their order among all: first those that name the document,
    then what is anything known."""
    papers = case.site.rules.papers.values()
    found = [(i, scan) for i, scan in enumerate(case.visit.scans, 1) if not is_personal(scan, papers)]
    if len(found) <= MOST_SCANS:
        return found

    def weight(pair: tuple[int, Scanned]) -> tuple[bool, bool]:
        identifier = pair[1].identifier
        return not names(identifier, case.document), identifier.kind is Kind.UNKNOWN

    return sorted(sorted(found, key=weight)[:MOST_SCANS], key=lambda pair: pair[0])


def personal_file(visit: Visit, papers: Collection[str] = ()) -> bytes | None:
    """What was scanned of the driver, as a file of its own: salted, so that its hash tells nobody anything."""
    scans = [scan for scan in visit.scans if is_personal(scan, papers) or is_masked(scan)]
    if not scans:
        return None
    found = [
        {"kind": s.identifier.kind.value, "text": _kept(s.scan.text), "at": timestamp(s.at)} for s in scans
    ]
    return canonical({"salt": visit.salt, "visit": visit.id, "scans": found})


def _kept(text: str) -> str:
    """A text as a file can hold it: bounded, and without halves of characters."""
    return text[:200].encode("utf-8", "replace").decode("utf-8")


def chosen(visit: Visit, found: Boxes) -> list[tuple[int, Seen]]:
    """The sightings that an event carries, numbered by their order: those that a box stands on come first."""
    proving = {picture for box in found.known for picture in box.pictures}
    numbered = visit.looks
    first = [pair for pair in numbered if pair[1].picture in proving]
    others = [pair for pair in numbered if pair[1].picture not in proving]
    return sorted((first + others)[:MOST_SIGHTINGS], key=lambda pair: pair[0])


def _weighings(case: Case, certificate: Certificate | None) -> Iterator[proofs.WeighingProof]:
    if case.visit.weighing is not None:
        yield _weighing(WEIGHING, case.visit.weighing, certificate, case.visit.zero_kg)
    if case.second is not None:
        yield _weighing(SECOND, case.second.weighing, case.second.lane.scale.certificate, None)
    elif case.leaving and case.match is not None and case.match.stay.visit.weighing is not None:
        came = case.match.stay.visit
        if came.weighing is not None:
            yield _weighing(SECOND, came.weighing, certificate, came.zero_kg)


def _weighing(
    name: str, settled: Settled, certificate: Certificate | None, zero: Decimal | None
) -> proofs.WeighingProof:
    """The weighing with its frame; the scale's certificate as the site's file has it."""
    weight = settled.weight
    return proofs.WeighingProof(
        id=name,
        at=settled.at,
        device=settled.device,
        value=weight.value,
        unit=weight.unit.value,
        kg=settled.kg,
        kind=weight.kind.value,
        stability=weight.stability.value,
        settled_by=settled.by,
        raw=weight.raw.hex(),
        alibi=weight.alibi,
        checksum=weight.checksum.value,
        remarks=tuple(sorted(remark.value for remark in weight.remarks)),
        zero_kg=zero,
        axles_kg=tuple(axle.kg for axle in settled.axles),
        certificate=certificate.number if certificate else None,
    )


def _arithmetic(mass: Mass) -> proofs.Arithmetic:
    """The way to a mass, number by number."""
    terms = tuple(proofs.Term(what=part.what, kg=part.kg, origin=part.origin) for part in mass.parts)
    return proofs.Arithmetic(id=ARITHMETIC, way=mass.way.value, terms=terms, kg=mass.kg)


def _sighting(index: int, seen: Seen) -> proofs.SightingProof:
    """One reading of one picture."""
    sighting = seen.sighting
    return proofs.SightingProof(
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
            proofs.CandidateProof(number=each.number, cost=Decimal(f"{each.cost:.3f}"))
            for each in sighting.candidates[:4]
        ),
        crop=seen.crop,
    )


def _scan(case: Case, index: int, scanned: Scanned) -> proofs.ScanProof:
    """One barcode; its text is cut to what an event may hold, and what says who somebody is is hidden."""
    text, normal, parts = said(scanned)
    return proofs.ScanProof(
        id=f"scan-{index}",
        at=scanned.at,
        device=scanned.device,
        text=text[:200],
        symbology=scanned.scan.symbology,
        kind=_kind(case, scanned),
        normal=normal[:200],
        parts=parts,
    )


def _kind(case: Case, scanned: Scanned) -> str:
    """What the text is: one of the known kinds, or a paper that the site has named."""
    known = scanned.identifier.kind
    return (case.paper(scanned.scan.text) if known is Kind.UNKNOWN else None) or known.value


def _plates(case: Case) -> Iterator[proofs.PlateProof]:
    """Every plate once: those that were scanned in their order, then those that cameras alone have seen.

    Which part a plate belongs to the camera's place tells; of scans alone their order, since a gate hands the
    tractor's papers over first.
    """
    visit = case.visit
    seen = _seen_plates(visit)
    scans = [(i, s) for i, s in enumerate(visit.scans, 1) if s.identifier.kind is Kind.PLATE]
    for place, (index, scan) in enumerate(scans, 1):
        plate = scan.identifier.normal
        part = seen[plate].part if plate in seen else None
        yield proofs.PlateProof(
            id=f"plate-{place}", plate=plate, part=part or part_by_order(place), origin=f"scan-{index}"
        )
    scanned = {scan.identifier.normal for _, scan in scans}
    alone = [plate for plate in seen if plate not in scanned]
    pictures = {each.picture: f"sighting-{i}" for i, each in chosen(visit, case.boxes)}
    for place, plate in enumerate(alone[:MOST_PLATES], len(scans) + 1):
        shown = seen[plate]
        yield proofs.PlateProof(
            id=f"plate-{place}",
            plate=plate,
            part=shown.part or UNKNOWN,
            origin=pictures.get(shown.picture, shown.picture),
            at=shown.at,
            device=shown.camera,
            picture=shown.picture,
            cost=_rounded(shown.cost),
        )


def _seen_plates(visit: Visit) -> dict[str, PlateSeen]:
    """The plates that cameras saw, each with the picture that proves it: one of a known part before others."""
    found: dict[str, PlateSeen] = {}
    for each in visit.plates:
        for plate in each.plates:
            if plate not in found or (found[plate].part is None and each.part is not None):
                found[plate] = each
    return found


def _tares(case: Case) -> Iterator[proofs.TareProof]:
    """The stored tare that the weight rests on."""
    stored = None if case.load.shared else case.lent_tare
    if stored is None:
        return
    learnt = stored.learnt
    yield proofs.TareProof(
        id=TARE,
        plates=learnt.plates if learnt else (stored.plate,),
        kg=stored.kg,
        day=stored.day,
        source=proofs.TareSource.LEARNT if learnt else proofs.TareSource.SITE,
        before_kg=learnt.before_kg if learnt else None,
        visit=learnt.visit if learnt else None,
        stay=learnt.stay if learnt else None,
        device=learnt.device if learnt else None,
    )


def _preadvice(preadvice: Preadvice) -> proofs.PreadviceProof:
    """Which announcement was looked up, in which version."""
    return proofs.PreadviceProof(
        id=PREADVICE, preadvice=preadvice.id, version=preadvice.version, hash=hash_of(preadvice)
    )


def _releases(case: Case) -> Iterator[proofs.Release]:
    if case.release is not None and case.leaving:
        yield proofs.Release(id=RELEASE, release=case.release.id, reason=case.release.reason.value)


def _act(index: int, act: Act) -> proofs.Act:
    return proofs.Act(
        id=f"act-{index}",
        at=act.at,
        person=act.person,
        role=act.role,
        act=f"{act.deed.value} {act.field}".strip(),
        reason=act.reason,
    )


def _stay(case: Case) -> proofs.Stay | None:
    match = case.second.match if case.second else case.match
    if match is None:
        return None
    return proofs.Stay(stay=match.stay.id, visit=match.stay.visit.id, matched_by=match.by)


def _vgm(case: Case, certificate: Certificate | None) -> proofs.Vgm | None:
    """The packed container's verified gross mass, where one container was weighed and the truck's tare is known."""
    together = case.net.with_box
    if (
        case.lane.flow is not Flow.CONTAINER
        or len(case.boxes.known) != 1
        or together is None
        or together <= 0
    ):
        return None
    return proofs.Vgm(
        container=case.boxes.known[0].number,
        kg=together,
        certificate=certificate.number if certificate else None,
        assumption=SAME_VEHICLE if case.second else STORED_TARES,
    )


def _rounded(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(f"{number:.3f}")


def named_pictures(letter: Letter) -> Iterator[str]:
    """The hashes of the pictures and lines that a draft's event names."""
    if letter.type is EventType.DRAFT:
        evidence = letter.data["evidence"]
        for proof in (*evidence["sightings"], *evidence["plates"]):
            yield from (proof[name] for name in ("picture", "crop") if proof.get(name))
