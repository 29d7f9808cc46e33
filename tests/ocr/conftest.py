from pathlib import Path

import pytest

from gateway.reading import owner_codes
from ocr import models
from ocr.reader import ContainerReader
from ocr.render import Layout, render_door


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the prepared networks."""
    folder = tmp_path_factory.mktemp("networks")
    models.prepare(folder)
    return folder


@pytest.fixture(scope="session")
def owners() -> frozenset[str]:
    return owner_codes()


@pytest.fixture(scope="session")
def reader(cache: Path, owners: frozenset[str]) -> ContainerReader:
    return ContainerReader(models.find(cache), owners)


@pytest.fixture(scope="session")
def door() -> bytes:
    """An easy door with MSKU4135329 and 45G1."""
    return render_door("MSKU4135329", "45G1", seed=2, layout=Layout.TWO_LINES, width=800, height=600)
