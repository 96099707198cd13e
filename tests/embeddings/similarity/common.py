"""What the tests of a pair's similarity share: pictures, and a method of each way."""

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Occlusion, PatchSimilarity, Saliency
from tests import models

OF = {"patches": PatchSimilarity(), "gradient": Saliency(), "occlusion": Occlusion()}


def pictures(channels: int = 1, count: int = 3) -> list[cnnviz.Image]:
    return [models.picture(channels=channels, seed=seed) for seed in range(count)]
