"""What is written before a number: ``DAE: 028-…``, ``SELLO No. AB123456``, ``C.I. 1710034065``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from record.identifiers.identifier import Kind

_BY_KIND: dict[tuple[Kind, ...], str] = {
    (Kind.DAE,): "DAE|D.A.E|DECLARACION ADUANERA|DECLARACION ADUANERA DE EXPORTACION|REFRENDO",
    (Kind.ACCESS_KEY,): "CLAVE DE ACCESO|CLAVE ACCESO|CLAVE|ACCESS KEY|AUTORIZACION|GUIA DE REMISION",
    (Kind.CONTAINER,): "CONTENEDOR|CONTENEDORES|CONTAINER|CONT|CNTR|CTR|UNIDAD|EQUIPO",
    (Kind.SIZE_TYPE,): "TIPO|SIZE-TYPE|SIZE|ISO TYPE|ISO|SZTP|TAMANO",
    (Kind.RUC,): "RUC|R.U.C",
    (Kind.CEDULA,): "CEDULA|CEDULA DE IDENTIDAD|CEDULA DE CIUDADANIA|C.I|CI|C.C|CC|DNI",
    (Kind.CEDULA, Kind.PASSPORT): "CONDUCTOR|CHOFER|DRIVER",
    (Kind.PASSPORT,): "PASAPORTE|PASSPORT",
    (Kind.PLATE,): "PLACA|PLACAS|PLATE|VEHICULO|CAMION|TRACTO|CABEZAL|REMOLQUE|PLATAFORMA|TRAILER",
    (Kind.SSCC,): "SSCC",
    (Kind.AWB,): "AWB|MAWB|GUIA MADRE|AIR WAYBILL",
    (Kind.AWB, Kind.HAWB): "GUIA AEREA",
    (Kind.HAWB,): "HAWB|H.A.W.B|GUIA HIJA|HOUSE AWB",
    (Kind.ULD,): "ULD",
    (Kind.SEAL,): "SELLO|SELLOS|PRECINTO|PRECINTOS|SEAL|SEALS",
    (Kind.BOOKING,): "BOOKING|BKG|BK|RESERVA",
    (Kind.MRN,): "MRN|MANIFIESTO|NUMERO DE CARGA",
    (Kind.TICKET,): "TICKET",
}

WORDS: dict[str, tuple[Kind, ...]] = {
    word: kinds for kinds, words in _BY_KIND.items() for word in words.split("|")
}
"""Words in capitals without accents, and the kinds that they announce, likeliest first."""

_WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
_NUMBER_WORD = r"(?:N(?:O|RO|UM|UMERO|UMBER)?\b\.?[ °º]*|N[°º] *|# *)?"
_LABELLED = re.compile(rf"(?P<word>{_WORD})\b\.?(?P<mark>[ :#=./-]+){_NUMBER_WORD}[ :=]*(?P<rest>.+)")

_GLUED = re.compile(
    r"(?P<word>HAWB|MAWB|SEAL|SELLO|PRECINTO|BOOKING|TICKET|CEDULA)(?P<mark>)(?P<rest>[0-9].*)"
)
"""Words that may run on into their number: longer than a plate's letters, and no container's owner."""


_WORDS_BEFORE = re.compile(r"(?:[^0-9 :=#]+[ :=#]+)+")
_MOST_WORDS = 6


class Labelled(NamedTuple):
    """A label, the kinds that it announces, what follows, and whether the two are clearly set apart.

    Three letters are not set apart by a hyphen or space alone: ``AWB-1234`` is a number plate.
    """

    word: str
    kinds: tuple[Kind, ...]
    rest: str
    apart: bool


def split(plain: str) -> Labelled | None:
    """The label of a text in `folding.Text.plain` form, or None where there is none."""
    match = _LABELLED.fullmatch(plain) or _GLUED.fullmatch(plain)
    if match is None:
        return None
    word, mark, rest = match["word"], match["mark"], match["rest"]
    apart = len(word) > 3 or bool(set(mark) & set(":#="))
    return Labelled(word, WORDS[word], rest, apart)


def behind(plain: str) -> Iterator[Labelled]:
    """What stands behind the words that a text begins with, one word less each time, with what they announce."""
    before = _WORDS_BEFORE.match(plain)
    ends = [word.end() for word in re.finditer(r"[ :=#]+", before[0])] if before else []
    for end in ends[:_MOST_WORDS]:
        words = plain[:end].rstrip(" :=#")
        if plain[end:]:
            yield Labelled(words, _announced(words), plain[end:], apart=True)


def _announced(words: str) -> tuple[Kind, ...]:
    """The kinds that any word of several announces."""
    found = re.findall(rf"(?<![A-Z])(?:{_WORD})(?![A-Z])", words)
    return tuple(dict.fromkeys(kind for word in found for kind in WORDS[word]))
