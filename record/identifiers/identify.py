"""One function that says what a scanned, typed or read text is.

    text ─ fold ─▶ label? ─▶ every kind reads it ─┬▶ readings by rank ─▶ kind, alternatives
                                                  └▶ reasons of kinds that came near ─▶ remarks of an unknown

What is only possible by its shape is never the kind, but stands in the alternatives (`rank`).

A number with the shape of a checked kind and a wrong check digit is unknown; what else it might be by its
shape stands in the alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from record.codes import Codes, shipped
from record.identifiers import (
    access_key,
    air,
    base_document,
    booking,
    cedula,
    container,
    dae,
    label,
    mrn,
    passport,
    plate,
    ruc,
    seal,
    size_type,
    sscc,
    ticket,
)
from record.identifiers.folding import LIMIT, Text, fold
from record.identifiers.identifier import Identifier, Kind, refused
from record.identifiers.rank import PROVEN, Rank, certain, rank
from record.identifiers.remark import Code, remark

MOST_ALTERNATIVES = 8
MOST_TOKENS = 16
"""Words of a text that are looked at one by one."""


@dataclass(frozen=True)
class Site:
    """What a site adds: the countries of its trucks in its order, its tickets' prefix, today's date for years
    that have not come, whether old plates are padded, and the longest seal that its form takes."""

    countries: tuple[str, ...] = plate.COUNTRIES
    ticket_prefix: str = ticket.PREFIX
    today: date | None = None
    pad_plates: bool = False
    longest_seal: int = seal.LONGEST


def identify(
    text: str,
    *,
    codes: Codes | None = None,
    site: Site | None = None,
    expected: Kind | None = None,
) -> Identifier:
    """What a text is. Never raises and looks at no more than `folding.LIMIT` characters.

    ``codes`` are the lists to look codes up in, the shipped ones when None; ``site`` what the site adds;
    ``expected`` the kind that the field or the scanner stands for: a reading of that kind comes first, and a
    kind without proof (seal, booking, HAWB, passport) is only then certain enough to be the answer.
    """
    folded = fold(text)
    if not folded.compact:
        return refused(folded, remark(Code.EMPTY))
    if len(text) > LIMIT:
        return refused(folded)
    reader = _Reader(codes or shipped(), site or Site())
    labelled = label.split(folded.plain)
    wanted = (expected,) if expected else ()
    whole = reader.read(folded, wanted)
    if labelled is None:
        return whole or reader.behind_words(folded, whole, wanted)
    rest = reader.read(_labelled_part(folded, labelled, reader.site.ticket_prefix), wanted or labelled.kinds)
    return _with_label(labelled, whole, rest) or reader.behind_words(folded, rest, wanted)


def _with_label(labelled: label.Labelled, whole: Identifier, rest: Identifier) -> Identifier:
    """The reading of what follows the label, unless the text as a whole is something that proves itself."""
    if not whole or whole.has(Code.BY_SHAPE) or (rest and (labelled.apart or whole.kind is rest.kind)):
        if rest and rest.kind not in labelled.kinds:
            return rest.remarked([remark(Code.LABEL, label=labelled.word)])
        return rest
    others = [reading for reading in rest.readings() if reading.kind in labelled.kinds]
    return replace(whole, alternatives=_bounded([*whole.alternatives, *others]))


def _labelled_part(folded: Text, labelled: label.Labelled, ticket_prefix: str) -> Text:
    """What follows a label; a ticket's bare number is completed with the site's prefix."""
    bare = labelled.kinds == (Kind.TICKET,) and labelled.rest.isdigit()
    return _part(folded, ticket_prefix + labelled.rest if bare else labelled.rest)


def written(identifier: Identifier) -> str:
    """The normal form as people write it, with its separators."""
    writers = {
        Kind.DAE: dae.written,
        Kind.DAS: base_document.written,
        Kind.DJT: base_document.written,
        Kind.TRS: base_document.written,
        Kind.CONTAINER: container.written,
        Kind.RUC: ruc.written,
        Kind.CEDULA: cedula.written,
        Kind.PLATE: plate.written,
        Kind.SSCC: sscc.written,
        Kind.AWB: air.awb_written,
        Kind.ULD: air.uld_written,
    }
    return writers[identifier.kind](identifier.normal) if identifier.kind in writers else identifier.normal


@dataclass(frozen=True)
class _Reader:
    """All kinds with the lists and settings that they ask for."""

    codes: Codes
    site: Site

    def read(self, folded: Text, wanted: tuple[Kind, ...] = ()) -> Identifier:
        """One text without its label: the likeliest reading with the others, or unknown with reasons."""
        answers = list(self._answers(folded))
        prefixes = self.codes["booking_prefixes"]
        ranked = sorted(
            ((rank(answer, wanted, prefixes), answer) for answer in answers if answer),
            key=lambda pair: (pair[0], _place(wanted, pair[1].kind)),
        )
        near = [answer for answer in answers if not answer and len(answer.remarks) > len(folded.remarks)]
        blocked = any(not answer.has(Code.SWAPPED) for answer in near)
        if not ranked or ranked[0][0] >= (Rank.PROVEN_SWAPPED if blocked else Rank.POSSIBLE):
            reasons = [reason for answer in near for reason in answer.remarks]
            found = refused(folded).remarked(reasons)
            parts = next((answer.parts for answer in near if answer.parts), {})
            return replace(found, parts=parts, alternatives=_bounded([answer for _, answer in ranked]))
        doubts = [reason for answer in near for reason in answer.remarks if reason.code is Code.OLD_REFRENDO]
        return _best(ranked).remarked(doubts)

    def _answers(self, folded: Text) -> Iterator[Identifier]:
        """What each kind says of the text: an identifier of that kind, or unknown with its reason."""
        codes, site = self.codes, self.site
        yield access_key.parse(folded, documents=codes["access_key_documents"].known())
        yield sscc.parse(folded)
        number = dae.parse(
            folded,
            districts=codes.districts,
            regimes=codes.export_regimes,
            import_regimes=codes.import_regimes,
            today=site.today,
        )
        yield number
        courier = base_document.courier(number)
        if courier:
            yield courier
        yield container.parse(folded)
        yield ruc.parse(folded, provinces=codes["provinces"])
        yield cedula.parse(folded, provinces=codes["provinces"])
        yield air.parse_awb(folded)
        yield mrn.parse(folded)
        yield ticket.parse(folded, prefix=site.ticket_prefix)
        yield base_document.parse(folded)
        yield size_type.parse(folded, self._sizes())
        yield air.parse_uld(
            folded, categories=codes["uld_categories"].known(), bases=codes["uld_bases"].known()
        )
        letters = codes["plate_provinces"].known()
        yield from plate.parse(folded, countries=site.countries, letters=letters, pad=site.pad_plates)
        yield booking.parse(folded)
        yield passport.parse(folded)
        yield seal.parse(folded, longest=site.longest_seal)
        yield air.parse_hawb(folded)

    def _sizes(self) -> size_type.Sizes:
        known = {name: self.codes[f"size_{name}"].known() for name in ("lengths", "heights", "types")}
        return size_type.Sizes(**known, aliases=self.codes.size_aliases)

    def behind_words(self, folded: Text, whole: Identifier, wanted: tuple[Kind, ...]) -> Identifier:
        """What stands behind words of any kind: what they announce, or a number that proves itself."""
        for labelled in label.behind(folded.plain):
            kinds = wanted or labelled.kinds
            found = self.read(_part(folded, labelled.rest), kinds)
            if found and (found.kind in kinds or (found.kind in PROVEN and not found.has(Code.BY_SHAPE))):
                fits = not labelled.kinds or found.kind in labelled.kinds
                return found if fits else found.remarked([remark(Code.LABEL, label=labelled.word)])
            if not found and found.has(Code.CHECK_DIGIT):
                whole = found
        return self.pieces(folded, whole)

    def pieces(self, folded: Text, whole: Identifier) -> Identifier:
        """A text of several words of which some are identifiers: unknown, with those as alternatives.

        A container number followed by its size-type, as they stand on a door, is the container; one and
        the same identifier several times is that identifier.
        """
        joined = self._door(folded)
        if joined:
            return joined
        words = folded.plain.split(" ")[:MOST_TOKENS] if " " in folded.plain else []
        found = [self.read(_part(folded, word)) for word in words]
        proven = [piece for piece in found if piece and not piece.has(Code.BY_SHAPE)]
        if not proven:
            return whole
        if len(proven) == len(words) and len({(piece.kind, piece.normal) for piece in proven}) == 1:
            return proven[0]
        by_kind = {piece.kind: piece for piece in proven}
        if set(by_kind) == {Kind.CONTAINER, Kind.SIZE_TYPE} and len(proven) == len(by_kind):
            return _on_door(by_kind[Kind.CONTAINER], by_kind[Kind.SIZE_TYPE])
        count = remark(Code.SEVERAL, count=str(len(proven)))
        alternatives = _bounded([*proven, *whole.alternatives])
        return replace(whole.remarked([count]), alternatives=alternatives)

    def _door(self, folded: Text) -> Identifier | None:
        if len(folded.compact) != len(container.GRAMMAR) + 4:
            return None
        number = container.parse(_part(folded, folded.compact[:11]))
        size = size_type.parse(_part(folded, folded.compact[11:]), self._sizes())
        if not number or not size or size.has(Code.UNLISTED_SIZE):
            return None
        return _on_door(number, size)


def _on_door(number: Identifier, size: Identifier) -> Identifier:
    """A container's number with the size-type that stands beside it."""
    return replace(number, parts={**number.parts, "size_type": size.normal}, alternatives=(size,))


def _part(folded: Text, plain: str) -> Text:
    """A part of a text as a text, with the whole's raw form and remarks."""
    part = fold(plain)
    return replace(part, raw=folded.raw, aim=folded.aim, remarks=folded.remarks)


def _place(wanted: tuple[Kind, ...], kind: Kind) -> int:
    return wanted.index(kind) if kind in wanted else len(wanted)


def _best(ranked: list[tuple[Rank, Identifier]]) -> Identifier:
    first_rank, first = ranked[0]
    others = [answer for _, answer in ranked[1:]]
    if first_rank <= Rank.SHAPED and certain(first):
        others = [
            answer for answer in others if not answer.has(Code.BY_SHAPE) and not answer.has(Code.SWAPPED)
        ]
    return replace(first, alternatives=_bounded(others))


def _bounded(readings: list[Identifier]) -> tuple[Identifier, ...]:
    """Each reading once, without alternatives of its own, and not too many."""
    seen: dict[tuple[Kind, str, str], Identifier] = {}
    for reading in readings:
        key = (reading.kind, reading.normal, reading.parts.get("country", ""))
        seen.setdefault(key, replace(reading, alternatives=()))
    return tuple(seen.values())[:MOST_ALTERNATIVES]
