"""A latent mixer for each test in this folder, all of one network that averages."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import LatentMixer, Probe
from tests.widgets.latent_mixer.common import Make, averaging, pictures, settled


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(averaging())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of mixers that are closed after the test."""
    made: list[LatentMixer] = []

    def mixer(model: Any = None, images: Any = None, **settings: Any) -> LatentMixer:
        given = {"renderer": "image", "size": "L", **settings}
        made.append(LatentMixer(probe if model is None else model, images or pictures(), **given))
        return settled(made[-1])

    yield mixer
    for one in made:
        one.close()


@pytest.fixture
def mixer(make: Make) -> LatentMixer:
    return make()
