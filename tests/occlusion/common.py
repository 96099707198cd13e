"""What the tests of sweeps share: a whole sweep, and the pictures that it covers."""

from typing import Any

import numpy as np

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Occlusion
from cnnviz_widgets.occlusion import Swept
from tests import models


def swept(probe: cnnviz.Probe, image: cnnviz.Image | None = None, **setting: Any) -> Swept:
    *_, last = Occlusion(**{"patch": 3, "stride": 1, **setting}).sweep(probe, image or models.picture())
    return last


def covered(found: Swept, fill: float = 0.5) -> np.ndarray:
    """Return the picture covered at each position and, last, bare: (N + 1, H, W, C)."""
    made = np.repeat(found.image.pixels[None], found.grid.count + 1, axis=0)
    side, mask = found.grid.patch, found.settings.mask
    for picture, (row, column) in zip(made, found.grid.order, strict=False):
        top, left = found.grid.rows[row], found.grid.columns[column]
        window = picture[top : top + side, left : left + side]
        window[...] = fill if mask is None else np.where(mask[..., None] > 0, fill, window)
    return made
