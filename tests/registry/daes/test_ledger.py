"""A base document adds up: over several reports, containers that are shared, what was cancelled, what has left."""

from __future__ import annotations

from typing import Any

import pytest

from registry.corrections.office import Corrections
from registry.daes import book
from registry.daes.ledger import ledger, others
from registry.daes.office import Declarations
from registry.daes.timeline import timeline
from registry.database import reading
from registry.notices.book import By, Kind, Origin
from registry.notices.taking import take_file
from registry.people.role import Role
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import Asked, BadFields
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.reports.state import What

FIRST, SECOND = "02820264000000001", "02820264000000002"
FORWARD = (What.REVIEWED, What.EXPORTED, What.APPROVED)


@pytest.fixture
def depot(depot_of):
    return depot_of()


def send(depot, document: str, *boxes: tuple[str, int | None, str | None], kind: str = "IIE") -> str:
    items = [
        {"sequence": place, "container": box, "description": "CACAO", "packaging": "104"}
        | ({} if packages is None else {"packages": packages})
        | ({} if weight is None else {"weight_kg": weight})
        for place, (box, packages, weight) in enumerate(boxes, 1)
    ]
    payload: dict[str, Any] = {
        "report": kind,
        "depot": {"profile": "temporal", "district": "028", "oce": "01234567", "operator_type": "05"},
        "entered_at": "2026-11-24T17:00:00.000Z",
        "document": {"type": "DAE", "number": document},
        "items": items,
    }
    if kind == "ISE":
        payload["exit_reason"] = "load"
    return str(depot.send(payload=payload))


def known(depot, number: str = FIRST):
    with reading(depot.engine) as connection:
        found = book.of_document(connection, "depot", "DAE", number)
    assert found is not None
    return found


def adds(depot, number: str = FIRST):
    with reading(depot.engine) as connection:
        return ledger(connection, known(depot, number))


def test_several_reports_of_one_document(depot):
    send(depot, FIRST, ("CSQU3054383", 500, "10000"))
    send(depot, FIRST, ("TEXU3070079", 300, "6000"), ("MSKU6011672", 200, "4100"))
    found = adds(depot)
    assert (found.received.packages, found.received.weight_kg, found.received.boxes) == (1000, 20100, 3)
    assert (found.approved.packages, found.received.lacks, len(found.reports)) == (0, 0, 2)


def test_several_documents_in_one_container(depot):
    send(depot, FIRST, ("CSQU3054383", 500, "10000"))
    send(depot, SECOND, ("CSQU3054383", 40, "800"))
    first, second = adds(depot), adds(depot, SECOND)
    assert (first.received.packages, second.received.packages) == (500, 40)
    assert first.received.boxes == second.received.boxes == 1
    with reading(depot.engine) as connection:
        assert others(connection, known(depot), first) == {"CSQU3054383": [f"DAE {SECOND}"]}


def test_what_is_not_known_yet_is_counted_and_told(depot):
    send(depot, FIRST, ("CSQU3054383", 500, None))
    send(depot, FIRST, ("TEXU3070079", 300, "6000"))
    found = adds(depot)
    assert (found.received.packages, found.received.weight_kg, found.received.lacks) == (800, 6000, 1)


def test_what_is_withdrawn_or_cancelled_counts_nowhere(depot):
    kept, gone = send(depot, FIRST, ("CSQU3054383", 5, "100")), send(depot, FIRST, ("TEXU3070079", 7, "140"))
    depot.do(gone, What.WITHDRAWN, reason="x")
    for what in FORWARD:
        depot.do(kept, what)
    assert (adds(depot).received.packages, adds(depot).approved.packages) == (5, 5)
    corrections, report = Corrections(depot.office), depot.report(kept)
    correction = corrections.cancel(report, depot.see(kept).report.version, depot.ana, "x")
    for version, what in enumerate(FORWARD, 1):
        corrections.do(correction, version, depot.bea, what)
    found = adds(depot)
    assert (found.received.packages, found.received.boxes, len(found.reports)) == (0, 0, 2)


