"""What each gate last said of itself: its retained state and health, as the registry heard them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table

from registry.tables import Moment, metadata

gate_states = Table(
    "gate_states",
    metadata,
    Column("depot", String(32), primary_key=True),
    Column("gate", String(32), primary_key=True),
    Column("state", JSON),
    Column("state_at", Moment),
    Column("health", JSON),
    Column("health_at", Moment),
)
"""Nobody signs these: the broker's rules alone say that they are the gate's own. ``…_at`` is when they were heard."""
