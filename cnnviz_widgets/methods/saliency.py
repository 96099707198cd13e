"""Saliency: which pixels the score reacts to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from ..explanation import ColourMap, Explanation, Heatmap
from ..image import Image
from ..method import Method, register
from ..objective import Objective
from ..probe import Probe
from ..settings import choice, objective

REDUCTIONS = ("max", "sum", "mean", "l2", "signed", "colour")


@register
@dataclass(frozen=True)
class Saliency(Method):
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
    family: ClassVar[str] = "Pixels"
    help: ClassVar[str] = "Which pixels the score reacts to most"
    source: ClassVar[str] = "Simonyan, Vedaldi, Zisserman, ICLR Workshop 2014, arXiv:1312.6034, section 3"
    says: ClassVar[str] = "{places} move the score of {target} most."
    reading: ClassVar[str] = (
        "The brightest pixels are those where a small change of value moves the score most. "
        "It shows sensitivity, not what the network recognised, and is grainy by nature."
    )

    reduction: str = choice(
        "max", REDUCTIONS, help="how the colour channels of a pixel become one number", label="Per pixel"
    )
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield one `Heatmap`, or one `ColourMap` for the reduction ``colour``."""
        gradient = probe.gradient(image, self.target)
        slope = gradient.slope
        notes = () if slope.any() else ("Flat: the score does not react to any pixel. All slopes are 0.",)
        common: dict[str, Any] = {
            **self.about(probe, image),
            "unit": "slope",
            "scores": {"score": gradient.score},
            "notes": notes,
        }
        if self.reduction == "colour" and slope.shape[2] == 3:
            yield ColourMap(**common, values=slope)
            return
        if self.reduction == "colour":
            common["notes"] += ("The picture has no three colours; the signed sum is shown.",)
        signed = self.reduction in ("signed", "colour")
        yield Heatmap(**common, values=reduced(slope, self.reduction), signed=signed)


def reduced(slope: np.ndarray, how: str) -> np.ndarray:
    """Return one number a pixel, (H, W), for slopes (H, W, C)."""
    channels = np.moveaxis(slope, 2, 0)
    if how in ("signed", "colour"):
        return np.asarray(sum(channels[1:], channels[0].copy()))
    if how == "l2":
        return np.asarray(np.sqrt(sum(channel**2 for channel in channels)))
    magnitudes = [np.abs(channel) for channel in channels]
    if how == "max":
        return reduce(np.maximum, magnitudes)
    total = sum(magnitudes[1:], magnitudes[0])
    return np.asarray(total if how == "sum" else total / np.float32(len(magnitudes)))
