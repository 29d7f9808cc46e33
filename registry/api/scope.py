"""What a token lets another system do."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token lets a system do."""

    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    ANSWERS_WRITE = "answers:write"
    PERSONAL_READ = "personal:read"
    GATES_READ = "gates:read"
    RELEASES_WRITE = "releases:write"
    PREADVICE_WRITE = "preadvice:write"
