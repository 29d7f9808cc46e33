"""The configuration on the gate's page: what is followed, what is wrong and where, and the button that reloads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.configuration import Configuration
from gateway.console.person import Role
from gateway.console.recent import Recent
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


def test_the_file_is_shown_with_its_problems_at_their_lines_and_no_secret(
    client: httpx.Client, served: Page, enter: Enter, asked: list[Future[Reloaded]], tmp_path: Path
) -> None:
    enter(Role.TECHNICIAN)
    right = Path(__file__).parents[1] / "broken_sites" / "right.yaml"
    file = tmp_path / "site.yaml"
    served.board.configuration(replace(KNOWN, file=str(file)))
    file.write_text(right.read_text())
    assert "Está correcto" in client.get("/configuration").text
    file.write_text(right.read_text() + "password: muy secreto\nurl: rtsp://ana:secreto@10.0.0.1/1\n")
    page = client.get("/configuration").text
    last = len(file.read_text().splitlines())
    assert f'id="L{last}"' in page
    assert "2 errores" in page
    assert "secreto" not in page
    file.unlink()
    assert "1 errores" in client.get("/configuration").text


def test_the_log_is_shown_without_secrets_and_bounded(
    client: httpx.Client, served: Page, enter: Enter
) -> None:
    recent = Recent()
    served.application.state.desk = replace(served.desk, recent=recent)
    said = logging.getLogger("gateway.test-of-the-log")
    said.propagate = False
    said.addHandler(recent)
    for number in range(600):
        said.warning("camera %s: rtsp://ana:clave@10.0.0.1/%s", "trasera", number)
    said.setLevel(logging.INFO)
    said.info("lane carril-1: visit begins <b>")
    said.removeHandler(recent)
    enter(Role.TECHNICIAN)
    page = client.get("/logs").text
    assert "begins &lt;b&gt;" in page
    assert "begins" not in client.get("/logs?only=warnings").text
    assert "clave" not in page
    assert len(recent.lines()) == 500
    with served.client() as other:
        assert enter(name="Eva", on=other).get("/logs").status_code == 403
