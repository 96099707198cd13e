"""Integrated gradients: the rise of the score from a blank picture, shared out among the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..explanation import Explanation
from ..images.image import Image
from ..method import register
from ..objectives import Objective
from ..occlusion.fill import filled
from ..probe import Probe
from ..settings import choice, objective, whole
from ._pixel_map import PixelMap, reduction

BATCH = 8
BASELINES = ("black", "grey", "white", "blur", "mean")
MINDED = 0.05


@register
@dataclass(frozen=True)
class IntegratedGradients(PixelMap):
    """How much each pixel adds to the rise of the score from a baseline to the picture.

    (x - b) times the mean of dS/dx on the straight path from the baseline b to the picture x. The mean is taken by
    Gauss-Legendre quadrature: `steps` places with their weights, exact for slopes that are polynomials of degree up
    to 2 steps - 1 along the path, and without the end points, which a plain sum would count in full.

    All values sum to S(x) - S(b); how far they miss it is the ``completeness gap`` among the scores, and a note says
    it. Where a pixel equals the baseline it adds nothing: with a black one, black things are blank. x and b are as
    the network gets them, after `preprocess`.

    The result is a `Heatmap` of the picture's size, (H, W) float32, in units of the score, signed with the default
    reduction; with ``colour`` a `ColourMap`. It is yielded after every eight steps, those of a first batch being
    spread over the whole path.

    Raises
    ------
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "Integrated gradients"
    help: ClassVar[str] = "Shares the rise of the score from a blank picture out among the pixels"
    source: ClassVar[str] = "Sundararajan, Taly, Yan, ICML 2017, arXiv:1703.01365, eq. 1"
    says: ClassVar[str] = "{places} raise {target} from blank to what it is."
    reading: ClassVar[str] = (
        "Red pixels raise the score from that of the baseline, blue ones lower it; all together they make the rise. "
        "What looks like the baseline is blank, so try another one before believing that it does not matter."
    )
    counted: ClassVar[str] = "steps"
    rank: ClassVar[int] = 40
    unit: ClassVar[str] = "share"

    baseline: str = choice("black", BASELINES, help="the blank picture where the path begins")
    steps: int = whole(32, low=1, high=1000, control_high=128, help="places on the path; more close the gap")
    reduction: str = reduction("signed")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def passes(self, image: Image) -> int:
        """Return the number of steps, plus both ends."""
        return self.steps + 2

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield a result after every batch of steps; the last one has the completeness gap."""
        blank = filled(image, self.baseline)[None]
        end, start = probe.prepared(image), probe.prepared(blank, fitted=True)
        ends = [float(probe.scores(picture, self.target, prepared=True)[0]) for picture in (end, start)]
        way = end - start
        total, weight, done = np.zeros(way.shape[1:]), 0.0, 0
        for places, weights in _batches(self.steps):
            path = places[:, None, None, None] * way
            path += start
            _, slopes = probe.slopes(path, self.target, prepared=True)
            total += np.einsum("n,nhwc->hwc", weights.astype(np.float32), slopes)
            weight, done = weight + float(weights.sum()), done + len(places)
            values = way[0] * (total / weight)
            scores = {"score": ends[0], "baseline's score": ends[1]}
            notes: tuple[str, ...] = ()
            if done == self.steps:
                gap = float(values.sum()) - (ends[0] - ends[1])
                scores["completeness gap"] = gap
                notes = (_completeness(gap, ends[0] - ends[1]),)
            yield self.drawn(
                probe, image, values.astype(np.float32), scores=scores, notes=notes,
                done=done / self.steps, progress=f"{done} of {self.steps}",
            )  # fmt: skip


def _batches(steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places on the path, 0 to 1, and their weights; every batch is spread over all of it."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    apart = -(-steps // BATCH)
    order = np.concatenate([np.arange(first, steps, apart) for first in range(apart)])
    for begin in range(0, steps, BATCH):
        part = order[begin : begin + BATCH]
        yield ((nodes[part] + 1) / 2).astype(np.float32), weights[part] / 2


def _completeness(gap: float, rise: float) -> str:
    text = f"Completeness: the map sums to {rise + gap:.4g}, the score rises by {rise:.4g}"
    if abs(gap) > MINDED * max(abs(rise), 1e-6):
        return f"{text}; more steps, or a baseline at which the score does not jump, bring the two together."
    return f"{text}."
