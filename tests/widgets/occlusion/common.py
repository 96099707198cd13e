"""What the tests of the occlusion explorer share: a network that reads a pixel, and what the screen shows."""

import io
from collections.abc import Callable

import keras
import numpy as np
import PIL.Image

from cnnviz_widgets import Image, OcclusionExplorer
from tests.easy_models import two_class_linear

PATIENCE = 60
Make = Callable[..., OcclusionExplorer]


def network() -> keras.Model:
    """Return a network that says "lit" unless the bright pixel in row 1, column 6 is covered."""
    weights = np.zeros((8, 8, 1), np.float32)
    weights[1, 6] = 1
    return two_class_linear(weights)


def lit() -> Image:
    pixels = np.full((8, 8, 1), -0.1, np.float32)
    pixels[1, 6] = 1
    return Image(pixels, (-1.2, 1), "lit")


def settled(explorer: OcclusionExplorer) -> OcclusionExplorer:
    assert explorer.wait(PATIENCE)
    return explorer


def moved(explorer: OcclusionExplorer, *place: int) -> OcclusionExplorer:
    explorer.position = place
    return settled(explorer)


def shown(explorer: OcclusionExplorer) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(explorer.canvas.png())).convert("RGB"))


def tile(explorer: OcclusionExplorer, name: str) -> np.ndarray:
    """Return the upper (``photo``) or the lower (``map``) small picture."""
    explorer.presenter.redraw()
    return np.array(getattr(explorer.canvas._scene, name))  # type: ignore[attr-defined]
