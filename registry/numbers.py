"""The *número de entrega*: one for each submission, never the same one twice.

    OOOOOOOO YYYY SSSSSSSS C
    |        |    |        +--- channel: S own software, P portal
    |        |    +------------ sequence of the operator's year, zero-filled
    |        +----------------- year in Ecuador at the moment of the reservation
    +-------------------------- the depot's OCE code

A number is reserved inside the transaction that stores the draft. A transaction that fails gives its numbers
back unseen; a number that was reserved and never sent is a gap, which is allowed.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, update

from record.errors import IieError
from registry.tables import counters

ECUADOR = ZoneInfo("America/Guayaquil")
LARGEST = 99_999_999


TAKE = (
    update(counters)
    .where(counters.c.oce == bindparam("of_oce"), counters.c.year == bindparam("of_year"))
    .values(last=counters.c.last + bindparam("count"))
    .returning(counters.c.last)
)


class NumbersExhausted(IieError):
    """All eight digits of an operator's year are used up. A person has to ask customs how to go on."""

    advice = "registry.numbers_exhausted"


def written(oce: str, year: int, sequence: int, channel: str) -> str:
    """The number's 21 characters."""
    return f"{oce}{year:04d}{sequence:08d}{channel}"


def year_of(moment: datetime) -> int:
    """The calendar year in Ecuador (UTC-5 all year round) at a moment."""
    return moment.astimezone(ECUADOR).year


def reserve(connection: Connection, oce: str, year: int, first: int, count: int = 1) -> range:
    """Take the next ``count`` sequences of an operator's year, from ``first`` when the year has none yet.

    Must run in a transaction that writes. The counter's row is locked until it ends, so that workers that
    reserve at the same time wait for each other. Raises `NumbersExhausted`.
    """
    wanted = {"of_oce": oce, "of_year": year, "count": count}
    last = connection.execute(TAKE, wanted).scalar_one_or_none()
    if last is None:
        from sqlalchemy.dialects import postgresql, sqlite  # once a year; they load every driver's dialect

        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = {"oce": oce, "year": year, "last": first - 1}
        connection.execute(insert(counters).values(row).on_conflict_do_nothing())
        last = connection.execute(TAKE, wanted).scalar_one()
    if last > LARGEST:
        raise NumbersExhausted(f"OCE code {oce} has used up its numbers of {year}")
    return range(last - count + 1, last + 1)
