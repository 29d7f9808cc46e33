"""Tickets that the gate itself prints for the driver: a prefix of the site's own and a number.

TKT D D D D D D …
|   +----------+-- six to twelve digits
+----------------- prefix, a setting of the site
"""

from __future__ import annotations

from record.identifiers.folding import Text, fold, swapped
from record.identifiers.identifier import Identifier, Kind, refused

PREFIX = "TKT"
SHORTEST, LONGEST = 6, 12


def parse(text: str | Text, *, prefix: str = PREFIX) -> Identifier:
    """A ticket of the site with this prefix, or unknown. Never raises; without a prefix there is none."""
    folded = fold(text)
    wanted = fold(prefix).compact
    number = folded.compact.removeprefix(wanted)
    if not wanted or number == folded.compact or not SHORTEST <= len(number) <= LONGEST:
        return refused(folded)
    fitted = swapped(number, "9" * len(number), most=2)
    if fitted is None:
        return refused(folded)
    digits, exchange = fitted
    parts = {"prefix": wanted, "number": digits}
    return Identifier(Kind.TICKET, wanted + digits, parts, (*folded.remarks, *exchange), folded.raw)


def written(prefix: str, number: int) -> str:
    """The text of a ticket's barcode: the prefix and the number, with at least six digits."""
    return f"{fold(prefix).compact}{number:0{SHORTEST}}"
