"""Erasure: what is old goes; a folder that cannot be written keeps its files, and nobody else is remembered for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from record.upload import FileKind
from registry import erasure
from registry.database import reading, writing
from registry.evidence.shelf import Shelf
from registry.people import kept, users
from registry.people.role import Role
from registry.people.tables import kept_forms
from registry.reports.tables import PLATES, report_keys

KINDS = ("sqlite",)
AGES = {kind: timedelta(days=90) for kind in FileKind}


@pytest.fixture
def erases(depot_of, engine, clock, tmp_path):
    depot = depot_of()
    plate = {"id": "p1", "plate": "GSA1234", "part": "tractor", "origin": "scan"}
    depot.send(evidence={"clock": "synchronised", "machine": "pc", "version": "0.1.0", "plates": [plate]})
    clock.move(hours=24 * 91)
    return erasure.Erasure(engine, Shelf(tmp_path), AGES, clock)


def plates(engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(report_keys.c.value).where(PLATES)).scalars())


def forms(engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(kept_forms)).scalar_one()


def test_plates_are_forgotten_where_files_cannot_be_erased(erases, engine, monkeypatch):
    def refused(*_):
        raise OSError(30, "Read-only file system")

    assert plates(engine) == ["GSA1234"]
    monkeypatch.setattr(erasure, "erase_old", refused)
    assert erases.step() and plates(engine) == []
    assert not erases.step(), "there is no more of it: an hour's rest"


def test_more_files_than_one_share_go_at_once(erases, monkeypatch):
    shares = iter([500, 3, 0])
    monkeypatch.setattr(erasure, "erase_old", lambda *_: next(shares))
    assert [erases.step() for _ in range(3)] == [True, True, False]


def test_a_form_that_nobody_came_back_for_is_forgotten_after_a_day(erases, engine, clock):
    with writing(engine) as connection:
        ana = users.add(connection, "Ana Vera", Role.CLERK, clock())
        kept.keep(connection, ana, "/reports", {"driver": "Ana"}, clock())
    erases.step()
    assert forms(engine) == 1
    clock.move(hours=25)
    erases.step()
    assert forms(engine) == 0
