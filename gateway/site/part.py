"""What every part of a site's file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$", description="lower-case letters, digits, hyphen")]
Seconds = Annotated[float, Field(gt=0, le=86400)]


class Part(BaseModel):
    """Any part of the file: unknown keys are errors, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
