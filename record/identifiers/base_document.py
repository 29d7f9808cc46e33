"""Documents other than a DAE that cargo may enter under: DAS, DJT, TRS.

    T T T [E] N N N …
    |   |  |  +------- number, up to 20 letters and digits; its layout is not published
    |   |  +---------- DAS-E, the electronic one
    +---+------------- DAS simplified declaration, DJT sworn declaration, TRS transhipment or transfer

Nothing but the three letters says what they are, so a number without them is never one. The letters belong to
the normal form (the E does not); `number` is what follows them. A DAS of 17 digits has the fields of a DAE in
its parts. Letters that run on into a container number (TRSU1234567) are not taken for it.
"""

from __future__ import annotations

import re

from record.identifiers import dae
from record.identifiers.folding import Text, fold
from record.identifiers.identifier import Identifier, Kind, refused

KINDS = {"DAS": Kind.DAS, "DJT": Kind.DJT, "TRS": Kind.TRS}
LONGEST = 20
"""Characters of the number at most."""

COURIER_REGIMES = frozenset({"94", "95"})
"""Regimes of courier and post, whose 17 digits may stand on a DAS as well as on a DAE."""

_CONTAINER = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
_NUMBERED = re.compile(
    r"(D\.?A\.?S|D\.?J\.?T|T\.?R\.?S)\.?(-?E\b)?[ :.#-]+N(?:O|RO|UM|UMERO)?\b[.° ]*[:°# ]*(?P<number>.+)"
)
"""What people write between the letters and the number: ``DAS No. 2026-000123``."""

_SHAPE = re.compile(r"(DAS|DJT|TRS)(E?)((?=(?:[A-Z]*[0-9]){3})[A-Z0-9]{3,20})")


def parse(text: str | Text) -> Identifier:
    """A DAS, DJT or TRS by its letters, or unknown. Never raises."""
    folded = fold(text)
    named = _NUMBERED.fullmatch(folded.plain)
    compact = fold(f"{named[1]}{named[2] or ''}{named['number']}").compact if named else folded.compact
    match = _SHAPE.fullmatch(compact)
    if match is None or _CONTAINER.fullmatch(folded.compact):
        return refused(folded)
    letters, electronic, number = match.groups()
    if electronic and letters != "DAS":
        number, electronic = electronic + number, ""
    if len(number) > LONGEST:
        return refused(folded)
    parts = {"type": f"{letters}-E" if electronic else letters, "number": number}
    return Identifier(KINDS[letters], letters + number, parts | _fields(number), folded.remarks, folded.raw)


def number(document: Identifier) -> str:
    """The number that an e-document carries for a DAE, DAS, DJT or TRS: without its letters."""
    return document.parts.get("number", document.normal)


def courier(number: Identifier) -> Identifier | None:
    """The DAS that a DAE's 17 digits may be too, when the regime is one of courier or post."""
    if number.kind is not Kind.DAE or number.parts["regime"] not in COURIER_REGIMES:
        return None
    parts = {"type": "DAS", "number": number.normal, **number.parts}
    return Identifier(Kind.DAS, f"DAS{number.normal}", parts, number.remarks, number.raw)


def written(normal: str) -> str:
    """The document as people write it: ``DAS 2026000123``."""
    return f"{normal[:3]} {normal[3:]}"


def _fields(number: str) -> dict[str, str]:
    return dae.parts(number) if len(number) == dae.LENGTH and number.isdigit() else {}
