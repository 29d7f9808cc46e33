"""Pages: templates filled with texts of the reader's language. Every value is escaped, and characters that no eye
can see (controls, marks that turn the direction of writing) are shown as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from record.messages import LANGUAGES, text
from record.web.shown import shown

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
LANGUAGE_COOKIE = "idioma"
ECUADOR = ZoneInfo("America/Guayaquil")


class Pages:
    """The templates, each rendered in the language that the reader has chosen. Safe for several threads."""

    def __init__(self, language: str = LANGUAGES[0], version: str = "") -> None:
        self._language = language
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["version"] = version
        self._environment.filters.update(clock=clock, moment=moment)

    def language(self, request: Request) -> str:
        """``es`` or ``en``: what the reader chose, else what the site's file says."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else self._language

    def fragment(self, template: str, language: str, **values: Any) -> str:
        """A part of a page."""
        return self._environment.get_template(template).render(
            t=partial(text, lang=language), lang=language, **values
        )

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A page as an answer."""
        session = getattr(request.state, "session", None)
        given = {
            "path": request.url.path,
            "who": session.person if session else None,
            "csrf": session.csrf if session else "",
            "title": request.app.state.desk.title,
            **(values or {}),
        }
        page = self.fragment(template, self.language(request), **given)
        return HTMLResponse(page, status, {"vary": "Cookie", **(headers or {})})


def clock(at: datetime | str | None) -> str:
    """A time of day as in Ecuador."""
    return f"{_local(at):%H:%M:%S}" if at else ""


def moment(at: datetime | str | None) -> str:
    """A day and a time as in Ecuador."""
    return f"{_local(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _local(at: datetime | str) -> datetime:
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.astimezone(ECUADOR)
