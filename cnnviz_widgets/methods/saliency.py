"""Saliency: which pixels the score reacts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..method import register
from ..probe import Gradient
from ._pixel_map import SlopeMap


@register
@dataclass(frozen=True)
class Saliency(SlopeMap):
    """Which pixels the score reacts to most.

    The slope of the target's score by every pixel, dS/dx, brought to one number a pixel by `reduction`: the largest
    magnitude over the channels (as in the paper), the sum or mean of magnitudes, the Euclidean length, the signed sum,
    or, with ``colour``, all three channels as they are.

    The result is a `Heatmap` of the picture's size, (H, W) float32, in units of the score a pixel value; with
    ``colour`` a `ColourMap`, (H, W, 3). The slope is that of the network's input: if pictures pass through
    `preprocess` first, it is by the preprocessed values.

    Raises
    ------
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "Saliency"
    help: ClassVar[str] = "Which pixels the score reacts to most"
    source: ClassVar[str] = "Simonyan, Vedaldi, Zisserman, ICLR Workshop 2014, arXiv:1312.6034, section 3"
    says: ClassVar[str] = "{places} move the score of {target} most."
    reading: ClassVar[str] = (
        "The brightest pixels are those where a small change of value moves the score most. "
        "It shows sensitivity, not what the network recognised, and is grainy by nature."
    )
    rank: ClassVar[int] = 10
    flat: ClassVar[str] = "Flat: the score does not react to any pixel. All slopes are 0."

    def read(self, gradient: Gradient) -> np.ndarray:
        """Return the slope."""
        return gradient.slope
