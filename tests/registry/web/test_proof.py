"""The proof of a report for an auditor, from the console; and what people of other depots see of it: nothing."""

from __future__ import annotations

import io
import zipfile

import pytest

from registry.people.role import Role

PAGES = ("", "/proof.zip", "/document.xml", "/copy", "/dae")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPERVISOR])
def test_who_sees_the_trail_takes_a_proof_out(client, enrol, depot, role):
    enrol("Eva", role, client)
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    assert f"{place}/proof.zip" in client.get(place).text
    answer = client.get(f"{place}/proof.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert "verificar.py" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_a_clerk_does_not(client, enrol, depot):
    enrol("Ana", Role.CLERK, client)
    draft = depot.send()
    place = f"/reports/{depot.report(draft)}"
    assert "proof.zip" not in client.get(place).text
    assert client.get(f"{place}/proof.zip").status_code == 403


def test_people_of_another_depot_find_nothing_of_it(client, enrol, depot):
    enrol("Eva", Role.SUPERVISOR, client, depots=["elsewhere"])
    draft = depot.send()
    row = depot.row(draft)
    for page in PAGES:
        assert client.get(f"/reports/{row.id}{page}").status_code == 404, page
    for page in ("/inbox", "/reports", "/"):
        text = client.get(page, follow_redirects=True).text
        assert row.id not in text
        assert row.delivery_number not in text
