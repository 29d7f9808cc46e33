"""Commissioning a lane: its scale against a known weight, its cameras' aim, its scanners' codes; and the sheet.

page ◀── parts of it, once a second, while it is open   (that is also what holds the cameras' streams)
  └──▶ a check: judged by what the devices said just now, written down with who and when
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from drivers.camera.condition import DULL
from gateway.aiming import LETTERS, TILT
from gateway.bench import Heard
from gateway.bytes_shown import ascii_of, hex_of
from gateway.console import judging
from gateway.console.checkbook import Check, Kind, Outcome, newest
from gateway.console.desk import ActedOn, Desk, desk_of
from gateway.console.drawing import drawing
from gateway.console.judging import CannotJudge
from gateway.console.lane_page import grouped
from gateway.console.person import Right
from gateway.console.picture_size import picture_size
from gateway.console.plot import plot, steadiness
from gateway.console.visitor import own_form, watching, working
from gateway.lookout import view
from gateway.site.camera import Camera
from gateway.site.site import LanePart, ScannerPart
from record.identifiers.identify import identify
from record.messages import text


async def overview(request: Request) -> Response:
    """Every lane with what was checked of it last."""
    await working(request, Right.CONFIGURE)
    desk = desk_of(request)
    lanes = [(name, await run_in_threadpool(_standing, desk, lane.part)) for name, lane in desk.lanes.items()]
    return desk.pages.render(request, "commissioning.html", {"lanes": lanes})


async def show(request: Request) -> Response:
    """One lane to be commissioned."""
    await working(request, Right.CONFIGURE)
    return await _page(request)


async def now(request: Request) -> Response:
    """The parts of the page that change."""
    await watching(request, Right.CONFIGURE)
    desk = desk_of(request)
    name, lane = _lane(desk, request)
    parts = await run_in_threadpool(_parts, desk, name, lane, desk.pages.language(request))
    return JSONResponse({"parts": parts})


async def picture(request: Request) -> Response:
    """The newest picture of a camera that was read, else the newest that came."""
    await watching(request, Right.CONFIGURE)
    desk = desk_of(request)
    name, lane = _lane(desk, request)
    part = _camera(lane.part, request.path_params["camera"])
    aim = desk.aims.known(name, part.name) if desk.aims else None
    found = aim.picture if aim else desk.board.bench.picture(name, part.name)
    if found is None:
        raise HTTPException(404)
    return Response(found.data, media_type=found.media_type)


async def check(request: Request) -> Response:
    """Judge a device by what it said just now, and write that down."""
    person, form = await own_form(request, Right.CONFIGURE)
    desk = desk_of(request)
    name, lane = _lane(desk, request)
    try:
        outcome = await run_in_threadpool(_judged, desk, name, lane, request.path_params, form)
    except CannotJudge as error:
        return await _page(request, 422, refusal=error.code, form=form)
    await run_in_threadpool(desk.checks.add, person, name, outcome, desk.clock())
    return RedirectResponse(request.url_for("commission_lane", lane=name).path + "#checks", 303)


async def sheet(request: Request) -> Response:
    """The sheet to print and to sign: the last check of every device."""
    await working(request, Right.CONFIGURE)
    desk = desk_of(request)
    name, lane = _lane(desk, request)
    standing = await run_in_threadpool(_standing, desk, lane.part)
    values = {"lane": name, "part": lane.part, "standing": standing, "printed_at": desk.clock()}
    return desk.pages.render(request, "sheet.html", values)


def _judged(
    desk: Desk, name: str, lane: ActedOn, place: Mapping[str, str], form: Mapping[str, str]
) -> Outcome:
    """What a check comes to. Raises `CannotJudge`."""
    bench, part, (_, monotonic) = desk.board.bench, lane.part, lane.moment()
    points, scale = bench.weights(name, monotonic), part.scale
    match place["kind"]:
        case Kind.WEIGHT:
            known = judging.kilograms(form.get("known", ""))
            tolerance = judging.kilograms(form.get("tolerance", ""))
            return judging.known_weight(scale.name, known, tolerance, points, monotonic, scale.settle_kg)
        case Kind.STABILITY:
            return judging.stability(scale.name, points, scale.settle_kg)
        case Kind.CAMERA:
            camera = _camera(part, form.get("device", ""))
            aim = desk.aims.known(name, camera.name) if desk.aims else None
            outcome = judging.camera(camera.name, aim)
            if aim is not None:
                desk.store.keep(aim.picture.data)
            return outcome
        case Kind.SCANNER:
            scanner = _scanner(part, form.get("device", ""))
            scans = bench.scans(name, scanner.name)
            return judging.scanner(scanner.name, form.get("expected", ""), scans, identify)
        case _:
            raise HTTPException(404)


def _parts(desk: Desk, name: str, lane: ActedOn, language: str) -> dict[str, str]:
    """The parts of a lane's page by their ids; somebody looks, so pictures and scans are kept from now on."""
    bench, (_, monotonic), pages = desk.board.bench, lane.moment(), desk.pages
    if desk.aims is not None and not bench.is_watched(name, monotonic):
        desk.aims.forget(name)
    bench.watch(name, monotonic)
    seen, points = desk.board.view.lanes.get(name), bench.weights(name, monotonic)
    devices = seen.devices if seen else {}
    kg = seen.kg if seen else None
    found = {
        "scale": pages.fragment(
            "commission_scale.html",
            language,
            kilograms=grouped(kg, language),
            status=devices.get(lane.part.scale.name),
            plot=plot(points, monotonic),
            steadiness=steadiness(points),
            allowed_kg=lane.part.scale.settle_kg,
        )
    }
    for camera in lane.part.cameras:
        values = _aimed(desk, name, camera)
        found[f"camera-{camera.name}"] = pages.fragment(
            "commission_camera.html", language, lane=name, status=devices.get(camera.name), **values
        )
    for scanner in lane.part.scanners:
        scans = [_scan(each, language) for each in bench.scans(name, scanner.name)]
        found[f"scanner-{scanner.name}"] = pages.fragment(
            "commission_scanner.html", language, scans=scans, status=devices.get(scanner.name)
        )
    return found


