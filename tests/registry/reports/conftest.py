"""A depot's office for tests of reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def depot(depot_of: Callable[..., Any]) -> Any:
    return depot_of()
