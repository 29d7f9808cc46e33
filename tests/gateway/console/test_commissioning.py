"""Commissioning over a real socket: what a check comes to, what is written down, and what is not shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from drivers.camera.condition import Look
from drivers.readings import Picture, Scan, Stability, Stamped, Weight
from gateway.console.person import Role
from gateway.reading import LOOK
from ocr.sighting import Sighting, Status
from ocr.worker import CONTAINER

from .conftest import NOON, Page, csrf

Enter = Callable[..., httpx.Client]
PLACE = "/commissioning/carril-1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (1280).to_bytes(4, "big") + (720).to_bytes(4, "big")


def weigh(served: Page, *kilograms: int, every: float = 0.25, moving: bool = False) -> None:
    """Weights up to now, the last at the lane's moment of 100 s."""
    stability = Stability.MOVING if moving else Stability.STABLE
    for place, kg in zip(range(len(kilograms) - 1, -1, -1), kilograms, strict=True):
        at, monotonic = NOON - timedelta(seconds=place * every), 100.0 - place * every
        weight = Weight(Decimal(kg), stability=stability, raw=b"\x02")
        served.board.bench.heard("carril-1", Stamped("balanza", at, monotonic, weight))


def look(served: Page, letters: float, detail: float = 1.0) -> None:
    """The camera sees a number whose letters are so many pixels tall."""
    height = letters / 0.68
    box = ((100.0, 50.0), (500.0, 50.0), (500.0, 50.0 + height), (100.0, 50.0 + height))
    seen = Sighting("CSQU3054383", (), None, Status.ACCEPTED, 1.0, None, (), (box,), None, 0.0)
    served.worker.seen = {CONTAINER: seen, LOOK: Look(b"", 120.0, 50.0, detail)}
    served.board.bench.watch("carril-1", 100.0)
    served.board.bench.heard("carril-1", Stamped("trasera", NOON, 100.0, Picture(PNG, "image/png")))


def scan(served: Page, text: str) -> None:
    served.board.bench.watch("carril-1", 100.0)
    heard = Scan(text, "]C1", ("]C1" + text + "\r").encode())
    served.board.bench.heard("carril-1", Stamped("lector", NOON, 100.0, heard))


def post(client: httpx.Client, kind: str, **form: str) -> httpx.Response:
    return client.post(f"{PLACE}/{kind}", data={"csrf": csrf(client), **form})


def test_a_guard_commissions_nothing(client: httpx.Client, enter: Enter) -> None:
    enter()
    for place in ("/commissioning", PLACE, f"{PLACE}/now", f"{PLACE}/sheet", f"{PLACE}/picture/trasera"):
        assert client.get(place).status_code == 403
    assert post(client, "weight", known="1", tolerance="1").status_code == 403


@pytest.mark.parametrize(("reading", "verdict"), [(12360, "✓"), (12361, "✗"), (12339, "✗")])
def test_a_known_weight_passes_within_its_tolerance(
    served: Page, client: httpx.Client, enter: Enter, reading: int, verdict: str
) -> None:
    enter(Role.TECHNICIAN, "Luis")
    weigh(served, reading, reading, reading)
    answer = post(client, "weight", known="12350,0", tolerance="10")
    assert answer.status_code == 303
    page = client.get(PLACE).text
    assert verdict in page.split('id="checks"')[1]
    (check,) = served.desk.checks.of_lane("carril-1")
    assert check.outcome.figures["difference_kg"] == f"{reading - 12350:+}.0"
    assert (check.name, check.outcome.figures["frame"]) == ("Luis", "<STX>")


