"""One thing that was looked at: how it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from record.messages import text


class Health(StrEnum):
    """*doubtful*: the gate works, and somebody should look; *ill*: something of it does not work."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    ILL = "ill"


MARKS = {Health.WELL: "✓", Health.DOUBTFUL: "!", Health.ILL: "✗"}


@dataclass(frozen=True, slots=True)
class Symptom:
    """``place`` is what was looked at; the text is ``doctor.CODE`` of the catalogue."""

    place: str
    health: Health
    code: str
    params: dict[str, object] = field(default_factory=dict)

    def line_text(self, language: str) -> str:
        """One line for a person."""
        return f"{MARKS[self.health]} {self.place}: {text(f'doctor.{self.code}', language, **self.params)}"

    def as_json(self, language: str) -> dict[str, object]:
        """The same for programs."""
        said = text(f"doctor.{self.code}", language, **self.params)
        return {"place": self.place, "health": self.health.value, "code": self.code, "text": said}


def well(place: str, code: str, **params: object) -> Symptom:
    """Nothing to do."""
    return Symptom(place, Health.WELL, code, params)


def doubtful(place: str, code: str, **params: object) -> Symptom:
    """Somebody should look."""
    return Symptom(place, Health.DOUBTFUL, code, params)


def ill(place: str, code: str, **params: object) -> Symptom:
    """Something does not work."""
    return Symptom(place, Health.ILL, code, params)


def worst(symptoms: Iterable[Symptom]) -> Health:
    """The worst health of all."""
    found = {symptom.health for symptom in symptoms}
    return next((each for each in (Health.ILL, Health.DOUBTFUL) if each in found), Health.WELL)
