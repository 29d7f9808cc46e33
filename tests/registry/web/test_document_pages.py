"""Documents over a real socket: downloads, the ZIP, the view to copy from."""

from __future__ import annotations

import io
import re
import zipfile

from lxml import etree

from registry.database import reading
from registry.people import trail
from registry.reports.state import What


def exported(depot, **changes) -> str:
    draft = depot.send(**changes)
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    return draft


def test_a_document_is_downloaded_as_it_was_exported(ana, depot, clock, console):
    draft = exported(depot)
    place = f"/reports/{depot.report(draft)}/document.xml"
    first = ana.get(place)
    clock.move(minutes=3)
    assert ana.get(place).content == first.content
    assert first.headers["content-type"] == "application/xml"
    assert depot.row(draft).delivery_number in first.headers["content-disposition"]
    root = etree.fromstring(first.content)
    assert root.findtext(".//{*}Declaration/{*}ID") == depot.row(draft).delivery_number
    with reading(console.engine) as connection:
        assert trail.latest(connection)[0].action == "document"


def test_before_the_export_there_is_none(ana, depot):
    draft = depot.send()
    assert ana.get(f"/reports/{depot.report(draft)}/document.xml").status_code == 409
    assert ana.get("/reports/none/document.xml").status_code == 404
    assert ana.get("/reports/..%2f..%2fetc%2fpasswd/document.xml").status_code == 404


def test_what_no_document_can_hold_is_told_before_the_export(ana, depot):
    draft = depot.send(item={"description": "a\x07b"})
    depot.do(draft, What.REVIEWED)
    place = f"/reports/{depot.report(draft)}"
    page = ana.get(place).text
    data = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("csrf", "version")}
    told = ana.post(f"{place}/do", data={**data, "what": "exported"})
    assert told.status_code == 409 and "caracteres que un documento XML no admite" in told.text
    assert depot.see(draft).report.state.value == "reviewed"


def test_many_documents_in_one_file(ana, depot):
    drafts = [exported(depot) for _ in range(3)]
    depot.send()
    archive = zipfile.ZipFile(io.BytesIO(ana.get("/reports.zip").content))
    wanted = {f"IIE-{depot.row(draft).delivery_number}.xml" for draft in drafts}
    assert set(archive.namelist()) == wanted
    assert archive.testzip() is None


def test_every_field_can_be_copied(ana, depot):
    hostile = "\"'><script>alert(1)</script>"
    draft = exported(depot, item={"description": hostile})
    page = ana.get(f"/reports/{depot.report(draft)}/copy").text
    for value in (
        depot.row(draft).delivery_number,
        "028",
        "02820264000123456",
        "CSQU3054383",
        "EC123456",
        "21350",
    ):
        assert f'data-copy="{value}"' in page, value
    assert "<script>alert" not in page
    assert "24/11/2026 12:00:00" in page
