"""The database's schema as named, ordered steps (Alembic)."""
