"""The configuration on the gate's page: what is followed, what is wrong and where, and the button that reloads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import httpx
import pytest

from gateway.configuration import Configuration
from gateway.console.person import Role
from gateway.reload import Reloaded, ReloadRefused
from gateway.site.difference import Difference, LaneDifference
from record.yamlfile import Problem

from .conftest import NOON, Page, csrf

Enter = Callable[..., httpx.Client]
KNOWN = Configuration("/etc/iie/site.yaml", NOON, NOON)
WRONG = Problem("/etc/iie/site.yaml", 14, 7, "lanes[0].scale.baud", "config.expected_int")


@pytest.fixture
def asked(served: Page) -> list[Future[Reloaded]]:
    """The futures of every reload that was asked for; each is done at once."""
    given: list[Future[Reloaded]] = []

    def reload() -> Future[Reloaded]:
        answer: Future[Reloaded] = Future()
        given.append(answer)
        if served.board.view.configuration is not None and served.board.view.configuration.errors:
            answer.set_exception(ReloadRefused("site.yaml:14:7: a whole number"))
        else:
            changed = LaneDifference("carril-1", changed=("balanza",))
            answer.set_result(Reloaded(Difference(lanes=(changed,))))
        return answer

    served.application.state.desk = replace(served.desk, reload=reload)
    served.board.configuration(KNOWN)
    return given


def test_a_technician_reloads_and_that_is_written_down(
    client: httpx.Client, served: Page, enter: Enter, asked: list[Future[Reloaded]]
) -> None:
    enter(Role.TECHNICIAN)
    page = client.get("/configuration").text
    assert "/etc/iie/site.yaml" in page
    answer = client.post("/configuration/reload", data={"csrf": csrf(client)})
    assert (answer.status_code, answer.headers["location"], len(asked)) == (303, "/configuration", 1)
    (trace,) = served.people.traces()
    assert (trace.name, trace.deed, "devices_restarted 1" in trace.detail) == ("Ana", "reload", True)


def test_a_guard_does_not(client: httpx.Client, enter: Enter, asked: list[Future[Reloaded]]) -> None:
    enter(Role.GUARD)
    assert client.get("/configuration").status_code == 403
    assert client.post("/configuration/reload", data={"csrf": csrf(client)}).status_code == 403
    assert "/configuration" not in client.get("/").text
    assert asked == []


def test_nothing_is_reloaded_from_elsewhere(
    client: httpx.Client, enter: Enter, asked: list[Future[Reloaded]]
) -> None:
    assert client.post("/configuration/reload", data={"csrf": "x"}).status_code == 303
    enter(Role.TECHNICIAN)
    assert client.post("/configuration/reload", data={"csrf": "x"}).status_code == 403
    assert asked == []


def test_a_wrong_file_is_told_with_every_place_and_on_every_page(
    client: httpx.Client, served: Page, enter: Enter, asked: list[Future[Reloaded]]
) -> None:
    enter(Role.SUPERVISOR)
    served.board.configuration(replace(KNOWN, problems=(WRONG,)))
    client.post("/configuration/reload", data={"csrf": csrf(client)})
    page = client.get("/configuration").text
    assert "/etc/iie/site.yaml:14:7: lanes[0].scale.baud" in page
    assert 'role="alert"' in page
    assert "site.yaml:14:7" in served.people.traces()[0].detail
    assert "no se aplicó" in client.get("/").text
    assert client.get("/healthz").status_code == 503


def test_what_waits_and_what_takes_a_restart_is_said(
    client: httpx.Client, served: Page, enter: Enter, asked: list[Future[Reloaded]]
) -> None:
    enter(Role.TECHNICIAN)
    served.board.configuration(replace(KNOWN, waiting=("carril-2",), restart=("broker",)))
    page = client.get("/configuration").text
    assert "carril-2: primero termina el camión" in page
    assert "systemctl restart" in page
