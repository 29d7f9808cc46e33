"""The web application: every router in one place, behind one door.

    request ─▶ Guard (host, origin, size) ─▶ route ─▶ page or JSON
                                               └─▶ Problem ─▶ page or application/problem+json

Whoever adds a part writes a router and names it in `routers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from record.proof import SigningKey
from record.upload import MAX_BYTES, PATH
from record.web.guard import Guard, Rules
from record.web.passwords import Passwords
from record.web.scrape import Scrape
from registry.api import changes, deeds, documents, gates
from registry.api import key as public_key
from registry.api import notices as api_notices
from registry.api import reports as api_reports
from registry.api.caller import Limits
from registry.api.openapi import described
from registry.metrics import RegistryMetrics, Watched
from registry.reports.office import Office
from registry.settings import Http, Settings
from registry.tally import Tally
from registry.web import (
    account,
    corrections,
    customs,
    daes,
    document,
    evidence,
    figures,
    home,
    inbox,
    login,
    metrics,
    notices,
    people,
    problem,
    proof,
    report,
    search,
    systems,
    trail,
    unsent,
)
from registry.web import gates as console_gates
from registry.web.desk import Desk
from registry.web.pages import STATIC, Pages

LIMITS = {PATH: MAX_BYTES, **notices.LIMITS}
"""Bodies larger than a form, by the beginning of their path."""


def app(
    settings: Settings,
    engine: Engine,
    clock: Callable[[], datetime],
    key: SigningKey,
    passwords: Passwords | None = None,
    tally: Tally | None = None,
    alive: Mapping[str, Callable[[], bool]] | None = None,
) -> FastAPI:
    """The application of one registry; it opens nothing until it is asked something.

    ``tally`` counts what the process answers, ``alive`` says whether its workers run: both for its metrics.
    """
    made = FastAPI(
        title="iie-registry",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    pages = Pages(settings.file.language, _version())
    office = Office(engine, settings.file, key, clock, settings.folder)
    made.state.desk = Desk(settings, engine, clock, pages, passwords or Passwords(), office)
    made.state.limits, made.state.public_key = Limits(), key.public
    made.openapi = partial(described, made)  # type: ignore[method-assign]  # FastAPI's own way
    made.state.scrape = scrape(settings, engine, clock, tally or Tally(), alive or {})
    problem.install(made)
    unsent.install(made)
    made.add_middleware(Guard, rules=rules(settings.file.http or Http()))
    made.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in routers():
        made.include_router(router)
    return made


def routers() -> Iterator[APIRouter]:
    """Every part of the console and of the interface for programs."""
    yield home.router
    yield metrics.router
    yield login.router
    yield account.router
    yield people.router
    yield trail.router
    yield systems.router
    yield inbox.router
    yield search.router
    yield document.router
    yield customs.router
    yield report.router
    yield proof.router
    yield corrections.router
    yield daes.router
    yield figures.router
    yield console_gates.router
    yield notices.router
    yield evidence.router
    yield changes.router
    yield documents.router
    yield api_notices.router
    yield gates.router
    yield public_key.router
    yield api_reports.router
    yield deeds.router


def scrape(
    settings: Settings,
    engine: Engine,
    clock: Callable[[], datetime],
    tally: Tally,
    alive: Mapping[str, Callable[[], bool]],
) -> Scrape:
    """The registry's metrics, and who may read them."""
    http = settings.file.http or Http()
    token = settings.path(http.metrics_token_file)
    watched = Watched(engine, tally, settings.evidence, _version(), clock, alive)
    return Scrape(RegistryMetrics(watched).render, Path(token) if token else None, http.behind_tls)


def rules(http: Http) -> Rules:
    """What the door lets in, by the settings."""
    hosts = {"localhost", "127.0.0.1", "::1", http.address, *http.hosts}
    return Rules(frozenset(host.lower() for host in hosts), http.secure, LIMITS)


def _version() -> str:
    try:
        return version("iie-gateway")
    except PackageNotFoundError:
        return "0"
