"""Rows by many numbers at once, which go to the database as one parameter.

A statement with a parameter for each of two thousand takes longer to write and to parse than its rows to be read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Integer, any_, bindparam, func, select


def among(connection: Connection, column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column's value is one of the numbers."""
    if connection.dialect.name == "postgresql":
        listed: Any = bindparam(None, list(numbers), type_=ARRAY(Integer), unique=True)
        return column == any_(listed)
    each = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(each.c.value))
