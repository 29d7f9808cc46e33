"""A report's proof for an auditor: the ZIP that checks itself, for whoever may see the trail."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from registry.auditor.package import package
from registry.database import writing
from registry.evidence.shelf import Shelf
from registry.people import trail
from registry.people.trail import Action
from registry.reports.office import NoReport
from registry.reports.query import one
from registry.web.desk import AtDesk
from registry.web.problem import Problem
from registry.web.visitor import TrailSeer, address_of

router = APIRouter()


@router.get("/reports/{report}/proof.zip")
def proof(request: Request, desk: AtDesk, who: TrailSeer, report: str) -> Response:
    """The ZIP; the driver's personal file stays out of it."""
    try:
        found = desk.office.see(report, who).report
    except NoReport:
        raise Problem(404, "not_found") from None
    now = desk.clock()
    with writing(desk.engine) as connection:
        row = one(connection, found.id)
        if row is None:
            raise Problem(404, "not_found")
        shelf = Shelf(desk.settings.evidence)
        content = package(connection, shelf, desk.office.key, row, now)
        trail.note(connection, now, who, Action.PACKAGE, report, address_of(request))
    name = f'attachment; filename="{row.delivery_number}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})
