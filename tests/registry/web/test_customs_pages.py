"""The report page where documents are transmitted: sent by a clerk, answered by customs, over real sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from record.event import EventType
from registry.corrections.office import Corrections
from registry.reports.completion import Asked
from registry.reports.office import Office
from registry.reports.state import State, What
from registry.settings import Settings
from registry.transmission.adapters import adapter
from registry.transmission.courier import Courier
from registry.transmission.simulator import Simulator, Verdict

SENDER = {"ruc": "1790012345001", "user": "OPERADOR1"}


@pytest.fixture
def verdicts() -> list[Verdict]:
    return []


@pytest.fixture
def customs(verdicts: list[Verdict]) -> Iterator[Simulator]:
    with Simulator(lambda number: verdicts.pop(0) if verdicts else Verdict.ACCEPT) as running:
        yield running


@pytest.fixture
def settings(kit: Any, chain: Any, customs: Simulator, tmp_path: Path) -> Settings:
    rules = {"url": customs.url, "simulator": True, "depots": {"depot": SENDER}}
    file = kit.registry_file(
        chain, http={"hosts": ["registro.example.ec"]}, accept_simulated=True, transmission=rules
    )
    return Settings(file, tmp_path / "registry.yaml")


@pytest.fixture
def depot(kit, console, engine, chain, receiver, registry_key, clock, settings):
    office = Office(engine, settings.file, registry_key, clock, settings.folder)

    class Simulated(kit.Depot):
        def _arrive(self, type: EventType, data: dict[str, Any], subject: str) -> None:
            record = self.chain.record(type, data, subject=subject, simulated=True)
            (result,) = self._intake.receive([self.chain.arrival("l1/ingress", record)])
            assert result.outcome == "accepted", result.refused
            self.office.take_up()

    return Simulated(office, engine, chain, receiver(accept_simulated=True))


@pytest.fixture
def courier(settings, depot):
    rules = settings.file.transmission
    return Courier(depot.office, rules, adapter(rules, settings.folder), lambda: None)


def press(ana, enrol, depot, draft: str, what: What, reason: str = "") -> Any:
    version = depot.row(draft).version
    form = {"csrf": enrol.csrf(ana), "version": version, "what": what.value, "reason": reason}
    return ana.post(f"/reports/{depot.report(draft)}/do", data=form)


def page(ana, depot, draft: str) -> str:
    return re.sub(r"\s+", " ", ana.get(f"/reports/{depot.report(draft)}").text)


def test_a_clerk_sends_a_report_and_reads_what_customs_rejected(ana, enrol, depot, courier, verdicts):
    verdicts.append(Verdict.REJECT)
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    assert "Enviar a la aduana" in page(ana, depot, draft)
    assert press(ana, enrol, depot, draft, What.QUEUED).status_code == 303
    courier.send()
    assert "todavía sin respuesta" in page(ana, depot, draft)
    courier.fetch()
    shown = page(ana, depot, draft)
    assert "rechazado" in shown
    assert "<code>DAE-014</code> la DAE no está vigente" in shown
    assert "La aduana lo rechazó.</strong> «DAE-014 la DAE no está vigente»" in shown
    assert depot.row(draft).state == State.REJECTED


def test_what_was_not_taken_says_at_the_top_why_and_what_to_do(ana, enrol, depot, courier, verdicts):
    verdicts.append(Verdict.FAULT)
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    press(ana, enrol, depot, draft, What.QUEUED)
    courier.send()
    shown = page(ana, depot, draft)
    notice = re.search(r'<div class="notice bad">(.*?)</div>', shown)[1]
    assert "No llegó a la aduana.</strong> «the service is not available" in notice
    assert "envíelo otra vez" in notice and 'value="reopened"' in notice
    assert shown.count('value="reopened"') == 1, "what may be done is offered once"
    assert depot.report(draft) in ana.get("/inbox?tray=refused").text


def test_a_document_that_may_not_have_arrived_is_an_alarm(ana, enrol, depot, courier, verdicts):
    verdicts.append(Verdict.HANG_UP)
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    press(ana, enrol, depot, draft, What.QUEUED)
    courier.send()
    assert "no se sabe si llegó" in page(ana, depot, draft)
    assert press(ana, enrol, depot, draft, What.FAILED, "no está en el portal").status_code == 303
    assert depot.row(draft).state == State.ERROR
    assert "Enviar a la aduana" in page(ana, depot, draft)


def test_a_report_that_may_not_go_offers_no_way_and_takes_none(ana, enrol, depot_of, depot, console):
    real = depot_of(console)
    draft = real.send()
    real.do(draft, What.REVIEWED)
    assert "Enviar a la aduana" not in page(ana, real, draft)
    assert press(ana, enrol, real, draft, What.QUEUED).status_code == 400
    assert real.row(draft).state == State.REVIEWED


def test_the_envelope_of_an_issued_document_is_there_to_be_taken_along(ana, depot):
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    assert ana.get(f"{place}/envelope.xml").status_code == 409
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    envelope = etree.fromstring(ana.get(f"{place}/envelope.xml").content)
    assert envelope.findtext(".//{*}sendExportCargaIIE/arg0") == ana.get(f"{place}/document.xml").text
    assert envelope.findtext(".//{*}SmtNo") == depot.row(draft).delivery_number


def test_a_correction_is_sent_from_its_page(ana, enrol, depot, courier, verdicts):
    draft = depot.send()
    for what in (What.REVIEWED, What.QUEUED):
        depot.do(draft, what)
    courier.send()
    courier.fetch()
    report = depot.see(draft).report
    asked = Asked({"/items/0/seals": "EC999999"}, reason="sello cambiado")
    made = Corrections(depot.office).correct(report.id, report.version, depot.ana, asked)
    place = f"/corrections/{made}"

    def shown() -> str:
        return re.sub(r"\s+", " ", ana.get(place).text)

    def again(what: str = "queued") -> None:
        version = re.search(r'name="version" value="([0-9]+)"', shown())[1]
        form = {"csrf": enrol.csrf(ana), "version": version, "what": what}
        assert ana.post(f"{place}/do", data=form).status_code == 303

    again("reviewed")
    again()
    assert "Espera su salida" in shown()
    assert "son supuestos" in shown()
    verdicts.append(Verdict.FAULT)
    courier.send()
    assert "No llegó a la aduana.</strong> «the service" in shown()
    assert "Correcciones <b>1</b>" in ana.get("/inbox").text, "it waits for a person"
    again()
    assert "Correcciones <b>" not in ana.get("/inbox").text, "it waits for customs"
    courier.send()
    assert "todavía sin respuesta" in shown()
    envelope = etree.fromstring(ana.get(f"{place}/envelope.xml").content)
    assert "EC999999" in envelope.findtext(".//{*}sendExportCargaCII/arg0")
    courier.fetch()
    assert "aceptado" in shown() and "Aprobada por la aduana" in shown()
    assert "aceptado" in page(ana, depot, draft)
