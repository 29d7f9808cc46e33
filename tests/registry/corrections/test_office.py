"""Corrections (CII): only of approved reports, never once the document is regularised, by two people."""

from __future__ import annotations

import pytest
from lxml import etree
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from record.proof import unwire
from registry.corrections.tables import correction_changes
from registry.database import reading, writing
from registry.people.role import Role
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import Asked, BadFields
from registry.reports.document import NoDocument
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.reports.state import State, What
from registry.reports.tables import report_outbox
from registry.verify import verified

WEIGHT, SEALS = "/items/0/weight_kg", "/items/0/seals"
FORWARD = (What.REVIEWED, What.EXPORTED, What.APPROVED)


def told(depot) -> list[tuple[str, str]]:
    with reading(depot.engine) as connection:
        bodies = connection.execute(select(report_outbox.c.body).order_by(report_outbox.c.position)).scalars()
        return [(data["change"], data["state"]) for data in (unwire(body)["data"] for body in bodies)]


def test_what_customs_approves_is_laid_over_the_report(correcting):
    report = correcting.approved()
    name, issued = correcting.depot.office.document(report, correcting.depot.ana)
    correction = correcting.correct(report, {SEALS: "EC123456, ML77", WEIGHT: "21360"})
    assert correcting.report(report).payload["items"][0]["weight_kg"] == "21350"
    correcting.do(correction, *FORWARD)
    found = correcting.report(report)
    assert found.state is State.APPROVED
    assert found.payload["items"][0]["weight_kg"] == "21360"
    assert found.payload["items"][0]["seals"] == ["EC123456", "ML77"]
    assert correcting.depot.row(found.draft).weight_kg == 21360
    assert told(correcting.depot)[-1] == ("corrected", "approved")
    assert correcting.depot.office.document(report, correcting.depot.ana) == (name, issued)
    with reading(correcting.depot.engine) as connection:
        assert verified(connection).unbroken


def test_a_correction_of_seals_is_a_document_and_each_seal_a_line(correcting):
    report = correcting.approved()
    correction = correcting.correct(report, {SEALS: "EC999, ML77"})
    seen = correcting.see(correction)
    assert [(line.item, line.code, line.before, line.after) for line in seen.lines] == [
        (1, "IKJ", "EC123456", "EC999"),
        (1, "IKK", "", "ML77"),
    ]
    with pytest.raises(NotNow):
        correcting.office.document(correction, correcting.depot.ana)
    correcting.do(correction, What.REVIEWED, What.EXPORTED)
    name, body = correcting.office.document(correction, correcting.depot.ana)
    assert name.startswith(f"CII-{seen.correction.number}") and b"BANANO" not in body
    root = etree.fromstring(body)
    values = {etree.QName(each).localname: each.text for each in root.iter() if not len(each)}
    assert values["ID"] == "01234567" and values["CarryInOutTypeCode"] == "I"
    assert values["ChangeReason"] == "sello cambiado" and values["AfterContent"] == "ML77"
    assert root[0][0].text == seen.correction.number
    assert correcting.office.document(correction, correcting.depot.ana)[1] == body


def test_a_field_whose_code_nobody_knows_is_no_document_and_leaves_all_the_same(correcting):
    correction = correcting.correct(correcting.approved(), {WEIGHT: "21360"})
    correcting.do(correction, What.REVIEWED, What.EXPORTED)
    seen = correcting.see(correction)
    assert [each.code for each in correcting.office.lacking(seen)] == ["console.correction.no_code"]
    with pytest.raises(NoDocument):
        correcting.office.document(correction, correcting.depot.ana)
    correcting.do(correction, What.APPROVED)
    assert correcting.report(seen.report.id).payload["items"][0]["weight_kg"] == "21360"


def test_who_writes_it_does_not_review_it(correcting):
    correction = correcting.correct(correcting.approved(), {WEIGHT: "21360"})
    with pytest.raises(NotAllowed):
        correcting.do(correction, What.REVIEWED, who=correcting.depot.ana)
    correcting.office.rewrite(
        correction, 1, correcting.depot.bea, Asked({WEIGHT: "21370"}, reason="mal sumado")
    )
    with pytest.raises(NotAllowed):
        correcting.do(correction, What.REVIEWED, who=correcting.depot.bea)
    assert correcting.do(correction, What.REVIEWED, who=correcting.depot.ana).state is State.REVIEWED
    assert correcting.see(correction).correction.values == {WEIGHT: "21370"}


