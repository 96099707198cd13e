"""What stands under the bars where the picture's values may not be those that the network was trained on."""

from collections.abc import Iterator

import numpy as np
import pytest

from cnnviz_widgets import Explorer, Image
from tests.models import functional
from tests.widgets.tree import visible


@pytest.fixture
def explorer() -> Iterator[Explorer]:
    ranges = [(0, 255), (0, 1)]
    images = [Image(np.full((8, 8, 3), high, np.float32), (low, high)) for low, high in ranges]
    made = Explorer(functional(), images, renderer="image")
    assert made.wait(60)
    yield made
    made.close()


def test_the_caution_stands_beside_the_bars_and_goes_with_the_picture(explorer: Explorer) -> None:
    caution = explorer.view.verdict._caution
    assert visible(caution)
    assert "values 0 to 255" in caution.value
    explorer.image = 1
    assert explorer.wait(60)
    assert not visible(caution)
