"""Saliency: which pixels the score reacts to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    says: ClassVar[str] = "The score of {target} reacts most where it is {warm}."
    reading: ClassVar[str] = (
        "Warm pixels are those where a small change of value moves the score most. It shows sensitivity, not what the network recognised, and is grainy by nature."
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
    if how in ("signed", "colour"):
        return np.asarray(slope.sum(axis=2))
    if how == "l2":
        return np.asarray(np.sqrt((slope**2).sum(axis=2)))
    magnitude = np.abs(slope)
    if how == "max":
        return np.asarray(magnitude.max(axis=2))
    return np.asarray(magnitude.sum(axis=2) if how == "sum" else magnitude.mean(axis=2))
