"""Users, sessions and links in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.database import reading, writing
from registry.people import sessions, users
from registry.people.role import OF_PEOPLE, RIGHTS, Right, Role
from registry.people.users import BadUser
from registry.schema import metadata

IDLE = timedelta(minutes=30)


@pytest.fixture
def ana(engine, clock):
    with writing(engine) as connection:
        return users.add(connection, "Ana  Vera ", Role.CLERK, clock(), ["depot"])


def test_a_name_is_one_whatever_its_spaces(engine, clock, ana):
    with writing(engine) as connection:
        assert users.by_name(connection, " Ana Vera").id == ana
        for taken in ("Ana Vera", "", "  ", "x" * 65, "a\u202eb", "a\x00"):
            with pytest.raises(BadUser):
                users.add(connection, taken, Role.CLERK, clock())
        assert len(users.everybody(connection)) == 1


def test_a_session_ends_without_use_and_in_any_case(engine, clock, ana):
    with writing(engine) as connection:
        token = sessions.begin(connection, ana, "10.0.0.1", clock())
        found = sessions.find(connection, token, clock(), IDLE)
        assert found.who.name == "Ana Vera"
        assert found.who.sees("depot") and not found.who.sees("other")
        clock.move(minutes=29)
        assert sessions.find(connection, token, clock(), IDLE).stale
        sessions.touch(connection, found.id, clock())
        clock.move(minutes=31)
        assert sessions.find(connection, token, clock(), IDLE) is None
        for _ in range(30):
            clock.move(minutes=25)
            sessions.touch(connection, found.id, clock())
        assert sessions.find(connection, token, clock(), IDLE) is None


def test_the_database_does_not_hold_the_token(engine, clock, ana):
    with writing(engine) as connection:
        token = sessions.begin(connection, ana, "", clock())
        link = sessions.link(connection, ana, clock())
    with reading(engine) as connection:
        dump = "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )
    assert ana in dump
    assert token not in dump and link not in dump


def test_a_link_is_used_once_and_in_time(engine, clock, ana):
    with writing(engine) as connection:
        first = sessions.link(connection, ana, clock())
        second = sessions.link(connection, ana, clock())
        assert sessions.use_link(connection, first, clock()) is None
        assert sessions.use_link(connection, second, clock()) == ana
        assert sessions.use_link(connection, second, clock()) is None
        third = sessions.link(connection, ana, clock())
        clock.move(minutes=31)
        assert sessions.use_link(connection, third, clock()) is None
        assert sessions.use_link(connection, "nothing", clock()) is None


@pytest.mark.parametrize("change", ["disable", "password", "role"])
def test_a_change_of_a_user_ends_their_sessions(engine, clock, ana, change):
    with writing(engine) as connection:
        token = sessions.begin(connection, ana, "", clock())
        link = sessions.link(connection, ana, clock())
        {
            "disable": lambda: users.disable(connection, ana, clock()),
            "password": lambda: users.set_password(connection, ana, "hash"),
            "role": lambda: users.set_role(connection, ana, Role.AUDITOR, None),
        }[change]()
    with reading(engine) as connection:
        assert sessions.find(connection, token, clock(), IDLE) is None
    with writing(engine) as connection:
        assert sessions.use_link(connection, link, clock()) is None


def test_only_some_roles_change_anything():
    assert {role for role in OF_PEOPLE if Right.WORK in RIGHTS[role]} == {Role.CLERK, Role.SUPERVISOR}
    assert {role for role in Role if Right.KEEP_USERS in RIGHTS[role]} == {Role.SUPERVISOR}
    assert all(Right.SEE in RIGHTS[role] for role in Role)


def test_a_user_is_no_system(engine, clock):
    with pytest.raises(BadUser, match="system"), writing(engine) as connection:
        users.add(connection, "Terminal", Role.SYSTEM, clock())
