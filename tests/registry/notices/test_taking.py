"""Announcements and releases taken in from files: what is new, what is older, what no gate can be told."""

from __future__ import annotations

import json

import pytest

from record.identifiers.container import check_digit
from registry.database import reading
from registry.notices import book
from registry.notices.book import By, Kind, Origin
from registry.notices.taking import take_file, withdraw

BY = By("Ana", Origin.FILE)
TABLE = """\
documento;contenedor;bultos;peso_kg;valido_hasta
028-2026-40-00123456;CSQU3054383;1080;21350;30/11/2026
MAL;TEXU3070079;1;1;30/11/2026
"""
RELEASES = """\
documento;contenedor;motivo;valido_hasta
028-2026-40-00123456;CSQU3054383;embarque;30/11/2026
"""


@pytest.fixture
def depot(depot_of):
    return depot_of()


def taken(depot, content: str, kind: Kind = Kind.PREADVICE, name: str = "a.csv"):
    return take_file(depot.office, "depot", kind, name, content.encode(), BY)


def rows(depot, kind: Kind = Kind.PREADVICE):
    with reading(depot.engine) as connection:
        return book.page(connection, depot.ana, kind)[0]


def test_what_is_right_is_taken_and_what_is_wrong_told(depot):
    found = taken(depot, TABLE)
    assert (found.read, found.new, found.wrong) == (1, 1, True)
    assert [problem.line for problem in found.problems] == [3]
    (row,) = rows(depot)
    assert row.id == "DAE-02820264000123456" and row.body["cargo"]["packages"] == 1080
    assert book.told(row, depot.office.now()) == "waiting"


def test_the_same_again_is_no_news_and_an_older_version_changes_nothing(depot):
    taken(depot, TABLE)
    assert taken(depot, TABLE).new == 0
    newer = (
        TABLE.replace(";1080;", ";1090;").replace("bultos;", "version;bultos;").replace(";1090;", ";2;1090;")
    )
    assert taken(depot, newer).new == 1
    assert taken(depot, TABLE).new == 0
    assert rows(depot)[0].body["cargo"]["packages"] == 1090


def test_what_was_withdrawn_can_come_again(depot):
    taken(depot, TABLE)
    assert withdraw(depot.office, Kind.PREADVICE, "depot", "DAE-02820264000123456", BY, "error")
    assert not withdraw(depot.office, Kind.PREADVICE, "depot", "DAE-02820264000123456", BY, "error")
    assert book.told(rows(depot)[0], depot.office.now()) == "withdrawn"
    assert taken(depot, TABLE).new == 1
    with reading(depot.engine) as connection:
        history = book.history(connection, [rows(depot)[0].position])
    assert [(row.what, row.reason) for row in history] == [
        ("taken", ""),
        ("withdrawn", "error"),
        ("taken", ""),
    ]


def test_a_table_of_releases_is_no_preadvice(depot):
    found = taken(depot, RELEASES)
    assert (found.new, found.problems[0].code) == (0, "announce.no_preadvice")
    assert taken(depot, RELEASES, Kind.RELEASE).new == 1


@pytest.mark.parametrize("identity", ["a/b", "+", "#", "index", "x" * 201, ""])
def test_an_id_that_no_topic_holds_is_told(depot, identity):
    notice = {"id": identity, "keys": {"containers": ["CSQU3054383"]}, "cargo": {}}
    good = notice | {"id": "good"}
    found = taken(depot, json.dumps({"preadvice": [notice, good]}), name="a.json")
    assert found.new == 1 and found.wrong
    assert [row.id for row in rows(depot)] == ["good"]


@pytest.mark.parametrize("name", ["a.exe", "a", "a.csv/../b", ""])
def test_a_file_of_no_known_kind_is_told(depot, name):
    found = taken(depot, TABLE, name=name)
    assert (found.new, found.problems[0].code) == (0, "announce.unknown_format")


def test_a_notice_that_no_message_holds_is_told(depot):
    boxes = [f"CSQU{number:06d}{check_digit(f'CSQU{number:06d}')}" for number in range(7000)]
    found = taken(
        depot,
        json.dumps({"preadvice": [{"id": "big", "keys": {"containers": boxes}, "cargo": {}}]}),
        name="a.json",
    )
    assert found.new == 0 and "allowed" in str(found.problems[0].params["reason"])


def test_it_is_found_by_what_it_names(depot):
    taken(depot, TABLE)
    with reading(depot.engine) as connection:
        for words in ("028-2026-40-00123456", "csqu 305438-3", "DAE-02820264000123456"):
            assert len(book.page(connection, depot.ana, Kind.PREADVICE, words)[0]) == 1, words
        assert book.page(connection, depot.ana, Kind.PREADVICE, "TEXU3070079")[0] == []
