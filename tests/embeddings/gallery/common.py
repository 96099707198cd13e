"""What the tests of the gallery's codes share: pictures to compute codes of."""

import cnnviz_widgets as cnnviz
from tests import models


def pictures(count: int = 5) -> list[cnnviz.Image]:
    return [models.picture(channels=1, seed=seed) for seed in range(count)]
