"""A case: everything that one draft is made from, gathered before anything is decided."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from gateway.clerk.act import OF_ONE_DOCUMENT, Act, entries
from gateway.clerk.boxes import Box, Boxes, Certainty, boxes, carried
from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.ledger import Total
from gateway.clerk.mass import (
    BoxTare,
    Mass,
    Part,
    Vehicle,
    declared,
    piece,
    weighed_once,
    weighed_twice,
)
from gateway.clerk.stay import Match
from gateway.clerk.tares import Doubt, Stored, stored_tare
from gateway.clerk.visit import Visit
from gateway.clerk.weighing import Settled
from gateway.site.site import Flow, LanePart, PayloadWeight, Site, Weigh
from record.announcing.document import of_identifier
from record.draft import BaseDocument
from record.identifiers.identifier import Identifier
from record.preadvice import Announced, Preadvice
from record.release import Release

WEIGHING = "weighing-1"
SECOND = "weighing-2"
PREADVICE = "preadvice-1"
TARE = "tare-1"
CONTAINER_FIELD, TYPE_FIELD = "/items/0/container", "/items/0/size_type"
WEIGHT_FIELD = "/items/0/weight_kg"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a draft says of the machine that made it."""

    machine: str
    version: str
    clock: str = "unknown"


@dataclass(frozen=True, slots=True)
class Second:
    """The weighing of a truck on its way out, its visit and lane, and how its stay was found."""

    visit: Visit
    weighing: Settled
    match: Match
    lane: LanePart


