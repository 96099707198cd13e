"""RISE: the mean score of the picture behind random masks that show a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..explanation import Heatmap
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..occlusion.fill import FILLS, filled
from ..probe import Probe
from ..resampling import resized
from ..settings import choice, flag, number, objective, whole

BATCH = 32


@register
@dataclass(frozen=True)
class RISE(Method):
    """How high the score is on average when a place is shown, over many random masks.

    A mask is a grid of `cells` by `cells`, each shown with the probability `shown`, brought smoothly to a size a cell
    larger than the picture and cut out at a random offset. With masks M_i and scores S_i of the masked picture, the
    map is (1 / (N shown)) sum over i of (S_i - S') M_i, where S' is the mean of the S_i; with ``centred`` off S' is 0,
    which is the paper's map. The two differ by a nearly constant picture: the paper explains probabilities, which are
    mostly near 0, while the scores here are logits, whose mean would drown the map. Where a mask hides, the picture
    is mixed with `fill`; multiplying a picture that is centred on 0, as in the paper, is ``grey``.

    The result is a `Heatmap` of the picture's size, (H, W) float32, in units of the score, signed. It is yielded
    after every batch of masks; no more than one batch exists at a time. ``standard error``, among the scores, is the
    root mean square over the pixels of the error of the mean.
    """

    label: ClassVar[str] = "RISE"
    family: ClassVar[str] = "Cover"
    help: ClassVar[str] = "Mean score behind random masks that show a place"
    source: ClassVar[str] = "Petsiuk, Das, Saenko, BMVC 2018, arXiv:1806.07421, eq. 6"
    says: ClassVar[str] = "{places}, when shown, raise {target}."
    reading: ClassVar[str] = (
        "Red places raise the score above its mean over all masks when they are shown, blue ones lower it. "
        "Blotches as weak as the standard error are chance: more masks wash them out."
    )
    counted: ClassVar[str] = "masks"
    rank: ClassVar[int] = 110

    masks: int = whole(1000, low=2, control_high=4000, step=100, help="how many masks; more wash out chance")
    cells: int = whole(8, low=2, high=64, control_high=16, help="cells of a mask down and across")
    shown: float = number(0.5, low=0.05, high=0.95, help="probability that a cell is shown")
    fill: str = choice("grey", FILLS, help="what hidden places are filled with", advanced=True)
    centred: bool = flag(
        True, help="show the rise above the mean score; off is the paper's map", advanced=True
    )
    seed: int = whole(0, low=0, high=2**31 - 1, control_high=20, help="seed of the masks", advanced=True)
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def passes(self, image: Image) -> int:
        """Return the number of masks, plus one for the picture itself."""
        return self.masks + 1

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield a `Heatmap` after every batch of masks, surer each time."""
        cover = filled(image, self.fill, self.seed)
        sums, whole_score, done = _Sums(image.size), 0.0, 0
        while done < self.masks:
            first = done == 0
            until = min(done + BATCH - first, self.masks)
            masks = np.stack([self._mask(k, image.size) for k in range(done, until)])
            pictures = cover + masks[..., None] * (image.pixels - cover)
            asked = np.concatenate([image.pixels[None], pictures]) if first else pictures
            scores = probe.scores(asked, self.target, fitted=True)
            if first:
                whole_score, scores = float(scores[0]), scores[1:]
            sums.add(masks, scores.astype(np.float64) - whole_score)
            done = until
            values, error, mean = sums.result(self.shown, None if self.centred else -whole_score)
            flat = ("Flat: hiding any place leaves the score as it is. All values are 0.",)
            yield Heatmap(
                **self.about(probe, image), values=values, signed=True, unit="rise" if self.centred else "score",
                scores={"score": whole_score, "mean score": mean + whole_score, "standard error": error},
                done=done / self.masks, progress=f"{done} of {self.masks}",
                notes=flat if done == self.masks and not values.any() else (),
            )  # fmt: skip

    def _mask(self, k: int, size: tuple[int, int]) -> np.ndarray:
        """Return the k-th mask, float32 (H, W) from 0 to 1; it depends on the seed and `k` alone."""
        source = np.random.default_rng((self.seed, k))
        grid = (source.random((self.cells + 1, self.cells + 1)) < self.shown).astype(np.float32)
        height, width = (-(-length // self.cells) for length in size)
        top, left = int(source.integers(height)), int(source.integers(width))
        large = resized(grid, ((self.cells + 1) * height, (self.cells + 1) * width))
        return large[top : top + size[0], left : left + size[1]]


class _Sums:
    """Running sums from which map and error follow at any time; scores come as differences from the whole picture's.

    Parameters
    ----------
    size : tuple of int
        (height, width) of the picture.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.by_mask = np.zeros((2, *size))  # sums of S M and of M
        self.by_square = np.zeros((3, *size))  # sums of S^2 M^2, S M^2 and M^2
        self.scores, self.count = 0.0, 0

    def add(self, masks: np.ndarray, scores: np.ndarray) -> None:
        """Add a batch: masks (N, H, W) and scores (N,)."""
        ones = np.ones_like(scores)
        exact = masks.astype(np.float64)
        self.by_mask += np.tensordot(np.stack([scores, ones]), exact, axes=1)
        self.by_square += np.tensordot(np.stack([scores**2, scores, ones]), exact**2, axes=1)
        self.scores, self.count = self.scores + float(scores.sum()), self.count + len(scores)

    def result(self, shown: float, centre: float | None) -> tuple[np.ndarray, float, float]:
        """Return the map about a centre, the mean score if None, with its standard error and the mean score."""
        n, mean = self.count, self.scores / self.count
        middle = mean if centre is None else centre
        found = (self.by_mask[0] - middle * self.by_mask[1]) / n
        square = (self.by_square[0] - 2 * middle * self.by_square[1] + middle**2 * self.by_square[2]) / n
        variance = np.maximum(square - found**2, 0).mean() / max(n - 1, 1)
        return (found / shown).astype(np.float32), float(np.sqrt(variance)) / shown, mean
