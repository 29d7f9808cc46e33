"""All tables of the registry's database, by the rooms that they belong to."""

from registry.evidence import tables as evidence
from registry.people import tables as people
from registry.reports import tables as reports
from registry.tables import metadata

__all__ = ["evidence", "metadata", "people", "reports"]
