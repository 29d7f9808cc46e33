"""What a person typed into a field: as the draft is to hold it, or refused with what is meant.

    "csqu 305438-3"  → "CSQU3054383"          "028-2026-40-00123456"  → {"type": "DAE", "number": "0282026…"}
    "CSQU3054384"    refused: its check digit; taken where the person insists that the box is painted so
    "10.660,5"       refused: whole kilograms, without points or commas

A person is believed about what only a person can see, never about arithmetic. What is possible but doubtful is
taken, and `gateway.clerk.entry_findings` remarks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.clerk.act import Act, Deed, entries
from gateway.clerk.refusal import RefusedDeed
from gateway.site.site import Rules
from record.announcing.document import of_text
from record.draft import DocumentType
from record.identifiers import container
from record.identifiers.folding import fold
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.remark import Code

__all__ = ["RefusedDeed", "examined"]

LONGEST_SEAL = 14
"""Characters that the terminals' forms have room for."""

MOST_SEALS = 4
PACKAGING = re.compile(r"[0-9]{3}")
WHOLE = re.compile(r"[0-9]{1,12}")
SEAL = re.compile(r"[A-Z0-9]+")


def examined(act: Act, earlier: tuple[Act, ...], rules: Rules, identify: Callable[[str], Identifier]) -> Act:
    """The deed with its value in the form that a draft holds. Raises `RefusedDeed`."""
    if not act.person.strip():
        raise RefusedDeed("", "no_person")
    if act.deed is Deed.CONFIRM and act.field not in entries(earlier):
        raise RefusedDeed(act.field, "nothing_to_confirm")
    if act.insist and not act.reason.strip():
        raise RefusedDeed(act.field, "no_reason")
    if act.deed is not Deed.ENTER or act.value is None:
        return act
    return replace(act, value=_value(act, rules, identify))


def _value(act: Act, rules: Rules, identify: Callable[[str], Identifier]) -> Any:
    field, value = act.field, act.value
    match field:
        case "/document":
            return _document(field, value)
        case "/items/0/container":
            return _container(field, value, act.insist)
        case "/items/0/size_type":
            return _size_type(field, value, identify)
        case "/items/0/seals":
            return _seals(field, value)
        case "/items/0/description":
            return _description(field, value, rules.description_length)
        case "/items/0/packages":
            return _whole(field, value, "not_packages", rules.max_packages)
        case "/items/0/packaging":
            return _packaging(field, value)
        case "/items/0/weight_kg":
            return str(_whole(field, value, "not_weight", int(rules.max_load_kg)))
        case _:
            return value


def _document(field: str, value: Any) -> dict[str, str]:
    """A base document, written as a text or as type and number."""
    written = value
    if isinstance(value, dict) and set(value) == {"type", "number"} and _are_texts(value.values()):
        known = value["type"] in DocumentType.__members__
        prefix = "" if value["type"] == DocumentType.DAE else f"{value['type']} "
        written = prefix + value["number"] if known else None
    found = of_text(written) if isinstance(written, str) else None
    if found is None or (isinstance(value, dict) and found.type != value["type"]):
        raise RefusedDeed(field, "not_document", value)
    wire: dict[str, str] = found.to_wire()
    return wire


def _container(field: str, value: Any, insist: bool) -> str:
    if not isinstance(value, str):
        raise RefusedDeed(field, "not_container", value)
    found = container.parse(value)
    if found:
        return found.normal
    number = fold(value).compact
    if container.SHAPE.fullmatch(number) is None or not found.has(Code.CHECK_DIGIT):
        raise RefusedDeed(field, "not_container", value)
    if not insist:
        expected = container.check_digit(number[:10])
        raise RefusedDeed(field, "check_digit", value, digit=number[10], expected=expected)
    return number


def _size_type(field: str, value: Any, identify: Callable[[str], Identifier]) -> str:
    readings = identify(value).readings() if isinstance(value, str) else ()
    found = next((each for each in readings if each.kind is Kind.SIZE_TYPE), None)
    if found is None:
        raise RefusedDeed(field, "not_size_type", value)
    return found.normal


def _seals(field: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not _are_texts(value) or len(value) > MOST_SEALS:
        raise RefusedDeed(field, "not_seals", value, most=MOST_SEALS)
    seals = [fold(each).compact for each in value]
    for written, seal in zip(value, seals, strict=True):
        if SEAL.fullmatch(seal) is None or len(seal) > LONGEST_SEAL:
            raise RefusedDeed(field, "not_seal", written, longest=LONGEST_SEAL)
        if seals.count(seal) > 1:
            raise RefusedDeed(field, "seal_twice", written)
    return seals


def _description(field: str, value: Any, longest: int) -> str:
    words = value.strip() if isinstance(value, str) else ""
    if not words or not words.isprintable():
        raise RefusedDeed(field, "not_description", value)
    if len(words) > longest:
        raise RefusedDeed(field, "too_long", value, size=len(words), longest=longest)
    return words


def _packaging(field: str, value: Any) -> str:
    if not isinstance(value, str) or PACKAGING.fullmatch(value.strip()) is None:
        raise RefusedDeed(field, "not_packaging", value)
    return value.strip()


def _whole(field: str, value: Any, code: str, most: int) -> int:
    """A whole number from 1 to ``most``, written as a number or in digits alone."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if WHOLE.fullmatch(written) is None or not 1 <= int(written) <= most:
        raise RefusedDeed(field, code, value, most=most)
    return int(written)


def _are_texts(values: Any) -> bool:
    return all(isinstance(each, str) for each in values)
