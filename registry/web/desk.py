"""What every route works with: settings, database, clock and pages; one for each application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from record.web.passwords import Passwords
from registry.reports.office import Office
from registry.settings import Settings
from registry.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Desk:
    """One registry as its web application sees it. ``clock`` gives the time in UTC."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    pages: Pages
    passwords: Passwords
    office: Office


def desk_of(request: Request) -> Desk:
    """The desk that a request came to."""
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the application was not made by registry.web.app")
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
