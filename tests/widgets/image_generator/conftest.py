"""An image generator for each test in this folder, all of one small network."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import ImageGenerator, Probe
from tests.models import functional, picture
from tests.widgets.image_generator.common import FAST, SIDE, Make, settled


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(functional((SIDE, SIDE, 3)), labels=["cat", "dog", "cup"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of generators that are closed after the test."""
    made: list[ImageGenerator] = []

    def generator(model: Any = None, images: Any = "three", **settings: Any) -> ImageGenerator:
        given = {"target": 1, "method": FAST, "renderer": "image", "size": "L", **settings}
        pictures = [picture(SIDE, SIDE, seed=seed) for seed in range(3)] if images == "three" else images
        made.append(ImageGenerator(probe if model is None else model, pictures, **given))
        return settled(made[-1])

    yield generator
    for one in made:
        one.close()


@pytest.fixture
def generator(make: Make) -> ImageGenerator:
    return make()
