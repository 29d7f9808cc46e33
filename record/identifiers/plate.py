"""Number plates of trucks and trailers in Ecuador, Colombia and Peru.

    Ecuador    AAA-0123  AAA-012   three letters (the first is the province) and four digits, formerly three
               CC-0123             diplomatic and temporary: CC, CD, OI, AT, IT
               AA-012A             motorcycle
    Colombia   ABC123              cars and trucks;  R12345, S12345 trailers;  T1234 service
    Peru       A1B-234             a letter, two letters or digits, three digits

One text often fits several countries; each is a reading of its own, in the order of the site's countries,
those without a doubt first. The hyphen and spaces are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.remark import Code, Remark, remark

COUNTRIES = ("EC", "CO", "PE")


class Pattern(NamedTuple):
    """One form of plate: where, its name, its characters, its grammar for look-alikes (None: exact only)."""

    country: str
    form: str
    shape: re.Pattern[str]
    grammar: str | None


PATTERNS = (
    Pattern("EC", "current", re.compile(r"[A-Z]{3}[0-9]{4}"), "AAA9999"),
    Pattern("EC", "old", re.compile(r"[A-Z]{3}[0-9]{3}"), "AAA999"),
    Pattern("EC", "special", re.compile(r"(CC|CD|OI|AT|IT)[0-9]{3,4}"), None),
    Pattern("EC", "motorcycle", re.compile(r"[A-Z]{2}[0-9]{3}[A-Z]"), None),
    Pattern("CO", "current", re.compile(r"[A-Z]{3}[0-9]{3}"), "AAA999"),
    Pattern("CO", "trailer", re.compile(r"[RS][0-9]{5}"), None),
    Pattern("CO", "service", re.compile(r"T[0-9]{4}"), None),
    Pattern("PE", "current", re.compile(r"[A-Z][A-Z0-9]{2}[0-9]{3}"), "A??999"),
)

PROVINCE_LETTERS = frozenset("ABCEGHIJKLMNOPQRSTUVWXYZ")
_WITH_PROVINCE = {"current", "old", "motorcycle"}


def parse(
    text: str | Text,
    *,
    countries: Sequence[str] = COUNTRIES,
    letters: Container[str] = PROVINCE_LETTERS,
    pad: bool = False,
) -> tuple[Identifier, ...]:
    """Every plate that a text may be, likeliest first; empty when it is none. Never raises.

    ``countries`` are those of the site, in its order; ``letters`` the provinces' letters. With ``pad`` an old
    Ecuadorian plate is given as it is registered today (``ABC012`` as ``ABC0012``). Look-alikes are
    exchanged only where no country's plate fits as it stands, and never in a text of digits or letters alone.
    """
    folded = fold(text)
    wanted = [pattern for country in countries for pattern in PATTERNS if pattern.country == country]
    exact = [
        _found(folded, folded.compact, pattern, (), letters, pad)
        for pattern in wanted
        if pattern.shape.fullmatch(folded.compact)
    ]
    mixed = any(map(str.isalpha, folded.compact)) and any(map(str.isdigit, folded.compact))
    found = exact or [
        _found(folded, fitted[0], pattern, fitted[1], letters, pad)
        for pattern in wanted
        if mixed and pattern.grammar and (fitted := swapped(folded.compact, pattern.grammar, most=2))
    ]
    return tuple(sorted(found, key=lambda plate: plate.has(Code.PLATE_LETTER)))


def _found(
    folded: Text,
    normal: str,
    pattern: Pattern,
    exchange: tuple[Remark, ...],
    letters: Container[str],
    pad: bool,
) -> Identifier:
    parts = {"country": pattern.country, "form": pattern.form}
    remarks = [*folded.remarks, *exchange]
    if pattern.country == "EC" and pattern.form in _WITH_PROVINCE:
        parts["province"] = normal[0]
        if normal[0] not in letters:
            remarks.append(remark(Code.PLATE_LETTER, letter=normal[0]))
    if pattern.country == "EC" and pattern.form == "old":
        parts["padded"] = padded(normal)
        normal = parts["padded"] if pad else normal
    return Identifier(Kind.PLATE, normal, parts, tuple(remarks), folded.raw)


def padded(normal: str) -> str:
    """An old Ecuadorian plate of three letters and three digits with a zero between; others as they are."""
    return f"{normal[:3]}0{normal[3:]}" if re.fullmatch(r"[A-Z]{3}[0-9]{3}", normal) else normal


def written(normal: str) -> str:
    """The plate with its hyphen, where it is three characters and digits: ``ABC-0123``."""
    return f"{normal[:3]}-{normal[3:]}" if normal[3:].isdigit() and len(normal) in (6, 7) else normal
