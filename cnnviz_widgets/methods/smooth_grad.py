"""SmoothGrad: the slope by the pixels, averaged over noisy copies of the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..explanation import Explanation
from ..images.image import Image
from ..method import register
from ..objectives import Objective
from ..probe import Probe
from ..settings import number, objective, whole
from ._pixel_map import PixelMap, reduction

BATCH = 8


@register
@dataclass(frozen=True)
class SmoothGrad(PixelMap):
    """Which pixels the score reacts to, averaged over copies of the picture with noise.

    The mean of dS/dx at x + e over `samples` draws of e, normal with a standard deviation of `noise` times the width
    of the picture's value range. Signed slopes are averaged; magnitudes, if the reduction takes them, come after
    the mean. Noisy copies may leave the value range, as in the paper.

    The result is a `Heatmap` of the picture's size, (H, W) float32, in units of the score a pixel value; with
    ``colour`` a `ColourMap`. It is yielded after every eight copies; no more exist at a time.

    Raises
    ------
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "SmoothGrad"
    help: ClassVar[str] = "Saliency without its grain: slopes averaged over noisy copies"
    source: ClassVar[str] = "Smilkov et al., ICML Workshop 2017, arXiv:1706.03825, section 3"
    says: ClassVar[str] = "{places} move the score of {target} most, noise or not."
    reading: ClassVar[str] = (
        "Warm pixels move the score in most of the noisy copies; grain that differs from copy to copy is gone. "
        "Too much noise, and the network no longer sees the picture: compare with 5 % and 30 %."
    )
    counted: ClassVar[str] = "samples"
    rank: ClassVar[int] = 30

    samples: int = whole(32, low=1, control_high=128, help="how many noisy copies; more are smoother, slower")
    noise: float = number(
        0.15, low=0, high=1, help="strength of the noise, as a share of the picture's value range"
    )
    reduction: str = reduction("max")
    seed: int = whole(0, low=0, high=2**31 - 1, control_high=20, help="seed of the noise", advanced=True)
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def passes(self, image: Image) -> int:
        """Return the number of copies."""
        return self.samples

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield a result after every batch of copies."""
        total, scores = np.zeros(image.pixels.shape), 0.0
        for begin in range(0, self.samples, BATCH):
            done = min(begin + BATCH, self.samples)
            found, slopes = probe.slopes(self._copies(image, begin, done), self.target, fitted=True)
            total += slopes.sum(axis=0, dtype=np.float64)
            scores += float(found.sum(dtype=np.float64))
            yield self.drawn(
                probe, image, (total / done).astype(np.float32), scores={"mean score": scores / done},
                done=done / self.samples, progress=f"{done} of {self.samples}",
            )  # fmt: skip

    def _copies(self, image: Image, begin: int, end: int) -> np.ndarray:
        """Return the noisy copies from `begin` to `end`; each has noise of its own seed."""
        low, high = image.range
        scale = np.float32(self.noise * (high - low))
        made = np.empty((end - begin, *image.pixels.shape), np.float32)
        for k, copy in enumerate(made, begin):
            np.random.default_rng((self.seed, k)).standard_normal(dtype=np.float32, out=copy)
        made *= scale
        made += image.pixels
        return made
