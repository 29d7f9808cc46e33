"""A report on its way to customs: answered, rejected, swallowed, unreachable, killed in between; never sent twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.rehearsal.broker import free_port
from registry import outgoing
from registry.database import reading
from registry.reports.office import NotNow
from registry.reports.state import State, What
from registry.transmission import book
from registry.transmission.counter import Counter
from registry.transmission.hearing import Hearing
from registry.transmission.paper import papers
from registry.transmission.parcel import Answer, NotReached
from registry.transmission.queue import REPORTS
from registry.transmission.simulator import Verdict
from registry.transmission.way import Way


def counter_of(office) -> Counter:
    """Where a worker takes reports from."""
    return Counter(office, Way(office.file, office.documents), papers(office)[0])


def test_a_queued_report_is_sent_and_its_acceptance_approves_it(port):
    draft = port.queued()
    assert port.state(draft) is State.QUEUED
    assert port.courier.send() == 1
    assert port.state(draft) is State.SENT
    assert port.courier.fetch() == 1
    assert port.state(draft) is State.APPROVED
    assert [row.what for row in port.past(draft)][-3:] == ["queued", "sent", "approved"]
    assert [row.name for row in port.past(draft)][-2:] == [None, None]
    assert len(port.told) == 2


def test_customs_is_sent_the_document_that_was_issued_in_the_depots_name(port):
    draft = port.queued()
    port.courier.send()
    (sent,) = port.customs.sent
    report = port.depot.see(draft).report
    assert sent.number == report.delivery_number
    assert sent.header["DclrCd"] == report.payload["depot"]["oce"]
    assert (sent.header["DclrRuc"], sent.header["UserId"]) == ("1790012345001", "OPERADOR1")
    assert (sent.header["RcsdEdocTypeCd"], sent.header["DocPrcsType"]) == ("031", "O")
    assert sent.faults == ()
    assert sent.body == port.depot.office.document(report.id, port.depot.ana)[1]


def test_a_rejection_brings_the_rows_of_errors_and_another_number_when_it_is_opened_again(port):
    port.plan.verdicts = [Verdict.REJECT]
    draft = port.queued()
    port.courier.send()
    port.courier.fetch()
    assert port.state(draft) is State.REJECTED
    last = port.past(draft)[-1]
    assert last.reason == "DAE-014 la DAE no está vigente"
    assert last.detail["faults"] == [{"code": "DAE-014", "text": "la DAE no está vigente"}]
    before = port.depot.see(draft).report.delivery_number
    port.depot.do(draft, What.REOPENED, reason="la DAE se prorrogó")
    for what in (What.REVIEWED, What.QUEUED):
        port.depot.do(draft, what)
    port.courier.send()
    port.courier.fetch()
    assert port.state(draft) is State.APPROVED
    assert [sent.number for sent in port.customs.sent] == [
        before,
        port.depot.see(draft).report.delivery_number,
    ]
    assert len({sent.number for sent in port.customs.sent}) == 2


def test_what_customs_does_not_take_is_an_error_with_its_words_and_may_be_queued_again(port):
    port.plan.verdicts = [Verdict.FAULT]
    draft = port.queued()
    port.courier.send()
    assert port.state(draft) is State.ERROR
    assert "not available to this operator" in port.past(draft)[-1].reason
    assert port.customs.sent == []
    port.depot.do(draft, What.QUEUED)
    port.courier.send()
    assert port.state(draft) is State.SENT


def test_a_swallowed_document_is_told_once_and_a_supervisor_decides(port, clock):
    port.plan.verdicts = [Verdict.SWALLOW]
    draft = port.queued()
    port.courier.send()
    clock.move(minutes=59)
    assert (port.courier.fetch(), port.courier.look_for_overdue()) == (0, 0)
    clock.move(minutes=2)
    assert port.courier.look_for_overdue() == 1
    assert port.courier.look_for_overdue() == 0
    assert port.state(draft) is State.SENT
    port.depot.do(draft, What.APPROVED, port.depot.eva, "visto en el portal")
    assert port.state(draft) is State.APPROVED


def test_a_document_whose_reply_was_lost_counts_as_sent_and_does_not_leave_again(port):
    port.plan.verdicts = [Verdict.HANG_UP]
    draft = port.queued()
    port.courier.send()
    assert port.state(draft) is State.SENT
    assert port.past(draft)[-1].detail == {"unsure": True}
    assert port.courier.send() == 0
    assert len(port.customs.sent) == 1
    port.courier.fetch()
    assert port.state(draft) is State.APPROVED


def test_while_customs_is_not_reached_documents_wait_and_are_an_error_after_a_day(
    port_of: Callable[..., object], clock
):
    port = port_of(url=f"http://127.0.0.1:{free_port()}")
    draft = port.queued()
    with pytest.raises(NotReached):
        port.courier.send()
    assert port.state(draft) is State.QUEUED
    assert port.courier.send() == 0, "its next attempt has a time"
    with reading(port.depot.engine) as connection:
        leg = REPORTS.latest(connection, port.depot.row(draft).position)
    assert leg is not None
    assert (leg.attempts, leg.began_at) == (1, None)
    assert "127.0.0.1" in (leg.trouble or "")
    clock.move(hours=25)
    with pytest.raises(NotReached):
        port.courier.send()
    assert port.state(draft) is State.ERROR


def test_a_registry_killed_while_a_document_leaves_never_sends_it_again(port, clock):
    draft = port.queued()
    office = port.depot.office
    leaving = counter_of(office).next()
    assert leaving is not None
    port.customs.take({"SmtNo": leaving.parcel.number, "DclrCd": leaving.parcel.sender.oce}, "<a/>")
    assert port.courier.send() == 0
    assert port.state(draft) is State.QUEUED, "another worker may be sending it"
    with pytest.raises(NotNow):
        port.depot.do(draft, What.UNQUEUED, reason="mejor no")
    clock.move(minutes=5)
    assert port.courier.send() == 0
    assert port.state(draft) is State.SENT
    assert port.past(draft)[-1].detail == {"unsure": True}
    assert len(port.customs.sent) == 1


def test_two_workers_take_each_document_once(port):
    drafts = [port.queued() for _ in range(4)]
    office = port.depot.office
    counters = [counter_of(office) for _ in range(2)]
    taken = [counter.next() for _ in range(2) for counter in counters]
    assert {each.paper for each in taken if each} == {port.depot.report(draft) for draft in drafts}
    assert counters[0].next() is None


def test_what_was_taken_back_before_it_left_stays_at_home(port):
    draft = port.queued()
    port.depot.do(draft, What.UNQUEUED, reason="falta un sello")
    assert port.courier.send() == 0
    assert port.customs.sent == []
    assert port.state(draft) is State.REVIEWED


def test_an_answer_is_laid_upon_its_report_once(port):
    draft = port.queued()
    port.courier.send()
    number = port.customs.sent[0].number
    office = port.depot.office
    hearing = Hearing(office, Way(office.file, office.documents))
    yes = Answer("R1", number, accepted=True)
    assert [hearing.hear(yes), hearing.hear(yes)] == ["applied", "again"]
    assert hearing.hear(Answer("R2", number, accepted=True)) == "known"
    assert hearing.hear(Answer("R3", number, accepted=False)) == "contradicts"
    assert hearing.hear(Answer("R4", "01234567202600000099S", accepted=True)) == "unknown"
    assert port.state(draft) is State.APPROVED
    with reading(port.depot.engine) as connection:
        assert [row.outcome for row in book.answers(connection, number)] == [
            "applied",
            "known",
            "contradicts",
        ]


def test_a_real_report_never_goes_to_a_simulator(port):
    draft = port.queued(simulated=False)
    port.courier.send()
    assert port.state(draft) is State.ERROR
    assert "simulador" in port.past(draft)[-1].reason
    assert port.customs.sent == []


def test_a_simulated_report_never_goes_to_customs_and_nothing_goes_without_the_operators_schema(port_of):
    port = port_of(simulator=False)
    simulated, real = port.queued(), port.queued(simulated=False)
    port.courier.send()
    assert (port.state(simulated), port.state(real)) == (State.ERROR, State.ERROR)
    assert port.past(simulated)[-1].reason == "es un informe simulado: no va a la aduana"
    assert "XSD" in port.past(real)[-1].reason
    assert port.customs.sent == []


def test_reports_of_a_depot_that_is_not_named_stay(port_of):
    port = port_of(depots={})
    draft = port.queued()
    assert port.courier.send() == 0
    assert port.state(draft) is State.QUEUED


def test_what_waits_is_counted_with_its_age(port, clock):
    port.queued()
    clock.move(minutes=40)
    with reading(port.depot.engine) as connection:
        found = {(each.kind, each.state): each for each in outgoing.documents(connection, clock())}
    assert (found["report", "queued"].count, found["report", "queued"].oldest_s) == (1, 2400)
    assert (found["correction", "queued"].count, found["correction", "queued"].oldest_s) == (0, 0)
