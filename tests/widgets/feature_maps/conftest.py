"""A feature map browser for each test in this folder, all of one small network."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import FeatureMapBrowser, Probe
from tests.models import picture
from tests.widgets.feature_maps.common import Make, network, settled


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(network())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of browsers that are closed after the test."""
    made: list[FeatureMapBrowser] = []

    def browser(model: Any = None, images: Any = None, **settings: Any) -> FeatureMapBrowser:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", **settings}
        made.append(FeatureMapBrowser(probe if model is None else model, pictures, **settings))
        return settled(made[-1])

    yield browser
    for one in made:
        one.close()


@pytest.fixture
def browser(make: Make) -> FeatureMapBrowser:
    return make()
