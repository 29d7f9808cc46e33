"""Pages: templates filled with texts of the reader's language; what came from a barcode draws nothing.

Every value is escaped for HTML, and characters that no eye can see (controls, marks that turn the direction of
writing) are shown as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from record.messages import CODE, LANGUAGES, Phrase, known, text
from record.web.shown import shown
from registry.web import words
from registry.web.refill import refilled

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
LANGUAGE_COOKIE = "idioma"


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
        self._environment.filters.update(words.FILTERS)

    def language(self, request: Request) -> str:
        """``es`` or ``en``: what the reader chose, else what the registry's file says."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        return chosen if chosen in LANGUAGES else self._language

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A page as an answer."""
        language = self.language(request)
        given = {
            "t": partial(text, lang=language),
            "word": partial(word, language=language),
            "say": partial(said, language=language),
            "lang": language,
            "path": request.url.path,
            "who": getattr(request.state, "who", None),
            "csrf": getattr(request.state, "csrf", ""),
            "kept": getattr(request.state, "kept", None),
            **(values or {}),
        }
        page = self._environment.get_template(template).render(given)
        if given["kept"] is not None:
            page = refilled(page, given["kept"].action, given["kept"].fields, given["kept"].id)
        return HTMLResponse(page, status, {"vary": "Cookie", **(headers or {})})


def said(phrase: Phrase | str, language: str) -> str:
    """A phrase in a language; a text as it is."""
    return phrase if isinstance(phrase, str) else phrase.text(language)


def word(value: str, language: str) -> str:
    """A word that records carry, as people say it; one that is not known as it stands."""
    code = f"console.word.{value}"
    return text(code, lang=language) if CODE.fullmatch(code) and known(code) else value
