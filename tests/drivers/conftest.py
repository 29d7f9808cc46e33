"""What tests of devices share: waiting for a condition, never for a time."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.device import Heard

DEADLINE = 60.0


def until(condition: Callable[[], Any]) -> None:
    """Come back as soon as the condition holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        pause.wait(0.005)


@pytest.fixture(name="until")
def _until() -> Callable[[Callable[[], Any]], None]:
    return until


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """The event that ends a device's reading."""
    event = threading.Event()
    yield event
    event.set()


def first(heard: Iterator[Heard], kind: type[Any]) -> Any:
    """The first thing of this kind that a device yields."""
    deadline = time.monotonic() + DEADLINE
    for each in heard:
        if isinstance(each, kind):
            return each
        assert time.monotonic() < deadline, "waited in vain"
    raise AssertionError("the device ended")


@pytest.fixture(name="first")
def _first() -> Callable[[Iterator[Heard], type[Any]], Any]:
    return first