def test_a_correction_is_in_the_sums(depot):
    draft = send(depot, FIRST, ("CSQU3054383", 5, "100"))
    for what in FORWARD:
        depot.do(draft, what)
    corrections = Corrections(depot.office)
    asked = Asked({"/items/0/packages": "6"}, reason="x")
    correction = corrections.correct(depot.report(draft), depot.see(draft).report.version, depot.ana, asked)
    for version, what in enumerate(FORWARD, 1):
        corrections.do(correction, version, depot.bea, what)
    assert (adds(depot).received.packages, adds(depot).approved.packages) == (6, 6)


def test_what_has_left_is_no_longer_inside(depot):
    send(depot, FIRST, ("CSQU3054383", 5, "100"))
    send(depot, FIRST, ("CSQU3054383", 2, "40"), kind="ISE")
    found = adds(depot)
    assert (found.received.packages, found.left.packages, found.left.weight_kg) == (5, 2, 40)


def test_declared_comes_before_announced(depot):
    send(depot, FIRST, ("CSQU3054383", 990, "20000"))
    table = f"documento;contenedor;bultos;peso_kg\n{FIRST};CSQU3054383;1000;20000\n"
    take_file(depot.office, "depot", Kind.PREADVICE, "a.csv", table.encode(), By("x", Origin.FILE))
    assert adds(depot).differences() == {"packages": (-10, -1.0), "weight_kg": (0, 0.0), "boxes": (0, 0.0)}
    said = {"packages": "900", "weight_kg": "", "ends_at": "2026-11-30", "channel": "físico"}
    Declarations(depot.office).say(known(depot).id, 0, depot.ana, said, "consulta")
    found = adds(depot)
    assert found.differences()["packages"] == (90, 10.0)
    assert found.measure.weight_kg == 20000
    assert known(depot).ends_at.isoformat() == "2026-12-01T04:59:59+00:00"


def test_an_announced_document_is_known_before_anything_has_come(depot):
    table = f"documento;bultos\n{FIRST};1000\n"
    take_file(depot.office, "depot", Kind.PREADVICE, "a.csv", table.encode(), By("x", Origin.FILE))
    assert adds(depot).received.packages == 0 and adds(depot).announced.packages == 1000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("packages", "-1"),
        ("packages", "9999999999"),
        ("weight_kg", "1.5"),
        ("containers", "x"),
        ("ends_at", "30/11/2026"),
        ("ends_at", "0001-01-01"),
        ("channel", "x" * 41),
        ("exporter", "a\x07b"),
    ],
)
def test_what_cannot_be_said_is_told(depot, name, text):
    send(depot, FIRST, ("CSQU3054383", 5, "100"))
    with pytest.raises(BadFields) as told:
        Declarations(depot.office).say(known(depot).id, 0, depot.ana, {name: text}, "")
    assert set(told.value.problems) == {name}


def test_who_says_it_and_when(depot):
    send(depot, FIRST, ("CSQU3054383", 5, "100"))
    office, identity = Declarations(depot.office), known(depot).id
    office.regularise(identity, 0, depot.ana, "visto en Ecuapass")
    assert known(depot).regularised
    for deed, error in (
        (lambda: office.regularise(identity, 1, depot.ana, "x"), NotNow),
        (lambda: office.regularise(identity, 0, depot.ana, "x"), Stale),
        (lambda: office.revoke(identity, 1, depot.ana, "x"), NotAllowed),
        (lambda: office.say(identity, 1, Who("x", "X", Role.CUSTOMS), {}, ""), NotAllowed),
        (lambda: office.say(identity, 1, Who("x", "X", Role.CLERK, ("other",)), {}, ""), NoReport),
        (lambda: office.say("none", 1, depot.ana, {}, ""), NoReport),
    ):
        with pytest.raises(error):
            deed()
    office.revoke(identity, 1, depot.eva, "era otra")
    assert not known(depot).regularised
    with reading(depot.engine) as connection:
        rows = book.history(connection, known(depot).position)
        positions = [row.position for row in ledger(connection, known(depot)).reports]
        moments = timeline(connection, known(depot), positions, [])
    assert [(row.what, row._mapping["name"]) for row in rows] == [("regularised", "Ana"), ("revoked", "Eva")]
    assert len(moments) == 3
