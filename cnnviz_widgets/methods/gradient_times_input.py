"""Gradient times input: what each pixel adds to the score, if the network were linear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..method import register
from ..probe import Gradient
from ._pixel_map import SlopeMap, reduction


@register
@dataclass(frozen=True)
class GradientTimesInput(SlopeMap):
    """What each pixel adds to the score by the slope at this picture: x dS/dx.

    For a network of convolutions, ReLUs, poolings and dense layers without any bias the map sums to the score
    exactly. Elsewhere it does not; Integrated gradients repairs that. A pixel of value 0 adds nothing, whatever the
    network sees in it: black places are blank by construction.

    The result is a `Heatmap` of the picture's size, (H, W) float32, in units of the score, signed with the default
    reduction; with ``colour`` a `ColourMap`. x is the picture as the network gets it, after `preprocess`.

    Raises
    ------
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "Gradient × input"
    help: ClassVar[str] = "What each pixel adds to the score, taking the network as linear"
    source: ClassVar[str] = (
        "Shrikumar et al., ICML 2017, arXiv:1605.01713; Ancona et al., ICLR 2018, arXiv:1711.06104"
    )
    says: ClassVar[str] = "{places} add to the score of {target}."
    reading: ClassVar[str] = (
        "Red pixels add to the score, blue ones take from it. "
        "Black pixels always show 0, even where the network reads something from them."
    )
    rank: ClassVar[int] = 20
    unit: ClassVar[str] = "share"

    reduction: str = reduction("signed")

    def read(self, gradient: Gradient) -> np.ndarray:
        """Return pixels times slopes."""
        return np.asarray(gradient.values * gradient.slope)
