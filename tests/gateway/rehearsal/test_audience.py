"""What people see of the demo: the lane now, every draft once, the outbox; in Spanish and in English."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from drivers.device import DeviceState, DeviceStatus
from drivers.readings import Stability
from gateway.board import Board
from gateway.link.link import LinkStatus
from gateway.outbox.outbox import Letter, Outbox
from gateway.rehearsal.audience import shown
from record.event import EventType
from record.proof import SigningKey, unwire
from record.receipt import Receipt
from record.topics import Gate, Stream

GATE = Gate("deposito", "garita-1")
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "gateway.db", GATE, SigningKey.generate())
    yield outbox
    outbox.close()


def draft(dae: str | None, status: str = "complete", **item: Any) -> Letter:
    payload: dict[str, Any] = {"items": [item]}
    if dae:
        payload["document"] = {"type": "DAE", "number": dae}
    data = {"status": status, "payload": payload}
    return Letter(EventType.DRAFT, GATE.lane("carril-1", Stream.INGRESS), data, subject=f"draft {dae}")


def seen(board: Board, outbox: Outbox, lang: str = "es") -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(shown(board.view, outbox, lang))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("lang", "word"), [("es", "sin conexión"), ("en", "offline")])
def test_a_gate_that_knows_nothing_yet_is_shown(outbox: Outbox, lang: str, word: str) -> None:
    text = seen(Board(("carril-1",)), outbox, lang)
    assert "carril-1" in text
    assert word in text


def test_weight_and_devices_are_shown_with_their_marks(outbox: Outbox) -> None:
    board = Board(("carril-1",))
    board.lane("carril-1", kg=Decimal(29680), stability=Stability.STABLE)
    board.device("carril-1", DeviceStatus("balanza", DeviceState.STREAMING, NOW))
    board.device("carril-1", DeviceStatus("lector", DeviceState.MISSING, NOW))
    board.link(LinkStatus(connected=True))
    text = seen(board, outbox)
    assert "29 680 kg ●" in text
    assert "✓balanza ✗lector" in text
    assert "conectado" in text


def test_a_draft_stands_once_with_its_latest_revision_and_its_number(outbox: Outbox) -> None:
    _, last = outbox.put(
        draft("02820264000000001", "incomplete"),
        draft("02820264000000001", container="MSCU1234566", weight_kg="21000"),
    )
    event = unwire(last.body)
    answer = Receipt.from_wire(
        {
            "answer": "accepted",
            "event": event["id"],
            "source": event["source"],
            "sequence": event["sequence"],
            "hash": last.hash,
            "delivery_number": "99999999202600000001S",
            "at": "2026-11-24T17:00:00.000Z",
        }
    )
    outbox.settle([answer])
    text = seen(Board(("carril-1",)), outbox)
    assert text.count("02820264000000001") == 1
    assert "MSCU1234566" in text
    assert "21000" in text
    assert "recibido 99999999202600000001S" in text


def test_what_is_not_known_is_a_dash(outbox: Outbox) -> None:
    outbox.put(draft(None, "incomplete"))
    assert "–" in seen(Board(("carril-1",)), outbox)