@pytest.mark.parametrize(
    ("weights", "moving", "form", "words"),
    [
        ((), False, {"known": "1000", "tolerance": "10"}, "no dice nada"),
        ((1000, 1200, 1400), False, {"known": "1000", "tolerance": "10"}, "se mueve"),
        ((1000, 1000), True, {"known": "1000", "tolerance": "10"}, "se mueve"),
        ((1000, 1000), False, {"known": "12.340", "tolerance": "10"}, "separador de miles"),
        ((1000, 1000), False, {"known": "1000", "tolerance": "-1"}, "separador de miles"),
    ],
)
def test_what_cannot_be_judged_is_said_and_not_written_down(
    served: Page,
    client: httpx.Client,
    enter: Enter,
    weights: tuple[int, ...],
    moving: bool,
    form: dict[str, str],
    words: str,
) -> None:
    enter(Role.TECHNICIAN)
    weigh(served, *weights, moving=moving)
    answer = post(client, "weight", **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert served.desk.checks.of_lane("carril-1") == []


def test_steadiness_needs_a_minute_and_fails_by_spread_or_silence(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter(Role.TECHNICIAN)
    weigh(served, *[5000] * 100)
    assert "un minuto" in post(client, "stability").text
    served.board.bench.keep_only(())
    weigh(served, *[5000, 5010] * 200)
    assert post(client, "stability").status_code == 303
    weigh(served, *[5000, 5050] * 200)
    post(client, "stability")
    served.board.bench.keep_only(())
    weigh(served, *[5000] * 30, every=3.0)
    post(client, "stability")
    passed = [check.outcome.passed for check in served.desk.checks.of_lane("carril-1")]
    assert passed == [False, False, True]


def test_a_camera_passes_by_the_height_of_its_letters(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter(Role.TECHNICIAN)
    assert "ninguna imagen" in post(client, "camera", device="trasera").text
    look(served, letters=20)
    client.get(f"{PLACE}/now")
    part = client.get(f"{PLACE}/now").json()["parts"]["camera-trasera"]
    assert 'viewBox="0 0 1280 720"' in part
    assert "Letras pequeñas" in part
    assert 'points="100,50 500,50 500,79 100,79"' in part
    assert client.get(f"{PLACE}/picture/trasera").content == PNG
    post(client, "camera", device="trasera")
    served.desk.aims.forget("carril-1")  # type: ignore[union-attr]
    look(served, letters=34)
    client.get(f"{PLACE}/now")
    post(client, "camera", device="trasera")
    newest, older = served.desk.checks.of_lane("carril-1")
    assert (newest.outcome.passed, older.outcome.passed) == (True, False)
    assert served.store.path(newest.outcome.figures["picture"]).exists()
    assert post(client, "camera", device="delantera").status_code == 404


def test_a_scanner_shows_control_characters_and_passes_by_its_label(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter(Role.TECHNICIAN)
    assert "todavía no ha leído" in post(client, "scanner", device="lector", expected="x").text
    scan(served, "00123\x1d456")
    part = client.get(f"{PLACE}/now").json()["parts"]["scanner-lector"]
    assert "]C100123&lt;GS&gt;456&lt;CR&gt;" in part
    assert "5d 43 31 30" in part
    post(client, "scanner", device="lector", expected="00123456")
    scan(served, "02820264000123456")
    post(client, "scanner", device="lector", expected="02820264000123456")
    newest, older = served.desk.checks.of_lane("carril-1")
    assert (newest.outcome.passed, newest.outcome.figures["recognised"]) == (True, "dae")
    assert (older.outcome.passed, older.outcome.figures["scan"]) == (False, "00123<GS>456")


def test_a_drivers_card_is_neither_shown_nor_written_down(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter(Role.TECHNICIAN)
    scan(served, "1710034065")
    assert "171003" not in client.get(f"{PLACE}/now").text
    post(client, "scanner", device="lector", expected="1710034065")
    (check,) = served.desk.checks.of_lane("carril-1")
    assert check.outcome.passed
    assert "1710034065" not in str(check.outcome.figures)


def test_nothing_is_kept_of_pictures_and_scans_that_nobody_watches(served: Page) -> None:
    bench = served.board.bench
    bench.heard("carril-1", Stamped("lector", NOON, 100.0, Scan("x")))
    bench.heard("carril-1", Stamped("trasera", NOON, 100.0, Picture(PNG)))
    assert (bench.scans("carril-1", "lector"), bench.picture("carril-1", "trasera")) == ((), None)
    scan(served, "x")
    assert bench.is_watched("carril-1", 130.0)
    assert not bench.is_watched("carril-1", 130.1)
    assert bench.scans("carril-1", "lector") == ()


def test_the_bench_is_bounded(served: Page) -> None:
    bench = served.board.bench
    bench.watch("carril-1", 0.0)
    for number in range(4000):
        moment = number / 25
        bench.watch("carril-1", moment)
        bench.heard("carril-1", Stamped("balanza", NOON, moment, Weight(Decimal(number))))
        bench.heard("carril-1", Stamped("lector", NOON, moment, Scan(str(number))))
    points = bench.weights("carril-1", 3999 / 25)
    assert len(points) <= 1201
    assert points[-1].high - points[-1].low <= 3
    assert len(bench.scans("carril-1", "lector")) == 8


def test_checks_are_added_and_never_changed(served: Page, client: httpx.Client, enter: Enter) -> None:
    enter(Role.TECHNICIAN)
    weigh(served, 1000, 1000)
    post(client, "weight", known="1000", tolerance="10")
    with sqlite3.connect(served.outbox.file.path) as db:
        for statement in ("UPDATE checks SET passed = 0", "DELETE FROM checks"):
            with pytest.raises(sqlite3.IntegrityError, match="checks are kept"):
                db.execute(statement)
    db.close()


def test_the_sheet_names_every_check_that_is_missing(
    served: Page, client: httpx.Client, enter: Enter
) -> None:
    enter(Role.TECHNICIAN, "Luis")
    weigh(served, 1000, 1000)
    post(client, "weight", known="1000", tolerance="10")
    sheet = client.get(f"{PLACE}/sheet").text
    assert sheet.count("sin probar") == 3
    assert "difference" not in sheet
    assert "Luis" in sheet
    assert client.get("/commissioning").text.count("sin probar") == 3
    assert client.get("/commissioning/carril-9").status_code == 404
    assert post(client, "other").status_code == 404
