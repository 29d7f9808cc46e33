"""Why a deed of a person is not done, in words for that person. Texts: ``config/messages/deed.yaml``."""

from __future__ import annotations

from record.errors import BadRecord
from record.messages import text


class RefusedDeed(BadRecord):
    """A deed that cannot be done: the field, what was found in it, and in words what is meant."""

    advice = "error.refused_deed"

    def __init__(self, field: str, code: str, found: object = None, **params: object) -> None:
        self.field, self.code, self.found, self.details = field, code, found, params
        super().__init__(self.words("en"))

    def words(self, lang: str = "es") -> str:
        """The refusal for a person, in *es* or *en*."""
        words = text(f"deed.{self.code}", lang, **self.details)
        if self.found is not None:
            words += ", " + text("config.found", lang, found=str(self.found)[:80])
        return f"{self.field}: {words}" if self.field else words
