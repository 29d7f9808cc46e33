"""The table of tokens: which system may read or write what; of a token only its hash is kept."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table

from registry.tables import Moment, metadata

tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("depots", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("used_at", Moment),
    Column("address", String(64)),
)
"""``depots`` names the depots that the system sees, null means all. ``address`` is where it was last used from."""

Index(
    "ix_api_tokens_name",
    tokens.c.name,
    unique=True,
    sqlite_where=tokens.c.revoked_at.is_(None),
    postgresql_where=tokens.c.revoked_at.is_(None),
)