def test_only_an_approved_report_is_corrected(correcting):
    depot = correcting.depot
    draft = depot.send()
    for what in (None, What.REVIEWED, What.EXPORTED):
        if what is not None:
            depot.do(draft, what)
        with pytest.raises(NotNow):
            correcting.correct(depot.report(draft), {WEIGHT: "21360"})
    depot.do(draft, What.APPROVED)
    correction = correcting.correct(depot.report(draft), {WEIGHT: "21360"})
    depot.do(draft, What.REJECTED, depot.eva, "la aduana lo rechazó después")
    with pytest.raises(NotNow):
        correcting.do(correction, What.REVIEWED)


def test_nothing_is_corrected_once_the_document_is_regularised(correcting):
    report = correcting.approved()
    correction = correcting.correct(report, {WEIGHT: "21360"})
    correcting.do(correction, What.REVIEWED)
    correcting.regularise(report)
    with pytest.raises(NotNow) as told_of:
        correcting.do(correction, What.EXPORTED)
    assert told_of.value.phrase.code == "console.correction.regularised"
    correcting.do(correction, What.REOPENED, reason="x")
    correcting.do(correction, What.WITHDRAWN, reason="x")
    for deed in (
        lambda version: correcting.office.cancel(report, version, correcting.depot.ana, "x"),
        lambda _: correcting.correct(report, {WEIGHT: "21360"}),
    ):
        with pytest.raises(NotNow):
            deed(correcting.report(report).version)


def test_one_correction_at_a_time(correcting):
    report = correcting.approved()
    first = correcting.correct(report, {WEIGHT: "21360"})
    with pytest.raises(NotNow):
        correcting.correct(report, {WEIGHT: "21370"})
    correcting.do(first, *FORWARD)
    second = correcting.correct(report, {WEIGHT: "21370"})
    assert correcting.see(second).correction.changes[0]["before"] == "21360"


def test_what_cannot_stand_is_told_by_field(correcting):
    report = correcting.approved()
    wrong = {
        WEIGHT: "much",
        "/items/0/container": "CSQU3054384",
        "/document": "DAE 02820264000000001",
        "/items/7/weight_kg": "1",
        "/items/0/loose": "yes",
    }
    with pytest.raises(BadFields) as told_of:
        correcting.correct(report, wrong, reason=" ")
    assert set(told_of.value.problems) == {*wrong, "reason"}
    with pytest.raises(BadFields) as told_of:
        correcting.correct(report, {WEIGHT: ""})
    assert set(told_of.value.problems) == {WEIGHT}
    with pytest.raises(NotNow):
        correcting.correct(report, {WEIGHT: "21350"})


def test_a_rejected_correction_changes_nothing_and_is_written_anew(correcting):
    report = correcting.approved()
    correction = correcting.correct(report, {WEIGHT: "21360"})
    correcting.do(correction, What.REVIEWED, What.EXPORTED)
    correcting.do(correction, What.REJECTED, reason="falta el código")
    assert correcting.report(report).payload["items"][0]["weight_kg"] == "21350"
    correcting.do(correction, What.REOPENED, reason="otra vez")
    asked = Asked({WEIGHT: "21380"}, reason="pesado de nuevo")
    correcting.office.rewrite(
        correction, correcting.see(correction).correction.version, correcting.depot.ana, asked
    )
    correcting.do(correction, *FORWARD)
    assert correcting.report(report).payload["items"][0]["weight_kg"] == "21380"


def test_two_boxes_swap_their_documents(correcting):
    first = correcting.approved("CSQU3054383", "02820264000000001")
    second = correcting.approved("TEXU3070079", "02820264000000002")
    version = correcting.report(first).version
    correction = correcting.office.swap(first, version, correcting.depot.ana, "TEXU 307007-9", "cruzadas")
    twin = correcting.see(correction).twin
    correcting.do(correction, What.REVIEWED, What.EXPORTED)
    assert correcting.see(twin.id).correction.state is State.EXPORTED
    correcting.do(correction, What.APPROVED)
    assert correcting.see(twin.id).correction.state is State.EXPORTED
    correcting.do(twin.id, What.APPROVED)
    numbers = [correcting.report(each).payload["document"]["number"] for each in (first, second)]
    assert numbers == ["02820264000000002", "02820264000000001"]


@pytest.mark.parametrize("words", ["", "nothing", "CSQU3054383"])
def test_a_swap_needs_one_other_report(correcting, words):
    first = correcting.approved("CSQU3054383", "02820264000000001")
    correcting.approved("TEXU3070079", "02820264000000002")
    with pytest.raises(NotNow):
        version = correcting.report(first).version
        correcting.office.swap(first, version, correcting.depot.ana, words, "cruzadas")


