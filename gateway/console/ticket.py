"""The driver's ticket: a number with a barcode, printed for the truck that stands on a lane.

Its number is given once for each visit and is heard by the lane as if a scanner had read it; scanned again at the
exit it leads back to the stay. A second press of the button prints the same ticket.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.clerk.stay import tickets
from gateway.console.desk import desk_of
from gateway.console.lane_page import basis, lane_page
from gateway.console.person import Right
from gateway.console.tickets import bars
from gateway.console.visitor import own_form, working


async def give(request: Request) -> Response:
    """Give the truck on a lane its ticket."""
    person, form = await own_form(request, Right.CORRECT)
    desk = desk_of(request)
    view = desk.board.view.lanes.get(request.path_params["lane"])
    if view is None:
        raise HTTPException(404)
    if view.visit is None or form.get("basis", "") != basis(view.visit):
        return RedirectResponse("/", 303)
    ticket = await run_in_threadpool(desk.tickets.of, view.visit.id, desk.clock())
    if ticket not in tickets(view.visit):
        desk.lanes[view.name].scanned(ticket)
        await run_in_threadpool(desk.people.note, person, "ticket", view.visit.id, ticket, desk.clock())
    return RedirectResponse(request.url_for("ticket", lane=view.name).path, 303)


async def show(request: Request) -> Response:
    """The ticket to print; without a truck, or before one was given, the lane's page."""
    await working(request, Right.CORRECT)
    desk = desk_of(request)
    view = desk.board.view.lanes.get(request.path_params["lane"])
    visit = view.visit if view else None
    known = await run_in_threadpool(desk.tickets.known, visit.id) if visit else None
    if view is None or known is None:
        return RedirectResponse("/", 303)
    lane = lane_page(view, desk.pages.language(request))
    values = {"lane": lane, "ticket": known, "bars": bars(known), "now": desk.clock()}
    return desk.pages.render(request, "ticket.html", values)


ROUTES = [
    Route("/lanes/{lane}/ticket", give, methods=["POST"]),
    Route("/lanes/{lane}/ticket", show, name="ticket"),
]
