"""What is written before a number: ``DAE: 028-…``, ``SELLO No. AB123456``, ``C.I. 1710034065``."""

from __future__ import annotations

import re
from typing import NamedTuple

from record.identifiers.identifier import Kind

WORDS: dict[str, tuple[Kind, ...]] = {
    "DAE": (Kind.DAE,),
    "DECLARACION ADUANERA": (Kind.DAE,),
    "CLAVE DE ACCESO": (Kind.ACCESS_KEY,),
    "CLAVE": (Kind.ACCESS_KEY,),
    "ACCESS KEY": (Kind.ACCESS_KEY,),
    "AUTORIZACION": (Kind.ACCESS_KEY,),
    "CONTENEDOR": (Kind.CONTAINER,),
    "CONTAINER": (Kind.CONTAINER,),
    "CONT": (Kind.CONTAINER,),
    "CNTR": (Kind.CONTAINER,),
    "TIPO": (Kind.SIZE_TYPE,),
    "SIZE-TYPE": (Kind.SIZE_TYPE,),
    "RUC": (Kind.RUC,),
    "R.U.C": (Kind.RUC,),
    "CEDULA": (Kind.CEDULA,),
    "C.I": (Kind.CEDULA,),
    "CI": (Kind.CEDULA,),
    "PASAPORTE": (Kind.PASSPORT,),
    "PASSPORT": (Kind.PASSPORT,),
    "PLACA": (Kind.PLATE,),
    "PLATE": (Kind.PLATE,),
    "SSCC": (Kind.SSCC,),
    "AWB": (Kind.AWB,),
    "MAWB": (Kind.AWB,),
    "GUIA AEREA": (Kind.AWB, Kind.HAWB),
    "HAWB": (Kind.HAWB,),
    "GUIA HIJA": (Kind.HAWB,),
    "ULD": (Kind.ULD,),
    "SELLO": (Kind.SEAL,),
    "PRECINTO": (Kind.SEAL,),
    "SEAL": (Kind.SEAL,),
    "BOOKING": (Kind.BOOKING,),
    "BKG": (Kind.BOOKING,),
    "RESERVA": (Kind.BOOKING,),
    "MRN": (Kind.MRN,),
    "TICKET": (Kind.TICKET,),
}
"""Words in capitals without accents, and the kinds that they announce, likeliest first."""

_WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
_NUMBER_WORD = r"(?:N(?:O|RO|UM|UMERO|UMBER)?\b\.?[ °º]*|N[°º] *|# *)?"
_LABELLED = re.compile(rf"(?P<word>{_WORD})\b\.?(?P<mark>[ :#=./-]+){_NUMBER_WORD}[ :=]*(?P<rest>.+)")

_GLUED = re.compile(
    r"(?P<word>HAWB|MAWB|SEAL|SELLO|PRECINTO|BOOKING|TICKET|CEDULA)(?P<mark>)(?P<rest>[0-9].*)"
)
"""Words that may run on into their number: longer than a plate's letters, and no container's owner."""


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