def test_a_wrong_document_is_cancelled_and_another_report_waits_for_that(correcting):
    depot = correcting.depot
    report = correcting.approved()
    version = correcting.report(report).version
    correction = correcting.office.cancel(report, version, depot.ana, "otra DAE", "DAE 028-2026-40-00000009")
    successor = correcting.see(correction).successor
    new = correcting.report(successor)
    assert new.payload["document"]["number"] == "02820264000000009"
    assert new.document().items == correcting.report(report).document().items
    assert new.payload["entered_at"] == correcting.report(report).payload["entered_at"]
    depot.office.do(successor, new.version, depot.ana, What.REVIEWED)
    with pytest.raises(NotNow) as told_of:
        depot.office.do(successor, correcting.report(successor).version, depot.ana, What.EXPORTED)
    assert told_of.value.phrase.code == "console.correction.replaces"
    correcting.do(correction, *FORWARD)
    assert correcting.report(report).state is State.CANCELLED
    assert told(depot)[-1] == ("cancelled", "cancelled")
    depot.office.do(successor, correcting.report(successor).version, depot.ana, What.EXPORTED)
    with pytest.raises(NotNow):
        correcting.correct(report, {WEIGHT: "21360"})


def test_a_wrong_document_has_to_be_one(correcting):
    report = correcting.approved()
    version = correcting.report(report).version
    for document in ("DAE 123", "DAE 02820264000123456"):
        with pytest.raises(BadFields):
            correcting.office.cancel(report, version, correcting.depot.ana, "otra DAE", document)
    assert correcting.report(report).version == version


def test_a_report_that_is_opened_again_keeps_what_was_corrected(correcting):
    depot = correcting.depot
    report = correcting.approved()
    correcting.do(correcting.correct(report, {WEIGHT: "21360"}), *FORWARD)
    draft = correcting.report(report).draft
    depot.do(draft, What.REJECTED, depot.eva, "la aduana lo rechazó después")
    depot.do(draft, What.REOPENED, reason="x")
    assert correcting.report(report).payload["items"][0]["weight_kg"] == "21360"
    depot.complete(draft, Asked({WEIGHT: "21370"}, reason="pesado"))
    for what in FORWARD:
        depot.do(draft, what)
    assert correcting.report(report).payload["items"][0]["weight_kg"] == "21370"


def test_the_gates_proposal_becomes_a_correction_and_is_gone_with_it(correcting):
    depot = correcting.depot
    report = correcting.approved()
    draft = correcting.report(report).draft
    payload = correcting._payload("CSQU3054383", "02820264000123456")
    payload["items"][0]["weight_kg"] = "21400"
    depot.send(draft, 2, payload=payload)
    assert depot.row(draft).disputed
    correcting.do(correcting.correct(report, {WEIGHT: "21400"}), *FORWARD)
    assert not depot.row(draft).disputed


def test_the_second_of_two_is_told(correcting):
    report = correcting.approved()
    correction = correcting.correct(report, {WEIGHT: "21360"})
    correcting.do(correction, What.REVIEWED)
    with pytest.raises(Stale):
        correcting.office.do(correction, 1, correcting.depot.eva, What.EXPORTED)
    with pytest.raises(Stale):
        correcting.office.cancel(report, 1, correcting.depot.ana, "x")


def test_who_sees_no_report_sees_no_correction(correcting):
    correction = correcting.correct(correcting.approved(), {WEIGHT: "21360"})
    with pytest.raises(NoReport):
        correcting.office.see(correction, Who("x", "X", Role.CLERK, ("elsewhere",)))
    for who in (Who("x", "X", Role.CUSTOMS), Who("x", "X", Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            correcting.do(correction, What.REVIEWED, who=who)


def test_a_correction_without_its_history_is_found(correcting):
    correcting.correct(correcting.approved(), {WEIGHT: "21360"})
    with writing(correcting.depot.engine) as connection:
        connection.execute(text("UPDATE corrections SET version = 5"))
    with reading(correcting.depot.engine) as connection:
        found = [each.code for each in verified(connection).problems]
    assert found == ["registry.broken.correction_history"]


def test_history_cannot_be_changed(correcting):
    correcting.correct(correcting.approved(), {WEIGHT: "21360"})
    with pytest.raises(DatabaseError), writing(correcting.depot.engine) as connection:
        connection.execute(update(correction_changes).values(reason="another"))
    with pytest.raises(DatabaseError), writing(correcting.depot.engine) as connection:
        connection.execute(text("DELETE FROM correction_changes"))
