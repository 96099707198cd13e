"""Occlusion sensitivity: how far the score falls when a patch of the picture is covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..coverage import Grid, coverage_mean, sweep_grid
from ..errors import SettingError
from ..explanation import Heatmap
from ..fill import FILLS, filled
from ..image import Image
from ..method import Method, register
from ..objective import Objective
from ..probe import Probe
from ..settings import choice, objective, whole

FIRST = 32  # positions of the first part, the picture itself among them
PARTS = 6  # about how many parts a sweep comes in


@register
@dataclass(frozen=True)
class Occlusion(Method):
    """How far the score falls when a patch of the picture is covered.

    For every position of a square patch, the fall S(x) - S(x with the patch filled). A pixel shows the mean fall of
    the positions that cover it. Positions lie `stride` apart; the last one of a row or column is moved in to end at the
    border, so that every pixel is covered unless the stride is larger than the patch. The sweep runs from coarse to
    fine: positions four strides apart first, then two, then one; each result drawn on the way uses the nearest known
    position for those to come.

    The result is a signed `Heatmap` of the picture's size, (H, W) float32, in units of the score.

    Raises
    ------
    SettingError
        If the patch is larger than the picture.
    """

    label: ClassVar[str] = "Occlusion"
    family: ClassVar[str] = "Cover"
    help: ClassVar[str] = "How far the score falls when a patch is covered"
    source: ClassVar[str] = "Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 4.2"
    says: ClassVar[str] = "{places} speak for {target}: covered, it falls."
    reading: ClassVar[str] = (
        "Red places are those whose covering lowers the score; blue ones raise it. "
        "A patch hides context too, so try several sizes."
    )

    patch: int | None = whole(
        None,
        low=1,
        control_high=112,
        unit="px",
        help="side of the square that covers the picture; a seventh of the side if empty",
    )
    stride: int | None = whole(
        None,
        low=1,
        control_high=56,
        unit="px",
        help="step from one position to the next; half a patch if empty",
    )
    fill: str = choice(
        "grey", FILLS, help="what the patch is filled with", pattern="a colour such as '#ff8800'"
    )
    seed: int = whole(0, low=0, high=2**31 - 1, control_high=20, help="seed of the noise fill", advanced=True)
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def fitted(self, image: Image) -> Occlusion:
        """Fill in patch and stride from the picture's size, and check that the patch fits."""
        least = min(image.size)
        patch = self.patch or max(1, round(least / 7))
        if patch > least:
            height, width = image.size
            raise SettingError(
                f"Patch {patch} is larger than the picture ({height} × {width}). Choose at most {least}."
            )
        return self.replace(patch=patch, stride=self.stride or max(1, patch // 2))

    def passes(self, image: Image) -> int:
        """Return the number of positions."""
        ready = self.fitted(image)
        return sweep_grid(image.size, ready.patch or 1, ready.stride or 1).count

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield a `Heatmap` after every batch of positions, sharper each time."""
        ready = self.resolved(probe, image)
        patch = ready.patch or 1
        grid = sweep_grid(image.size, patch, ready.stride or 1)
        cover = filled(image, ready.fill, ready.seed)
        places = [(grid.rows[row], grid.columns[column]) for row, column in grid.order]
        patched = probe.patched(image, [ready.target], places, (patch, patch), PARTS)
        falls = np.full(grid.shape, np.nan, np.float32)
        notes, whole_score, done = ready._notes(grid), 0.0, 0
        for numbers in _parts(grid.count, patched.at_once):
            patches, own = patched.patches(cover, numbers), patched.patches(image.pixels, numbers)
            if done == 0:
                # the picture itself goes the same way as the covered ones, or rounding would look like a fall
                (scores,) = patched.answers(np.concatenate([own[:1], patches]), [numbers[0], *numbers])
                whole_score, scores = float(scores[0]), scores[1:]
            else:
                (scores,) = patched.answers(patches, numbers)
            changed = (patches != own).any(axis=(1, 2, 3))
            places_done = tuple(np.transpose([grid.order[k] for k in numbers]))
            falls[places_done] = np.where(changed, np.float32(whole_score) - scores, np.float32(0))
            done += len(numbers)
            yield Heatmap(
                **ready.about(probe, image), values=coverage_mean(grid, falls), signed=True, unit="fall",
                grain=ready.stride or 1,
                scores={"score": whole_score, "largest fall": float(np.nanmax(falls))},
                done=done / grid.count, progress=f"{done} of {grid.count}",
                notes=notes + (_flat(falls) if done == grid.count else ()),
            )  # fmt: skip

    def _notes(self, grid: Grid) -> tuple[str, ...]:
        missed = int(np.count_nonzero(grid.coverage() == 0))
        if not missed:
            return ()
        return (
            f"Stride {self.stride} is larger than patch {self.patch}: "
            f"{missed} pixels are never covered and show 0.",
        )


def _parts(count: int, most: int) -> Iterator[range]:
    """Yield the numbers of the positions in parts: few at first, to show soon what is coming, then at most `most`.

    The picture itself has a place in the first part.
    """
    first, size = 0, FIRST - 1
    while first < count:
        yield range(first, min(first + size, count))
        first, size = first + size, min(2 * FIRST if first == 0 else 2 * size, most)


def _flat(falls: np.ndarray) -> tuple[str, ...]:
    return () if falls.any() else ("Flat: covering any place leaves the score as it is. All values are 0.",)
