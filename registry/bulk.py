"""Many rows of one table at once, by the database driver's own ``executemany``: each row costs two thirds of what it
does through a statement of SQLAlchemy, which makes every row's parameters anew.

SQLite writes them in one call; psycopg sends them all in one pipeline and waits once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

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
    quote = connection.dialect.identifier_preparer.quote
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    columns, marks = ", ".join(map(quote, names)), ", ".join(mark for _ in names)
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks}){ending}"  # noqa: S608 - our names
    connection.exec_driver_sql(statement, list(_bound(connection, table, names, rows)))


def _bound(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Values]
) -> Iterator[tuple[Any, ...]]:
    """Each row as the driver takes it, by what the columns' types make of their values."""
    binds = [(place, bind) for place, name in enumerate(names) if (bind := _bind(connection, table, name))]
    for row in rows:
        values = [row[name] for name in names]
        for place, bind in binds:
            values[place] = bind(values[place])
        yield tuple(values)


def _bind(connection: Connection, table: Table, name: str) -> Bind | None:
    dialect = connection.dialect
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
