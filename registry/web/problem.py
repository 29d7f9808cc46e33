"""What went wrong, told to who asked: a page in their language for people, RFC 9457 for programs.

{"type": "urn:iie:problem:not_found", "code": "not_found", "title": "…", "status": 404, "detail": "…"}

``code`` is for programs and stays; ``detail`` is for people, in the language that the request asks for.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError

from record.errors import IieError
from record.messages import LANGUAGES, known, text
from registry.web.desk import Desk, desk_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
LANGUAGE = re.compile(r"([a-z]{2})(?:-[a-z0-9-]{1,20})?(?:\s*;\s*q=([01](?:\.[0-9]{1,3})?))?")
API = "/v1/"
"""Paths that programs speak to begin with this."""

BY_STATUS = {
    400: "bad_request",
    401: "login_needed",
    403: "forbidden",
    404: "not_found",
    405: "bad_method",
    409: "conflict",
    412: "stale",
    413: "too_large",
    415: "bad_media_type",
    422: "bad_request",
    428: "if_match_needed",
    429: "too_often",
    500: "internal",
    503: "database_away",
}


BY_ERROR = {
    "not_found": 404,
    "forbidden": 403,
    "conflict": 409,
    "not_now": 409,
    "cursor_gone": 410,
    "cursor_bad": 422,
    "too_wide": 422,
    "days_reversed": 422,
}
"""The status of an error of the house, by the last part of its advice."""


class Problem(Exception):
    """An answer that is no success. ``code`` is the last part of a text ``console.problem.…``."""

    def __init__(
        self, status: int, code: str, headers: dict[str, str] | None = None, **params: object
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.params, self.headers = status, code, params, headers or {}


class LoginNeeded(Problem):
    """Nobody is logged in: people are sent to the login (`registry.web.unsent`), programs told."""

    def __init__(self) -> None:
        super().__init__(401, "login_needed")


class OldPage(Problem):
    """A form of a page that is none of this session's."""

    def __init__(self) -> None:
        super().__init__(403, "old_page")


def install(app: FastAPI) -> None:
    """Let every error that leaves a route be told in the same form."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(IieError, _house)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(DataError, _data)
    app.add_exception_handler(OverflowError, _data)
    for status in BY_STATUS:
        app.add_exception_handler(status, _status)


def answer(request: Request, problem: Problem) -> Response:
    """The problem as the asker reads it."""
    desk = desk_of(request)
    if request.url.path.startswith(API):
        return _json(problem, spoken(request, desk.settings.file.language))
    return _page(desk, request, problem)


def spoken(request: Request, language: str) -> str:
    """The first language of ``Accept-Language`` (RFC 9110, 12.5.4) that the house speaks, else ``language``."""
    best, found = 0.0, language
    for each in request.headers.get("accept-language", "")[:200].split(","):
        match = LANGUAGE.fullmatch(each.strip().lower())
        if match is None or match[1] not in LANGUAGES:
            continue
        weight = float(match[2] or 1)
        if weight > best:
            best, found = weight, match[1]
    return found


def _json(problem: Problem, language: str) -> Response:
    content = {
        "type": f"urn:iie:problem:{problem.code}",
        "code": problem.code,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": _words(problem, language),
    }
    headers = {"Vary": "Accept-Language", "Content-Language": language, **problem.headers}
    return JSONResponse(content, problem.status, headers, media_type=MEDIA_TYPE)


def _page(desk: Desk, request: Request, problem: Problem) -> Response:
    language = desk.pages.language(request)
    values = {"status": problem.status, "words": _words(problem, language)}
    return desk.pages.render(request, "problem.html", values, problem.status, problem.headers)


def _words(problem: Problem, language: str) -> str:
    code = f"console.problem.{problem.code}"
    return text(code if known(code) else "console.problem.bad_request", lang=language, **problem.params)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for nothing else
    return answer(request, error)


async def _status(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException) and not hasattr(error, "status_code"):
        log.error("web: %s %s failed", request.method, request.url.path, exc_info=error)
        return answer(request, Problem(500, "internal"))
    status = int(getattr(error, "status_code", 500))
    headers = dict(getattr(error, "headers", None) or {})
    return answer(request, Problem(status, BY_STATUS[status], headers))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    places = [".".join(str(part) for part in each["loc"]) for each in error.errors()]
    return answer(request, Problem(422, "invalid", fields=", ".join(places)[:400]))


async def _house(request: Request, error: Exception) -> Response:
    assert isinstance(error, IieError)  # noqa: S101 - registered for nothing else
    log.warning("web: %s %s: %s", request.method, request.url.path, error)
    code = error.advice.removeprefix("console.problem.")
    if code in BY_ERROR:
        return answer(request, Problem(BY_ERROR[code], code, None, **error.params))
    return answer(request, Problem(503 if error.retry else 400, "house", what=str(error)[:400]))


async def _database(request: Request, error: Exception) -> Response:
    log.error("web: the database cannot be used: %s", getattr(error, "orig", error))
    return answer(request, Problem(503, "database_away", {"Retry-After": "5"}))


async def _data(request: Request, error: Exception) -> Response:
    """A number or text that no column holds: nobody has it, so nobody finds it."""
    log.warning(
        "web: %s %s: %s: no column holds that", request.method, request.url.path, type(error).__name__
    )
    return answer(request, Problem(400, "bad_request"))
