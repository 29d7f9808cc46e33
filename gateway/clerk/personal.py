"""Which scans say who somebody is: that part of their text never enters an event, only the salted personal file.

    cédula, passport, natural person's RUC      personal
    unknown text                                personal where it may be a card or a name: another reading of it is
                                                one, it holds a number as long as one, it is a machine-readable line,
                                                a damaged access key with a cédula in it, or it has a word of letters
                                                that is no label of a form
    access key of a natural person              its ten digits of the cédula are hidden, the rest is proof

What is not found: a name of one or two letters, one that is glued to digits (``PEREZ12``), and one inside a text
that is a seal, a booking or anything else that is known. A depot that names a paper in ``rules: papers`` says that
its texts are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from gateway.clerk.visit import Scanned
from record.identifiers import cedula, ruc
from record.identifiers.folding import fold
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.label import WORDS

PERSONAL = frozenset({Kind.CEDULA, Kind.PASSPORT})

CARD_NUMBER = re.compile(r"(?<!\d)(?:\d{10}|\d{13})(?!\d)")
MACHINE_READABLE = re.compile(r"<{2,}")
"""Fillers of the machine-readable zone of identity documents (ICAO 9303)."""

KEY_LIKE = re.compile(r"\d{40,60}")
"""An access key, also with digits too many or too few."""

WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
"""Letters alone, three or more: a name, or a word that nobody needs of an unknown text."""

OWNER_CODE = re.compile(r"[A-Z]{3}U")
"""Four letters that a container's number begins with; that a name has this form is not believed."""

LABELS = frozenset(part for word in WORDS for part in re.findall(r"[A-Z]+", word)) | {"NUM", "NUMERO", "NRO"}

OWNER = slice(10, 20)
"""Where an access key holds the cédula of a natural person: the first ten digits of its RUC."""
HIDDEN = "·" * 10


def is_personal(scanned: Scanned, papers: Collection[str] = ()) -> bool:
    """Whether a scan may say who somebody is, as a whole; ``papers`` are the patterns of the site's own papers."""
    identifier = scanned.identifier
    if any(each.kind in PERSONAL or _is_of_a_person(each) for each in (identifier, *identifier.alternatives)):
        return identifier.kind in (*PERSONAL, Kind.RUC, Kind.UNKNOWN)
    text = scanned.scan.text
    if identifier.kind is not Kind.UNKNOWN or any(re.fullmatch(pattern, text.strip()) for pattern in papers):
        return False
    return _may_name(text)


def is_masked(scanned: Scanned) -> bool:
    """Whether a part of a scan says who somebody is: an access key that a natural person has issued."""
    identifier = scanned.identifier
    return identifier.kind is Kind.ACCESS_KEY and _is_of_a_person(ruc.parse(identifier.parts.get("ruc", "")))


def is_card(scanned: Scanned) -> bool:
    """Whether a scan is somebody's card, a cédula or a passport, before it is anything else."""
    return scanned.identifier.kind in PERSONAL


def said(scanned: Scanned) -> tuple[str, str, dict[str, str]]:
    """Text, normal form and parts of a scan as an event may carry them; of a personal one nothing may."""
    text, normal, parts = scanned.scan.text, scanned.identifier.normal, dict(scanned.identifier.parts)
    if not is_masked(scanned):
        return text, normal, parts
    masked = normal[: OWNER.start] + HIDDEN + normal[OWNER.stop :]
    return masked, masked, {name: part for name, part in parts.items() if name != "ruc"}


def shown(scanned: Scanned, longest: int = 60) -> str:
    """A scanned text as a finding may carry it: a personal one by its length alone, none with control characters."""
    text = said(scanned)[0]
    if is_personal(scanned):
        return f"({len(text)})"
    return "".join(c if c.isprintable() else "·" for c in text[:longest])


@lru_cache(maxsize=256)
def _may_name(text: str) -> bool:
    """Whether a text that is nothing known may be a card's, or have a name in it; asked at every revision."""
    if CARD_NUMBER.search(text) or MACHINE_READABLE.search(text):
        return True
    words = (word.upper() for word in WORD.findall(fold(text).plain))
    if any(word not in LABELS and not OWNER_CODE.fullmatch(word) for word in words):
        return True
    return any(_holds_cedula(match.group()) for match in KEY_LIKE.finditer(re.sub(r"[\s-]", "", text)))


def _holds_cedula(digits: str) -> bool:
    return any(cedula.parse(digits[start : start + 10]) for start in range(len(digits) - 9))


def _is_of_a_person(identifier: Identifier) -> bool:
    """A natural person's RUC begins with the person's cédula."""
    return identifier.kind is Kind.RUC and "cedula" in identifier.parts
