"""A similarity explorer for each test in this folder, all of one small network."""

from collections.abc import Iterator
from typing import Any

import keras
import pytest
from keras import layers

from cnnviz_widgets import Probe, SimilarityExplorer
from tests.widgets.similarity.common import Make, gallery, settled


def network() -> keras.Model:
    """Return a model that rebuilds its picture from a code of 4 x 4 means."""
    image = keras.Input((8, 8, 1), name="image")
    code = layers.AveragePooling2D(2, name="encoded")(image)
    return keras.Model(image, layers.UpSampling2D(2, name="rebuilt")(code), name="means")


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(network())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of explorers that are closed after the test."""
    made: list[SimilarityExplorer] = []

    def explorer(
        model: Any = None, images: Any = None, wait: bool = True, **given: Any
    ) -> SimilarityExplorer:
        settings = {"renderer": "image", "size": "L", **given}
        pictures = gallery() if images is None else images
        made.append(SimilarityExplorer(probe if model is None else model, pictures, **settings))
        return settled(made[-1]) if wait else made[-1]

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> SimilarityExplorer:
    return make()
