"""What the registry tells central systems of a report: each change once, in order, without personal data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from record.base import Name, Number, Record, Timestamp
from record.draft import BaseDocument, ReportKind


class ReportChange(Record):
    """The ``data`` of a report's event: what has changed, and what the report says since.

    People stand in it by their role alone. States and changes may become more within version 1.
    """

    report: str = Field(description="the report's own id, the same through all changes")
    version: Annotated[int, Field(ge=1, description="counts the report's changes, without gaps")]
    change: Annotated[str, Field(pattern=r"^[a-z_]{1,16}$", description="received, completed, exported, …")]
    before: str | None = Field(default=None, description="the state before, none of a new report")
    state: Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")]
    at: Timestamp
    role: str | None = Field(default=None, description="of the person who did it; none for gate and machine")
    fields: Annotated[
        tuple[str, ...], Field(strict=False, description="JSON Pointers of what changed in the payload")
    ] = ()
    depot: Name
    delivery_number: str
    kind: ReportKind
    draft: str | None = None
    visit: str | None = None
    revision: int | None = None
    entered_at: Timestamp
    document: BaseDocument | None = None
    containers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    packages: int | None = None
    weight_kg: Number | None = None
    simulated: bool = False
