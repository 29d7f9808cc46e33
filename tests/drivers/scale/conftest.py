"""What the tests of scale protocols share: decode a capture whole, and ask what came out."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.readings import Skip, Skipped, Weight
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

Heard = list[Weight | Skipped]


def heard(name: str, data: bytes | str, settings: Settings | None = None) -> Heard:
    """All that one capture (bytes, or hexadecimal) holds under this protocol."""
    decoder = protocol(name).decoder(settings)
    return decoder.feed(bytes.fromhex(data) if isinstance(data, str) else data) + decoder.flush()


@pytest.fixture(name="heard")
def _heard() -> Callable[..., Heard]:
    return heard


@pytest.fixture
def weight() -> Callable[..., Weight]:
    """The one weight of a capture that holds nothing else."""

    def only(name: str, data: bytes | str, settings: Settings | None = None) -> Weight:
        (found,) = heard(name, data, settings)
        assert isinstance(found, Weight), found
        return found

    return only


@pytest.fixture
def skip() -> Callable[..., Skip]:
    """The one reason why a capture holds no weight."""

    def only(name: str, data: bytes | str, settings: Settings | None = None) -> Skip:
        (found,) = heard(name, data, settings)
        assert isinstance(found, Skipped), found
        return found.skip

    return only


@pytest.fixture
def frames() -> Iterator[dict[str, str]]:
    """The rows of the collected frames; the test is skipped where the data folder is absent."""
    path = DATA / "scale-frames.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return iter(list(csv.DictReader(file)))


@pytest.fixture
def stream() -> Callable[[str], bytes]:
    """The bytes of a collected stream; the test is skipped where the data folder is absent."""

    def read(name: str) -> bytes:
        path = DATA / "streams" / f"{name}.bin"
        if not path.exists():
            pytest.skip(f"no {path}")
        return path.read_bytes()

    return read
