"""The site's file as the gate at work follows it: when it was read, what came of that, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from record.yamlfile import Problem, Severity


@dataclass(frozen=True, slots=True)
class Configuration:
    """What everybody may know of it.

    ``taken_at`` is when the file that is followed was read, ``tried_at`` when it was last looked at. ``problems``
    is what is wrong, or doubtful, in the file that was looked at last, ``refused`` why one without errors was not
    taken. ``waiting`` are the lanes that finish their truck under what was followed before, ``restart`` the keys
    that change with the next start only.
    """

    file: str
    taken_at: datetime
    tried_at: datetime
    problems: tuple[Problem, ...] = ()
    refused: str | None = None
    waiting: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Why the file that was looked at last is not followed; empty where it is."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def problem(self) -> str | None:
        """The same in one line, with the place of the first, None where the file is followed."""
        if self.refused:
            return self.refused
        return self.errors[0].line_text() if self.errors else None