@dataclass(frozen=True, slots=True)
class Load:
    """What all documents of one truck have together: how many there are, and the weight declared for each."""

    documents: int = 1
    declared: tuple[Decimal | None, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether the measured net belongs to several documents, and so to none of them alone."""
        return self.documents > 1

    @property
    def sum(self) -> Decimal | None:
        """All declared weights, None where one is unknown."""
        known = [each for each in self.declared if each is not None]
        return sum(known, Decimal(0)) if len(known) == self.documents else None


@dataclass(frozen=True)
class Case:
    """One base document of one visit (or none), with all that bears on it; ``place`` counts its documents.

    What follows from it is worked out once, when it is first asked for.
    """

    visit: Visit
    site: Site
    lane: LanePart
    circumstances: Circumstances
    document: BaseDocument | None
    preadvice: Preadvice | None
    release: Release | None
    expected: frozenset[str]
    load: Load
    before: Total
    second: Second | None = None
    match: Match | None = None
    leaving: bool = False
    place: int = 0
    learnt: LearntTare | None = None

    @cached_property
    def announced(self) -> Announced:
        """What was announced of this cargo, of its one container where several were announced."""
        if self.preadvice is None:
            return Announced()
        numbers = [box.number for box in self.boxes.known]
        return self.preadvice.of_container(numbers[0] if len(numbers) == 1 else None)

    @property
    def has_shares(self) -> bool:
        """Whether each of the containers has an announced cargo of its own."""
        shares = {share.container for share in self.preadvice.shares} if self.preadvice else set()
        return all(box.number in shares for box in self.boxes.known)

    @cached_property
    def declared_kg(self) -> Decimal | None:
        """What was declared of the whole load, None where a part of it is not known."""
        if self.load.shared:
            return self.load.sum
        if len(self.boxes.known) < 2 or self.preadvice is None:
            return self.announced.weight_kg
        if not self.has_shares:
            return None
        found = [self.preadvice.of_container(box.number).weight_kg for box in self.boxes.known]
        known = [kg for kg in found if kg is not None]
        return sum(known, Decimal(0)) if len(known) == len(found) else None

    @property
    def procedure(self) -> str | None:
        """The procedure of a land border: the announced one, else the lane's."""
        announced = self.preadvice.procedure if self.preadvice else None
        return announced or self.lane.procedure

    @cached_property
    def entries(self) -> dict[str, Act]:
        """The last entry of a person for each field; what one document has for itself is the first one's."""
        made = entries(self.visit.acts)
        if self.place == 0:
            return made
        return {field: act for field, act in made.items() if field not in OF_ONE_DOCUMENT}

    @property
    def promised(self) -> frozenset[str]:
        """The containers that were announced under the truck's documents; pieces for air pallets have none."""
        named = self.document is not None and self.lane.flow is not Flow.AIR
        return self.expected if named else frozenset()

    @property
    def looks_for_boxes(self) -> bool:
        """Whether the cargo comes in containers: on a lane for them, and wherever some were announced."""
        return self.lane.flow is Flow.CONTAINER or bool(self.promised)

    @cached_property
    def boxes(self) -> Boxes:
        """The containers: what the cameras say, or a person in their place."""
        seen = boxes(self.visit.sightings, self.expected)
        if self.lane.flow is not Flow.CONTAINER:
            seen = carried(seen, self.promised)
        seen = replace(seen, known=tuple(map(self._typed, seen.known)))
        number, code = self.entries.get(CONTAINER_FIELD), self.entries.get(TYPE_FIELD)
        if number is None and code is None:
            return seen
        if number is not None and number.value is None:
            return Boxes(Certainty.NOTHING)
        machine = seen.known[0] if seen.known else None
        chosen = str(number.value) if number else machine.number if machine else None
        if chosen is None:
            return seen
        own = machine if machine and machine.number == chosen else Box(chosen, None, ())
        type_code = (str(code.value) if code.value else None) if code else own.type_code
        box = replace(own, type_code=type_code)
        box = box if code else self._typed(box)
        return Boxes(Certainty.KNOWN, (box, *seen.known[1:]))

    def announced_type(self, number: str) -> str | None:
        """The size-type that was announced of a container."""
        return self.preadvice.of_container(number).size_type if self.preadvice else None

    def _typed(self, box: Box) -> Box:
        """The box with its announced size-type, where no picture shows one or some show it and some another."""
        announced = self.announced_type(box.number)
        fits = not box.types or announced in {each.code for each in box.types}
        return replace(box, type_code=announced) if box.type_code is None and announced and fits else box

    @cached_property
    def net(self) -> Mass:
        """The mass of the whole load as it was measured."""
        first = self.visit.weighing.kg if self.visit.weighing else None
        if self.lane.flow is Flow.AIR:
            return piece(first, WEIGHING)
        box_tares = self._box_tares()
        if self.second is not None:
            return weighed_twice(first, self.second.weighing.kg, box_tares, (WEIGHING, SECOND))
        if self.leaving and self.match is not None and self.match.stay.visit.weighing is not None:
            came = self.match.stay.visit.weighing.kg
            return weighed_twice(came, first, box_tares, (SECOND, WEIGHING), leaving=True)
        if weighs_twice(self.site, self.lane) and not self.leaving:
            return weighed_twice(first, None, box_tares, (WEIGHING, SECOND))
        return weighed_once(first, self._vehicle(), box_tares, WEIGHING)

    @cached_property
    def mass(self) -> Mass:
        """The mass that this document's item has: the load's, or what was declared where several share it.

        What was declared of air cargo is of many pieces: of one piece with several labels it says nothing.
        """
        if not self.load.shared:
            return self.net
        is_piece = self.lane.flow is Flow.AIR
        return declared(None if is_piece else self.announced.weight_kg, PREADVICE)

    @property
    def is_measured(self) -> bool:
        """Whether the draft's weight comes from the scale: nobody entered it, and no other was declared."""
        return WEIGHT_FIELD not in self.entries and not self.load.shared and len(self.boxes.known) < 2

    def paper(self, text: str) -> str | None:
        """The name of the site's other paper whose barcode this is, such as *mic_dta*; None where it is none."""
        papers = self.site.rules.papers.items()
        return next((name for name, pattern in papers if re.fullmatch(pattern, text.strip())), None)

    @property
    def lent_tare(self) -> Stored | None:
        """The stored tare that the load's mass rests on."""
        stored = self.stored_tare
        is_lent = any(part.origin == TARE for part in self.net.parts)
        return stored if is_lent and isinstance(stored, Stored) else None

    @cached_property
    def stored_tare(self) -> Stored | Doubt | None:
        """The stored tare of the truck's plate, or the plates between which it is in doubt."""
        found = stored_tare(self.visit, self.site.tares.vehicles)
        return Stored.of(self.learnt) if found is None and self.learnt is not None else found

    def _vehicle(self) -> Vehicle:
        """Tares of the truck: stored for its plate, else declared, else the site's for any truck."""
        stored, tares = self.stored_tare, self.site.tares
        if isinstance(stored, Doubt):
            return Vehicle(lacking=", ".join(stored.plates))
        if stored is not None:
            return Vehicle((Part("vehicle", -stored.kg, TARE),))
        if self.announced.vehicle_tare_kg is not None:
            return Vehicle((Part("vehicle", -self.announced.vehicle_tare_kg, PREADVICE),))
        parts: tuple[Part, ...] = ()
        for what, kg in (("tractor", tares.tractor_kg), ("chassis", tares.chassis_kg)):
            if kg is None:
                return Vehicle(parts, what)
            parts += (Part(what, -kg, "site"),)
        return Vehicle(parts)

    def _box_tares(self) -> Iterable[BoxTare | None]:
        """Tares to take off: none where the box counts as cargo, or where no box is expected."""
        if not self.looks_for_boxes and not self.boxes.known:
            return ()
        if self.site.rules.payload_weight is PayloadWeight.CARGO_AND_CONTAINER:
            return ()
        return tuple(self._box_tare(box) for box in self.boxes.known) or (None,)

    def _box_tare(self, box: Box) -> BoxTare | None:
        announced = self.announced.box_tare_kg
        if announced is not None and len(self.boxes.known) == 1:
            return BoxTare(announced, PREADVICE)
        stored = self.site.tares.boxes.get(box.type_code or "")
        return BoxTare(stored, "site") if stored is not None else None


def documents(visit: Visit) -> tuple[BaseDocument, ...]:
    """Every base document that was scanned, once each; a person's entry stands in place of the first one."""
    scanned = (of_identifier(scan.identifier) for scan in visit.scans)
    found = list(dict.fromkeys(document for document in scanned if document is not None))
    act = entries(visit.acts).get("/document")
    if act is None:
        return tuple(found)
    own = [BaseDocument.from_wire(act.value)] if act.value is not None else []
    return tuple(dict.fromkeys([*own, *found[1:]]))


def candidates(visit: Visit) -> frozenset[str]:
    """Every number that a picture of the visit may show: announced ones among them count for more."""
    sightings = [seen.sighting for seen in visit.sightings]
    guesses = {candidate.number for sighting in sightings for candidate in sighting.candidates}
    return frozenset(guesses) | {number for sighting in sightings for number in sighting.numbers}


def names(identifier: Identifier, document: BaseDocument | None) -> bool:
    """Whether an identifier is this document, or may be."""
    return document is not None and any(of_identifier(each) == document for each in identifier.readings())


def weighs_twice(site: Site, lane: LanePart) -> bool:
    """Whether the trucks of a lane are weighed as they come and as they leave."""
    return (lane.weigh or site.rules.weigh) is Weigh.IN_AND_OUT
