"""The errors of the house: what went wrong, whether trying again can help, and what a person should do."""

from __future__ import annotations


class IieError(Exception):
    """Base of all errors that the house raises on purpose.

    ``retry`` says whether the same call may succeed later without anyone changing anything. ``advice`` is a
    code of the message catalogue that tells a person what to do next; ``params`` fill its text.
    """

    retry = False
    advice = "error.ask_support"

    def __init__(self, message: str, **params: str) -> None:
        super().__init__(message)
        self.params = params


class BadRecord(IieError):
    """A record that breaks the contract: wrong type, missing field, impossible value. Never sent again."""

    advice = "error.bad_record"


class BadProof(BadRecord):
    """A record whose hash or signature does not hold: it was changed, or somebody else made it."""

    advice = "error.bad_proof"
