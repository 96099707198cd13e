"""An occlusion explorer for each test in this folder, all of one network that reads a pixel."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import OcclusionExplorer, Probe
from tests.widgets.occlusion.common import Make, lit, network, settled


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(network(), labels=["lit", "dark"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of explorers that are closed after the test."""
    made: list[OcclusionExplorer] = []

    def explorer(model: Any = None, images: Any = None, **settings: Any) -> OcclusionExplorer:
        given = {"patch": 2, "stride": 2, "renderer": "image", "size": "L", **settings}
        made.append(OcclusionExplorer(probe if model is None else model, images or [lit(), lit()], **given))
        return settled(made[-1])

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> OcclusionExplorer:
    return make()
