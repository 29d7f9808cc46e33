"""Other systems: their tokens and webhooks, kept by supervisors. A token is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from record.messages import Phrase
from registry.api import tokens
from registry.api.scope import Scope
from registry.api.tokens import BadToken
from registry.database import reading, writing
from registry.hooks import book
from registry.hooks.address import BadAddress, target
from registry.hooks.book import BadHook, Fate
from registry.hooks.standing import given_up, standing
from registry.people import trail
from registry.people.trail import Action
from registry.people.who import Who
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import OwnForm, UserKeeper, address_of

router = APIRouter(include_in_schema=False)

LONGEST_DAYS = 3650


@router.get("/systems")
def show(request: Request, desk: AtDesk, who: UserKeeper) -> Response:
    """Every token and webhook, with what may be changed."""
    return _page(desk, request, who)


@router.post("/systems/tokens")
def add_token(request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm) -> Response:
    """A new token, shown this once."""
    scopes = [scope for scope in Scope if form.get(f"scope-{scope.value}")]
    depots, days = _depots(desk, who, form), _days(form)
    life = None if days is None else timedelta(days=days)
    try:
        with writing(desk.engine) as connection:
            now = desk.clock()
            made, secret = tokens.add(connection, form.get("name", ""), scopes, now, who.name, depots, life)
            words = [scope.value for scope in scopes]
            trail.note(connection, now, who, Action.TOKEN_ADDED, made, address_of(request), scopes=words)
    except BadToken as error:
        return _page(desk, request, who, wrong=Phrase(error.advice), status=400)
    return _page(desk, request, who, secret=(form["name"].strip(), secret))


@router.post("/systems/tokens/{token}/revoke")
def revoke_token(request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm, token: str) -> Response:
    """End a token at once."""
    now = desk.clock()
    with writing(desk.engine) as connection:
        row = next((each for each in tokens.everybody(connection) if each.id == token), None)
        if row is None or not _theirs(who, row.depots) or not tokens.revoke(connection, token, now):
            raise Problem(404, "not_found")
        trail.note(connection, now, who, Action.TOKEN_REVOKED, token, address_of(request))
    return RedirectResponse("/systems", 303)


@router.post("/systems/hooks")
def add_hook(request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm) -> Response:
    """A new webhook, told of what changes from now on."""
    url, depots = form.get("url", "").strip(), _depots(desk, who, form)
    try:
        target(url, desk.settings.file.webhooks)
        with writing(desk.engine) as connection:
            now = desk.clock()
            made = book.add(connection, form.get("name", ""), url, now, who.name, depots)
            trail.note(connection, now, who, Action.HOOK_ADDED, made, address_of(request), url=url)
    except (BadHook, BadAddress) as error:
        return _page(desk, request, who, wrong=Phrase(error.advice), status=400)
    return RedirectResponse("/systems", 303)


@router.post("/systems/hooks/{hook}/{deed}")
def change_hook(
    request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm, hook: str, deed: str
) -> Response:
    """Send again what was given up, or tell nothing more."""
    with writing(desk.engine) as connection:
        if not any(each.id == hook and _theirs(who, each.depots) for each in book.in_use(connection)):
            raise Problem(404, "not_found")
        _changed(connection, desk, who, hook, deed, address_of(request))
    return RedirectResponse("/systems", 303)


def _changed(connection: Connection, desk: Desk, who: Who, hook: str, deed: str, address: str) -> None:
    now = desk.clock()
    match deed:
        case "retry":
            count = book.retry(connection, hook, now)
            trail.note(connection, now, who, Action.HOOK_RETRIED, hook, address, count=count)
        case "remove":
            book.remove(connection, hook, now)
            trail.note(connection, now, who, Action.HOOK_REMOVED, hook, address)
        case _:
            raise Problem(404, "not_found")


def _page(
    desk: Desk,
    request: Request,
    who: Who,
    secret: tuple[str, str] | None = None,
    wrong: Phrase | None = None,
    status: int = 200,
) -> Response:
    now = desk.clock()
    with reading(desk.engine) as connection:
        held = [row for row in tokens.everybody(connection) if _theirs(who, row.depots)]
        hooks = [each for each in standing(connection) if _theirs(who, each.hook.depots)]
        lost = {each.hook.id: given_up(connection, each.hook.id, 20) for each in hooks}
    rules = desk.settings.file.webhooks
    values = {
        "tokens": [(row, tokens.stands(row, now)) for row in held],
        "scopes": [scope.value for scope in Scope],
        "hooks": hooks,
        "lost": lost,
        "fates": list(Fate),
        "hosts": sorted({*rules.hosts, *rules.private_hosts}),
        "give_up_days": rules.give_up_days,
        "depots": [depot for depot in sorted(desk.settings.file.depots) if who.sees(depot)],
        "all_depots": who.depots is None,
        "secret": secret,
        "wrong": wrong,
    }
    return desk.pages.render(request, "systems.html", values, status)


def _theirs(who: Who, depots: list[str] | None) -> bool:
    """Whether a system is one that this person keeps: it sees no more than they do."""
    return who.depots is None or (depots is not None and set(depots) <= set(who.depots))


def _depots(desk: Desk, who: Who, form: Mapping[str, str]) -> list[str] | None:
    """The depots that a form chooses. Raises `Problem` for more than the person sees."""
    chosen = form.get("depot", "")
    if not chosen:
        if who.depots is not None:
            return list(who.depots)
        return None
    if chosen not in desk.settings.file.depots or not who.sees(chosen):
        raise Problem(400, "bad_request")
    return [chosen]


def _days(form: Mapping[str, str]) -> int | None:
    text = form.get("days", "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:5]) <= LONGEST_DAYS:
        raise Problem(400, "bad_request")
    return int(text)
