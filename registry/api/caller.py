"""Which system asks: the token of a request, what it may do, how often it may ask.

    Authorization: Bearer iie_…  ─▶ known, not revoked?  ─▶ within its minute?  ─▶ scope?  ─▶ route
                                    401                      429 Retry-After       403

The token is looked at before anything of the body is.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from registry.api import tokens
from registry.api.limits import Meter, Seats
from registry.api.scope import Scope
from registry.api.tokens import Caller
from registry.database import reading, writing
from registry.web.desk import Desk, desk_of
from registry.web.problem import Problem
from registry.web.visitor import address_of

FAILING_PER_MINUTE = 60
"""Requests without a good token that one address may make."""

bearer = HTTPBearer(auto_error=False, scheme_name="token", bearerFormat="iie_…")

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]


class Limits:
    """What one application counts of its callers."""

    def __init__(self) -> None:
        self.meter, self.seats = Meter(), Seats()


def limits_of(request: Request) -> Limits:
    """The counts of the application that a request came to."""
    limits = request.app.state.limits
    if not isinstance(limits, Limits):
        raise TypeError("the application was not made by registry.web.app")
    return limits


class Guarded(APIRoute):
    """A route that lets in whoever has a token, and knows who that is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, behind `admit`."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            request.state.caller = await run_in_threadpool(admit, request)
            return await inner(request)

        return handler


def admit(request: Request) -> Caller:
    """The system that asks. Raises `Problem` 401 for one that is unknown, 429 for one that asks too often."""
    desk, meter = desk_of(request), limits_of(request).meter
    found = _caller(desk, request.headers.get("authorization", ""))
    if found is None:
        _wait(meter.take(f"address:{address_of(request)}", FAILING_PER_MINUTE))
        raise Problem(401, "token_needed", {"WWW-Authenticate": "Bearer"})
    _wait(meter.take(found.id, desk.settings.file.api.requests_per_minute))
    if found.stale:
        with writing(desk.engine) as connection:
            tokens.touch(connection, found.id, desk.clock(), address_of(request))
    return found


def _caller(desk: Desk, header: str) -> Caller | None:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or len(token) > 100:
        return None
    with reading(desk.engine) as connection:
        return tokens.find(connection, token.strip(), desk.clock())


def _wait(seconds: int) -> None:
    if seconds:
        raise Problem(429, "too_often", {"Retry-After": str(seconds)})


def scoped(scope: Scope) -> Callable[[Request, HTTPAuthorizationCredentials | None], Caller]:
    """A dependency that lets only tokens of a scope pass."""

    def check(request: Request, credentials: Credentials) -> Caller:
        caller: Caller = request.state.caller
        if not caller.may(scope):
            raise Problem(403, "token_scope", scope=scope.value)
        return caller

    return check


Reader = Annotated[Caller, Depends(scoped(Scope.REPORTS_READ))]
Completer = Annotated[Caller, Depends(scoped(Scope.REPORTS_WRITE))]
Answerer = Annotated[Caller, Depends(scoped(Scope.ANSWERS_WRITE))]
GateReader = Annotated[Caller, Depends(scoped(Scope.GATES_READ))]
Releaser = Annotated[Caller, Depends(scoped(Scope.RELEASES_WRITE))]
Announcer = Annotated[Caller, Depends(scoped(Scope.PREADVICE_WRITE))]
