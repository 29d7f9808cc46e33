"""The tables of people.

users           who may log in, and what for; a user is disabled, never removed
sessions        who is logged in: the hash of the cookie's token, never the token
login_links     tokens that log one person in once, by their hash
login_failures  attempts that failed, by user and by address: each makes the next one wait
searches        what somebody looks for, by the id that addresses carry in the place of plates and numbers
kept_forms      forms that came when their session had ended, until who typed them has logged in
audit           what people did, in order; rows are added and never changed (a trigger refuses)
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from registry.tables import Moment, metadata

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", Text),
    Column("depots", JSON),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)
"""``depots`` names the depots whose reports the user sees; null means all of them."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user", String(36), ForeignKey("users.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

login_links = Table(
    "login_links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user", String(36), ForeignKey("users.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", String(128), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

searches = Table(
    "searches",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user", String(36), ForeignKey("users.id"), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user", String(36), ForeignKey("users.id"), nullable=False),
    Column("action", String(200), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("user", String(36)),
    Column("name", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(128)),
    Column("detail", JSON, nullable=False),
    Column("address", String(64)),
    Index("ix_audit_user_position", "user", "position"),
    sqlite_autoincrement=True,
)
