"""The verdict on a rehearsal. It is worth something only if it says no: each way to go wrong is tried here."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.outbox.outbox import Outbox
from gateway.rehearsal.outcome import Outcome, Sent, fits, wait_for_receipts
from gateway.rehearsal.trucks import trucks
from record.proof import SigningKey
from record.topics import Gate

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
SCRIPT = [truck.expected() for truck in trucks(3, 1, 2026)]


def sent(index: int, **changes: Any) -> Sent:
    made = Sent(
        f"draft-{index}", SCRIPT[index]["dae"], 2, "received", NOON, NOON + timedelta(seconds=index + 1)
    )
    return replace(made, **changes)


def held(index: int, **changes: Any) -> dict[str, Any]:
    return {"draft": f"draft-{index}", **SCRIPT[index], **changes}


def outcome(**changes: Any) -> Outcome:
    made = Outcome(SCRIPT, [sent(index) for index in range(3)], [held(index) for index in range(3)])
    return replace(made, **changes)


def test_everything_once_and_as_scripted_is_right() -> None:
    assert outcome().right
    assert (outcome().received, outcome().receipts) == (3, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dae", "02820264000000009"),
        ("dae", None),
        ("container", "MSCU1234566"),
        ("container", None),
        ("weight_kg", 1),
        ("weight_kg", None),
        ("weight_kg", str(SCRIPT[1]["weight_kg"])),
        ("status", "incomplete"),
    ],
)
def test_one_wrong_value_in_the_registry_is_wrong(name: str, value: object) -> None:
    assert not outcome(held=[held(0), held(1, **{name: value}), held(2)]).right


@pytest.mark.parametrize("name", ["dae", "container", "weight_kg", "status"])
def test_a_script_that_was_tampered_with_is_wrong(name: str) -> None:
    tampered = [SCRIPT[0], {**SCRIPT[1], name: "x"}, SCRIPT[2]]
    assert not outcome(script=tampered).right


@pytest.mark.parametrize(
    "changes",
    [
        {"held": [held(0), held(1)]},
        {"held": [held(0), held(1), held(2), held(2)]},
        {"held": [held(0), held(1), held(1)]},
        {"held": []},
        {"sent": [sent(0), sent(1)]},
        {"sent": [sent(0), sent(1), sent(2), sent(2, draft="draft-9")]},
        {"sent": [sent(0), sent(1), sent(2, state="sent")]},
        {"sent": [sent(0), sent(1), sent(2, state="refused")]},
        {"script": SCRIPT[:2]},
    ],
)
def test_too_few_too_many_or_unreceived_is_wrong(changes: dict[str, Any]) -> None:
    assert not outcome(**changes).right


def test_two_trucks_with_their_values_exchanged_are_wrong() -> None:
    crossed = [held(0, container=SCRIPT[1]["container"]), held(1, container=SCRIPT[0]["container"]), held(2)]
    assert not outcome(held=crossed).right


def test_the_summary_has_the_promised_keys_and_types() -> None:
    summary = outcome().summary()
    assert list(summary) == ["script", "drafts", "received", "receipts", "seconds_from_last_fact_to_receipt"]
    assert all(set(truck) == {"dae", "container", "weight_kg"} for truck in summary["script"])
    assert [type(summary[name]) for name in ("drafts", "received", "receipts")] == [int] * 3
    assert summary["seconds_from_last_fact_to_receipt"] == {"p50": 2.0, "max": 3.0}


def test_without_a_receipt_there_is_no_delay() -> None:
    summary = outcome(sent=[sent(0, state="new")]).summary()
    assert summary["seconds_from_last_fact_to_receipt"] == {"p50": None, "max": None}
    assert summary["receipts"] == 0


def test_more_than_the_script_asks_for_does_no_harm_to_a_draft() -> None:
    assert fits(SCRIPT[0], held(0, colour="red"))
    assert not fits(SCRIPT[0], held(1))


def test_waiting_ends_when_patience_does(tmp_path: Path) -> None:
    with closing(Outbox(tmp_path / "gateway.db", Gate("d", "g"), SigningKey.generate())):
        assert not wait_for_receipts(tmp_path / "gateway.db", "2026", 1, 0.3)


def test_waiting_ends_as_soon_as_every_visit_has_closed_and_nothing_waits(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE letters (type TEXT, state TEXT, created_at TEXT)")
        db.execute("INSERT INTO letters VALUES ('ec.iie.visit.closed', 'sent', '2026-11-24')")
        db.commit()
        found: list[bool] = []
        waiting = threading.Thread(target=lambda: found.append(wait_for_receipts(path, "2026", 1, 20)))
        waiting.start()
        db.execute("UPDATE letters SET state = 'received'")
        db.commit()
        waiting.join(20)
    assert found == [True]
