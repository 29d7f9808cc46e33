"""The first page, the language, and a sign of life."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import text as sql

from record.messages import LANGUAGES
from record.web.place import local
from registry.database import reading
from registry.web.desk import AtDesk
from registry.web.pages import LANGUAGE_COOKIE

router = APIRouter(include_in_schema=False)
A_YEAR_S = 365 * 24 * 3600


@router.get("/")
def home() -> Response:
    """The inbox is where work begins."""
    return RedirectResponse("/inbox", 303)


@router.get("/healthz")
def health(desk: AtDesk) -> Response:
    """Whether the registry's pages can read their database; says nothing else to nobody."""
    with reading(desk.engine) as connection:
        connection.execute(sql("SELECT 1"))
    return JSONResponse({"status": "ok"})


@router.post("/language")
def language(desk: AtDesk, lang: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Show pages in another language from now on, and go back to where the reader was."""
    answer = RedirectResponse(local(back), 303)
    if lang in LANGUAGES:
        http = desk.settings.file.http
        secure = http is not None and http.secure
        answer.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=A_YEAR_S, httponly=True, samesite="strict", secure=secure
        )
    return answer
