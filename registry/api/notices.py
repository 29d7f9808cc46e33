"""What other systems tell the gates through the registry: pre-advice, and releases of customs (RADS).

    POST /v1/preadvice            {"depot": …, "preadvice": [{…}, …]}     taken as one, or none of them
    POST /v1/preadvice/withdraw   {"depot": …, "id": …, "reason": …}
    POST /v1/releases             the same with "releases"

A notice with a version that is older than the one known is refused (409), so that what comes late changes nothing.
Ids stand in bodies: other systems make them of document numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from record.errors import BadRecord
from record.preadvice import Preadvice
from record.release import Release
from registry.api.answer import refusals, told
from registry.api.caller import Announcer, Guarded, Releaser
from registry.api.tokens import Caller
from registry.database import writing
from registry.notices import book
from registry.notices.book import By, Kind, Notice, Origin, Outcome
from registry.notices.taking import withdraw
from registry.releases.exits import recount_exits
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem

router = APIRouter(prefix="/v1", tags=["notices"], route_class=Guarded)

MOST = 100
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Depot = Annotated[str, StringConstraints(max_length=32)]
Records = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST)]


class Announced(BaseModel):
    """Pre-advice for one depot; each as `docs/schemas/preadvice.schema.json` has it, without `proof`."""

    model_config = ConfigDict(extra="forbid")

    depot: Depot
    preadvice: Records


class Released(BaseModel):
    """Releases for one depot; each as `docs/schemas/release.schema.json` has it, without `proof`."""

    model_config = ConfigDict(extra="forbid")

    depot: Depot
    releases: Records


class Withdrawal(BaseModel):
    """A notice that is taken back from the gates."""

    model_config = ConfigDict(extra="forbid")

    depot: Depot
    id: Text
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class Fate(BaseModel):
    """What became of one notice: new, newer than the one known, or the same again."""

    id: str
    outcome: str


class Taken(BaseModel):
    """What became of each notice, in their order."""

    taken: list[Fate]


class Withdrawn(BaseModel):
    """The notice that was taken back."""

    id: str


@router.post("/preadvice", response_model=Taken, responses=refusals(400, 404, 409, 413))
def announce(request: Request, desk: AtDesk, caller: Announcer, asked: Announced) -> Response:
    """Tell a depot's gates what to expect. The token needs `preadvice:write`."""
    return _taken(request, desk, caller, asked.depot, _read(Preadvice, asked.preadvice))


@router.post("/releases", response_model=Taken, responses=refusals(400, 404, 409, 413))
def release(request: Request, desk: AtDesk, caller: Releaser, asked: Released) -> Response:
    """Tell a depot's gates what customs lets leave. The token needs `releases:write`."""
    return _taken(request, desk, caller, asked.depot, _read(Release, asked.releases))


@router.post("/preadvice/withdraw", response_model=Withdrawn, responses=refusals(400, 404, 413))
def withdraw_preadvice(request: Request, desk: AtDesk, caller: Announcer, asked: Withdrawal) -> Response:
    """Take an announcement back."""
    return _withdrawn(request, desk, caller, Kind.PREADVICE, asked)


@router.post("/releases/withdraw", response_model=Withdrawn, responses=refusals(400, 404, 413))
def withdraw_release(request: Request, desk: AtDesk, caller: Releaser, asked: Withdrawal) -> Response:
    """Take a release back."""
    return _withdrawn(request, desk, caller, Kind.RELEASE, asked)


def _read(model: type[Preadvice] | type[Release], records: Sequence[dict[str, Any]]) -> list[Notice]:
    """The records as their model. Raises `Problem` 422 naming the first that is wrong, and what is wrong in it."""
    found: list[Notice] = []
    for place, each in enumerate(records):
        try:
            notice = model.from_wire({**each, "proof": ""})
            book.check(notice)
        except BadRecord as error:
            raise _bad(place, error) from error
        found.append(notice)
    return found


def _bad(place: int, error: BadRecord) -> Problem:
    return Problem(422, "notice_bad", place=place, what=str(error)[:400])


def _taken(request: Request, desk: Desk, caller: Caller, depot: str, notices: Sequence[Notice]) -> Response:
    _allowed(desk, caller, depot)
    by, now, fates = _by(caller), desk.clock(), []
    with writing(desk.engine) as connection:
        reports = desk.office.book(connection)
        for place, notice in enumerate(notices):
            try:
                outcome = book.take(connection, depot, notice, by, now)
            except BadRecord as error:
                raise _bad(place, error) from error
            if outcome is Outcome.OLDER:
                raise Problem(409, "notice_older", id=notice.id, version=notice.version)
            if outcome is not Outcome.SAME:
                recount_exits(reports, depot, notice)
            fates.append(Fate(id=notice.id, outcome=outcome.value))
    return told(request, Taken(taken=fates))


def _withdrawn(request: Request, desk: Desk, caller: Caller, kind: Kind, asked: Withdrawal) -> Response:
    _allowed(desk, caller, asked.depot)
    reason = " ".join(asked.reason.split())
    if "\x00" in asked.id or not withdraw(desk.office, kind, asked.depot, asked.id, _by(caller), reason):
        raise Problem(404, "not_found")
    return told(request, Withdrawn(id=asked.id))


def _allowed(desk: Desk, caller: Caller, depot: str) -> None:
    """Raise `Problem` 404 for a depot that is not there or not the caller's."""
    if depot not in desk.settings.file.depots or not caller.who.sees(depot):
        raise Problem(404, "not_found")


def _by(caller: Caller) -> By:
    return By(caller.name, Origin.API)
