"""All tables of the registry's database, by the rooms that they belong to."""

from registry.api import tables as api
from registry.evidence import tables as evidence
from registry.hooks import tables as hooks
from registry.people import tables as people
from registry.reports import tables as reports
from registry.tables import metadata

__all__ = ["api", "evidence", "hooks", "metadata", "people", "reports"]
