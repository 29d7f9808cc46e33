"""Many rows of one table at once, by the database driver's own ``executemany``: each row costs two thirds of what it
does through a statement of SQLAlchemy, which makes every row's parameters anew.

SQLite writes them in one call; psycopg sends them all in one pipeline and waits once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Values = Mapping[str, Any]
Bind = Callable[[Any], Any]


def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Add rows that all name the same columns. Raises what SQLAlchemy makes of the driver's errors."""
    _write(connection, table, rows, "")


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """The same; a row whose key is there already is left out."""
    _write(connection, table, rows, " ON CONFLICT DO NOTHING")


def _write(connection: Connection, table: Table, rows: Sequence[Values], ending: str) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    statement, binds = _plan(connection.dialect, table, names)
    connection.exec_driver_sql(statement + ending, [_bound(row, names, binds) for row in rows])


@lru_cache(maxsize=64)
def _plan(dialect: Dialect, table: Table, names: Sequence[str]) -> tuple[str, Sequence[tuple[int, Bind]]]:
    """The statement for a row, and what the columns' types make of its values, by their places."""
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    columns, marks = ", ".join(map(quote, names)), ", ".join(mark for _ in names)
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608 - our names
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    binds = [(place, bind) for place, each in enumerate(types) if (bind := each.bind_processor(dialect))]
    return statement, binds


def _bound(row: Values, names: Sequence[str], binds: Sequence[tuple[int, Bind]]) -> tuple[Any, ...]:
    """A row as the driver takes it."""
    values = [row[name] for name in names]
    for place, bind in binds:
        values[place] = bind(values[place])
    return tuple(values)
