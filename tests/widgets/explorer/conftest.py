"""An Explorer for each test in this folder, all of one small network."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import Explorer, Probe
from tests.models import functional, picture
from tests.widgets.explorer.common import Make, settled


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "dog", "owl"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of Explorers that are closed after the test."""
    made: list[Explorer] = []

    def explorer(model: Any = None, images: Any = None, **settings: Any) -> Explorer:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", **settings}
        made.append(Explorer(probe if model is None else model, pictures, **settings))
        return settled(made[-1])

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> Explorer:
    return make()
