"""What every part of REGISTRY.yaml is made of."""

from __future__ import annotations

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Strict(BaseModel):
    """A part of the file: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _digits(value: object) -> object:
    """A code of digits without a leading zero reads as a number in YAML; it is text all the same."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Digits = BeforeValidator(_digits)
