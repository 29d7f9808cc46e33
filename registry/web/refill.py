"""A page whose form is filled with what a person had typed before: boxes by their names, nothing else.

page ─▶ the form of this action ─▶ its boxes ─▶ page
                    └─ none (any more) ─▶ said at the top

What is hidden in the form stays as the page has it: its token, and the version that the page shows. A password is
never filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import html

from record.web.shown import shown

SIGN = "data-kept"
"""On the form that was filled, and on the sentences of the notice: the one that applies stays."""

OWN = ("csrf", "version")
"""Hidden boxes that are the page's own."""

UNFILLED = frozenset({"hidden", "password", "file", "submit", "button", "reset", "image"})


def refilled(page: str, action: str, fields: Mapping[str, str], kept: str) -> str:
    """The page with its form of this action filled; ``kept`` goes with the form, so that it can be forgotten."""
    document = html.document_fromstring(page)
    form = next((each for each in _forms(document, action) if _is_the_one(each, fields)), None)
    if form is None:
        _say(document, "gone")
        return _written(document)
    _say(document, "changed" if _version(form) != fields.get("version", "") else "back")
    for box in _boxes(document, form):
        _fill(box, fields)
    form.set(SIGN, "filled")
    form.insert(0, html.Element("input", type="hidden", name="kept", value=kept))
    for around in form.iterancestors("details"):
        around.set("open", "")
    return _written(document)


def _forms(document: Any, action: str) -> Iterator[Any]:
    return (each for each in document.iter("form") if each.get("action") == action)


def _is_the_one(form: Any, fields: Mapping[str, str]) -> bool:
    """Whether what is hidden in a form is what was sent: one page has several forms of one action."""
    hidden = {each.get("name"): each.get("value", "") for each in form.xpath(".//input[@type='hidden']")}
    return all(fields.get(name, "") == value for name, value in hidden.items() if name not in OWN)


def _version(form: Any) -> str:
    return next((str(each.get("value", "")) for each in form.xpath(".//input[@name='version']")), "")


def _boxes(document: Any, form: Any) -> Iterator[Any]:
    """Where people type: inside the form, and those elsewhere that belong to it by its id."""
    kinds = ("input", "select", "textarea")
    yield from (each for each in form.iter(*kinds) if each.get("form") is None)
    if form.get("id"):
        yield from (each for each in document.iter(*kinds) if each.get("form") == form.get("id"))


def _fill(box: Any, fields: Mapping[str, str]) -> None:
    name = box.get("name")
    if not name or box.get("type", "text").lower() in UNFILLED:
        return
    if box.get("type", "").lower() in ("checkbox", "radio"):
        _flag(box, "checked", fields.get(name) == box.get("value", "on"))
    elif name in fields and box.tag == "select":
        options = list(box.iter("option"))
        if any(_sent(each) == fields[name] for each in options):
            for each in options:
                _flag(each, "selected", _sent(each) == fields[name])
    elif name in fields and box.tag == "textarea":
        box.text = _shown(fields[name])
    elif name in fields:
        box.set("value", _shown(fields[name]))


def _sent(option: Any) -> str:
    """What an option sends: its value, else its words."""
    return str(option.get("value", (option.text or "").strip()))


def _flag(element: Any, name: str, wanted: bool) -> None:
    if wanted:
        element.set(name, "")
    else:
        element.attrib.pop(name, None)


def _shown(text: str) -> str:
    """A text as pages show it; line breaks as every browser reads them."""
    return str(shown(text.replace("\r\n", "\n")))


def _say(document: Any, which: str) -> None:
    """Leave of the notice's sentences the one that applies."""
    for each in document.xpath(f"//*[@{SIGN} and not(self::form)]"):
        if each.get(SIGN) != which:
            each.drop_tree()


def _written(document: Any) -> str:
    return str(html.tostring(document, doctype="<!doctype html>", encoding="unicode"))
