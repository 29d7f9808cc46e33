"""What a person does in a visit: enters a field, confirms another's entry, has it weighed or read again, voids
the drafts.

An entry never erases what the machine found: the draft's payload says the person's value, its provenance says
who, when, why, and what the machine had.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.clerk.refusal import RefusedDeed
from record.draft import Payload, ReportKind
from record.errors import BadRecord
from record.proof import canonical


class Deed(StrEnum):
    """Everything that a person can do."""

    ENTER = "enter"
    CONFIRM = "confirm"
    VOID = "void"
    REWEIGH = "reweigh"
    REREAD = "reread"


@dataclass(frozen=True, slots=True)
class Act:
    """One deed. ``field`` is a JSON Pointer into the payload, ``value`` what is to stand there.

    ``insist``: the person knows that the value breaks a rule, such as a check digit that is painted wrong.
    """

    at: datetime
    monotonic: float
    person: str
    role: str
    deed: Deed
    reason: str
    field: str = ""
    value: Any = None
    visit: str | None = None
    insist: bool = False


ENTERABLE = (
    "/document",
    "/exit_reason",
    "/items/0/container",
    "/items/0/size_type",
    "/items/0/seals",
    "/items/0/description",
    "/items/0/packages",
    "/items/0/packaging",
    "/items/0/weight_kg",
)
"""Fields that a person may enter at the gate; of a load with several containers the registry's clerk does."""

OF_ONE_DOCUMENT = frozenset(
    {"/document", "/items/0/description", "/items/0/packages", "/items/0/packaging", "/items/0/weight_kg"}
)
"""Fields that each document of a load has for itself: where there are several, an entry names none of them."""

LONGEST_TEXT = 500
"""Characters of a person's name, role, reason or entered value; an event has to hold all of them."""


def entries(acts: Iterable[Act]) -> dict[str, Act]:
    """The last entry of each field."""
    return {act.field: act for act in acts if act.deed is Deed.ENTER}


def is_confirmed(entry: Act, acts: Iterable[Act]) -> bool:
    """Whether a second person has confirmed an entry after it was made, and not one that it replaced."""
    known = tuple(acts)
    later = known[known.index(entry) + 1 :] if entry in known else known
    return any(
        act.deed is Deed.CONFIRM
        and act.field == entry.field
        and not is_same_person(act.person, entry.person)
        and act.monotonic >= entry.monotonic
        for act in later
    )


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: capitals and spaces make nobody another."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def is_void(acts: Iterable[Act]) -> bool:
    """Whether a person has voided the visit's drafts."""
    return any(act.deed is Deed.VOID for act in acts)


def check(act: Act, payload: Payload) -> None:
    """Refuse a deed that no draft can hold. Raises `RefusedDeed` naming field and value."""
    for name, text in (("person", act.person), ("role", act.role), ("reason", act.reason)):
        _refuse_text(name, text)
    if act.deed in (Deed.VOID, Deed.REWEIGH, Deed.REREAD):
        return
    if act.field not in ENTERABLE:
        raise RefusedDeed(act.field[:80], "not_enterable", fields=", ".join(ENTERABLE))
    if act.field == "/exit_reason" and payload.report is not ReportKind.EXIT:
        raise RefusedDeed(act.field, "not_of_an_entry")
    if act.deed is Deed.ENTER:
        if len(str(act.value)) > LONGEST_TEXT:
            size = len(str(act.value))
            raise RefusedDeed(act.field, "too_long", act.value, size=size, longest=LONGEST_TEXT)
        try:
            canonical(entered(payload, {act.field: act}).to_wire())
        except BadRecord as error:
            raise RefusedDeed(act.field, "not_this_value", act.value) from error


def _refuse_text(name: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise RefusedDeed(name, "too_long", text, size=len(text), longest=LONGEST_TEXT)
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise RefusedDeed(name, "half_character")
    if any(letter < " " and letter not in "\n\t" for letter in text):
        raise RefusedDeed(name, "control_character")


def entered(payload: Payload, made: dict[str, Act]) -> Payload:
    """The payload with the persons' values in it. Raises `BadRecord` for a value that a field cannot hold."""
    if not made:
        return payload
    data = payload.to_wire()
    for pointer, act in made.items():
        place: Any = data
        *path, last = pointer.strip("/").split("/")
        for part in path:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        if act.value is None:
            place.pop(last, None)
        else:
            place[last] = act.value
    return Payload.from_wire(data)


def machine_value(payload: Payload, pointer: str) -> Any:
    """What stands at a JSON Pointer of the machine's payload, None where nothing does."""
    place: Any = payload.to_wire()
    for part in pointer.strip("/").split("/"):
        if isinstance(place, list):
            place = place[int(part)] if int(part) < len(place) else None
        elif isinstance(place, dict):
            place = place.get(part)
    return place
