"""What differs between two letters, field by field, as a person reads it.

evento 2: ec.iie.draft
  /payload/items/0/weight_kg: 21320 → 21350
  + impossible_weight /items/0/weight_kg: Contenedor y carga pesan 30520 kg …
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.outbox.outbox import Letter
from record.base import pointer
from record.messages import known, text

IDENTITY = frozenset({"draft", "visit", "stay", "drafts", "salt", "personal"})
"""Fields that name and do not decide; where identities are given anew they may differ."""

LONGEST = 120
"""Characters of a value that a line shows."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One letter that is not as it was; ``then`` or ``now`` is None where the other has none."""

    place: int
    then: Letter | None
    now: Letter | None

    def text(self, lang: str = "es") -> str:
        """The letter, and each field that differs in it, with what it was and what it is."""
        letter = self.now or self.then
        kind = letter.type.value if letter is not None else ""
        if self.then is None or self.now is None:
            return text(
                "replay.only_now" if self.then is None else "replay.only_then",
                lang,
                place=self.place,
                type=kind,
            )
        lines = [text("replay.letter", lang, place=self.place, type=kind)]
        if self.then.topic != self.now.topic:
            lines.append(f"  {self.then.topic} → {self.now.topic}")
        return "\n".join([*lines, *(f"  {line}" for line in _lines(self.then.data, self.now.data, lang))])


def decided(letter: Letter) -> tuple[str, str, str]:
    """What a letter decides: all of it but identities."""
    return letter.type.value, letter.topic, json.dumps(_without_identity(letter.data), sort_keys=True)


def _without_identity(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_identity(inner) for name, inner in value.items() if name not in IDENTITY}
    if isinstance(value, list | tuple):
        return [_without_identity(inner) for inner in value]
    return value


def _lines(then: Mapping[str, Any], now: Mapping[str, Any], lang: str) -> Iterator[str]:
    old, new = _without_identity(then), _without_identity(now)
    for mark, one, other in (("-", old, new), ("+", new, old)):
        gone = [each for each in one.get("findings", []) if each not in other.get("findings", [])]
        yield from (f"{mark} {_finding(each, lang)}" for each in gone)
    for place, before, after in _changes((), {**old, "findings": []}, {**new, "findings": []}):
        yield f"{pointer(place)}: {_shown(before)} → {_shown(after)}"


def _finding(finding: Mapping[str, Any], lang: str) -> str:
    code = f"finding.{finding['code']}"
    words = text(code, lang, **finding.get("params", {})) if known(code) else ""
    return " ".join(filter(None, (finding["severity"], finding["code"], finding.get("field") or "", words)))


def _changes(place: Place, old: Any, new: Any) -> Iterator[tuple[Place, Any, Any]]:
    """Each value that differs, with its place; entries of evidence are compared by their ids."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _changes((*place, name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _changes(place, _named(old), _named(new))
    elif old != new:
        yield place, old, new


def _named(entries: list[Any]) -> dict[str, Any]:
    """The entries of a list by their id, or by their place."""
    named = {
        str(each.get("id", index)) if isinstance(each, Mapping) else str(index): each
        for index, each in enumerate(entries)
    }
    return named if len(named) == len(entries) else {str(index): each for index, each in enumerate(entries)}


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"
