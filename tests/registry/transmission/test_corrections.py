"""A correction on its way to customs: answered, rejected, swallowed, taken for its report's answer by nobody."""

from __future__ import annotations

import pytest
from lxml import etree

from registry.corrections.office import Corrections
from registry.database import reading
from registry.reports.completion import Asked
from registry.reports.office import NotNow
from registry.reports.state import State, What
from registry.transmission import book
from registry.transmission.hearing import Hearing
from registry.transmission.parcel import Answer
from registry.transmission.simulator import Verdict
from registry.transmission.way import Way

SEALS = Asked({"/items/0/seals": "EC999999"}, reason="sello cambiado en la inspección")


@pytest.fixture
def office(port):
    return Corrections(port.depot.office)


@pytest.fixture
def draft(port):
    """A report that customs has approved."""
    draft = port.queued()
    port.courier.send()
    port.courier.fetch()
    assert port.state(draft) is State.APPROVED
    return draft


def queued(port, office, draft: str, asked: Asked = SEALS) -> str:
    """A correction that one has asked for and another sent on its way: its id."""
    report = port.depot.see(draft).report
    made = office.correct(report.id, report.version, port.depot.ana, asked)
    for what in (What.REVIEWED, What.QUEUED):
        do(port, office, made, what)
    return made


def do(port, office, made: str, what: What, reason: str = "", who=None):
    who = who or port.depot.bea
    return office.do(made, office.see(made, who).correction.version, who, what, reason)


def state(port, office, made: str) -> State:
    return office.see(made, port.depot.ana).correction.state


def test_a_correction_is_sent_and_its_acceptance_changes_the_report(port, office, draft):
    made = queued(port, office, draft)
    assert port.courier.send() == 1
    assert state(port, office, made) is State.SENT
    sent = port.customs.sent[-1]
    assert (sent.kind, sent.number) == ("033", port.depot.row(draft).delivery_number)
    assert sent.faults == ()
    assert sent.body == office.document(made, port.depot.ana)[1]
    assert etree.fromstring(sent.body).findtext(".//{*}AfterContent") == "EC999999"
    assert port.courier.fetch() == 1
    assert state(port, office, made) is State.APPROVED
    assert port.depot.see(draft).report.payload["items"][0]["seals"] == ["EC999999"]
    last = office.see(made, port.depot.ana).history[-1]
    assert (last.what, last.user, last.detail["answer"]) == ("approved", "", sent.reference)
    assert port.past(draft)[-1].what == "corrected"


def test_a_rejected_correction_leaves_its_report_and_may_be_sent_again(port, office, draft):
    made = queued(port, office, draft)
    port.plan.verdicts = [Verdict.REJECT]
    port.courier.send()
    port.courier.fetch()
    assert state(port, office, made) is State.REJECTED
    assert "DAE-014" in office.see(made, port.depot.ana).history[-1].reason
    assert port.state(draft) is State.APPROVED
    do(port, office, made, What.REOPENED, "la DAE se prorrogó", port.depot.ana)
    for what in (What.REVIEWED, What.QUEUED):
        do(port, office, made, what)
    port.courier.send()
    port.courier.fetch()
    assert state(port, office, made) is State.APPROVED


def test_a_swallowed_correction_is_told_and_a_person_decides(port, office, draft, clock):
    made = queued(port, office, draft)
    port.plan.verdicts = [Verdict.SWALLOW]
    port.courier.send()
    clock.move(minutes=61)
    assert (port.courier.fetch(), port.courier.look_for_overdue()) == (0, 1)
    do(port, office, made, What.FAILED, "no está en el portal")
    assert state(port, office, made) is State.ERROR
    with pytest.raises(NotNow):
        do(port, office, made, What.APPROVED, "visto en el portal")
    do(port, office, made, What.APPROVED, "visto en el portal", port.depot.eva)
    assert port.depot.see(draft).report.payload["items"][0]["seals"] == ["EC999999"]


def test_an_answer_that_may_be_of_either_decides_nothing(port, office, clock):
    port.customs.names_kinds = False
    port.plan.verdicts = [Verdict.SWALLOW]
    draft = port.queued()
    port.courier.send()
    port.depot.do(draft, What.APPROVED, port.depot.eva, "visto en el portal")
    made = queued(port, office, draft)
    port.courier.send()
    assert port.courier.fetch() == 0
    assert (port.state(draft), state(port, office, made)) == (State.APPROVED, State.SENT)
    number = port.depot.row(draft).delivery_number
    with reading(port.depot.engine) as connection:
        assert [row.outcome for row in book.answers(connection, number)] == [book.UNCLEAR]
        assert [row.outcome for row in book.answers(connection, number, made)] == [book.UNCLEAR]
    hearing = Hearing(port.depot.office, Way(port.depot.office.file, port.depot.office.documents))
    assert hearing.hear(Answer("R9", number, accepted=True, type_code="031")) == "known"
    assert hearing.hear(Answer("R10", number, accepted=True)) == "applied"
    assert state(port, office, made) is State.APPROVED


def test_what_cannot_be_written_goes_by_hand(port, office, draft):
    report = port.depot.see(draft).report
    asked = Asked({"/items/0/packages": "1081"}, reason="mal contado")
    made = office.correct(report.id, report.version, port.depot.ana, asked)
    do(port, office, made, What.REVIEWED)
    with pytest.raises(NotNow, match="by_hand"):
        do(port, office, made, What.QUEUED)
    do(port, office, made, What.EXPORTED)
    assert port.courier.send() == 0
