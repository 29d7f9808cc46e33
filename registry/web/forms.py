"""What forms say: the version that a person has looked at, and the fields of a report that they typed."""

from __future__ import annotations

from collections.abc import Mapping

from registry.reports.completion import Asked
from registry.reports.field import kind_of
from registry.web.problem import Problem


def version_of(form: Mapping[str, str]) -> int:
    """The version of what was on the page. Raises `Problem` where the form says none."""
    text = form.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem(400, "bad_request")
    return int(text)


def asked_of(form: Mapping[str, str]) -> Asked:
    """What a form's boxes ask for. A document stands in two of them."""
    texts = {name: _lines(value[:2000]) for name, value in form.items() if kind_of(name) is not None}
    if "/document.number" in form:
        number = form["/document.number"].strip()[:100]
        texts["/document"] = f"{form.get('/document.type', 'DAE')[:10]} {number}" if number else ""
    return Asked(
        texts,
        vouched=[form["vouch"]] if form.get("vouch") else [],
        acknowledged=[form["acknowledge"]] if form.get("acknowledge") else [],
        reason=form.get("reason", ""),
    )


def _lines(text: str) -> str:
    """A text with line breaks as pages show them; browsers send two characters for each (HTML, 4.10.21.4)."""
    return text.replace("\r\n", "\n")
