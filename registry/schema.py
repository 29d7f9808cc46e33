"""All tables of the registry's database, by the rooms that they belong to."""

from registry.api import tables as api
from registry.corrections import tables as corrections
from registry.daes import tables as daes
from registry.evidence import tables as evidence
from registry.hooks import tables as hooks
from registry.notices import tables as notices
from registry.people import tables as people
from registry.reports import tables as reports
from registry.tables import metadata
from registry.transmission import tables as transmission
from registry.watch import tables as watch

__all__ = [
    "api",
    "corrections",
    "daes",
    "evidence",
    "hooks",
    "metadata",
    "notices",
    "people",
    "reports",
    "transmission",
    "watch",
]