def _aimed(desk: Desk, lane: str, camera: Camera) -> dict[str, Any]:
    """What is shown of a camera's aim."""
    newest_picture = desk.board.bench.picture(lane, camera.name)
    aim = desk.aims.look(lane, camera, newest_picture) if desk.aims else None
    shown = aim.picture if aim else newest_picture
    size = picture_size(shown.data) if shown else None
    return {
        "camera": camera.name,
        "aim": aim,
        "version": aim.digest[:16] if aim else "first",
        "drawn": drawing(size, aim.boxes if aim else (), view(camera)),
        "letters": LETTERS,
        "tilt": TILT,
        "detail": DULL,
    }


def _scan(heard: Heard, language: str) -> dict[str, Any]:
    """One scan as a technician reads it; a person's number by its last four characters."""
    kind = identify(heard.scan.text).kind
    secret = kind in judging.PERSONAL
    raw = heard.scan.raw[: judging.FRAME]
    return {
        "at": heard.at,
        "raw": judging.last_four(heard.scan.text) if secret else ascii_of(raw),
        "hex": "" if secret else hex_of(raw),
        "kind": text(f"identifier.kind_{kind.value}", language),
        "symbology": heard.scan.symbology or "",
    }


def _standing(desk: Desk, part: LanePart) -> list[tuple[str, Kind, Check | None]]:
    """Every check that a lane needs, each with the last that was made."""
    known = newest(desk.checks.of_lane(part.name))
    wanted = [(part.scale.name, Kind.WEIGHT), (part.scale.name, Kind.STABILITY)]
    wanted += [(camera.name, Kind.CAMERA) for camera in part.cameras]
    wanted += [(scanner.name, Kind.SCANNER) for scanner in part.scanners]
    return [(device, kind, known.get((device, kind))) for device, kind in wanted]


async def _page(
    request: Request, status: int = 200, refusal: str = "", form: Mapping[str, str] | None = None
) -> Response:
    desk = desk_of(request)
    name, lane = _lane(desk, request)
    language = desk.pages.language(request)
    parts = await run_in_threadpool(_parts, desk, name, lane, language)
    checks = await run_in_threadpool(desk.checks.of_lane, name)
    given = form or {}
    values = {
        "lane": name,
        "part": lane.part,
        "parts": parts,
        "checks": checks,
        "refusal": refusal,
        "known": given.get("known", ""),
        "tolerance": given.get("tolerance", f"{lane.part.scale.settle_kg:f}"),
    }
    return desk.pages.render(request, "commission_lane.html", values, status)


def _lane(desk: Desk, request: Request) -> tuple[str, ActedOn]:
    name = request.path_params["lane"]
    lane = desk.lanes.get(name)
    if lane is None:
        raise HTTPException(404)
    return name, lane


def _camera(part: LanePart, name: str) -> Camera:
    found = next((camera for camera in part.cameras if camera.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


def _scanner(part: LanePart, name: str) -> ScannerPart:
    found = next((scanner for scanner in part.scanners if scanner.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


ROUTES = [
    Route("/commissioning", overview),
    Route("/commissioning/{lane}", show, name="commission_lane"),
    Route("/commissioning/{lane}/now", now),
    Route("/commissioning/{lane}/sheet", sheet),
    Route("/commissioning/{lane}/picture/{camera}", picture),
    Route("/commissioning/{lane}/{kind}", check, methods=["POST"]),
]
