"""Patch similarity: what each place adds to the similarity of two pictures, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import TargetError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import Method
from ..objectives import Contrast, Objective, Similarity, as_objective
from ..probe import Probe
from ..probe.code_decomposition import Cells, cells_of
from ..settings import objective
from .decomposition import Decomposition


@dataclass(frozen=True)
class PatchSimilarity(Method):
    """What each place of a picture adds to its similarity to another, exactly.

    A code that is maps laid side by side, or brought together by global pooling and weighted sums, is taken apart into
    its places; each place shows the sum of what it adds with all places of the other picture. The map sums to the
    similarity. See `Decomposition` for the formulas.

    The result is a `Heatmap` of the layer's own size, (h, w) float32, in units of the similarity; signed if a place
    takes from it. The target is a `Similarity`, or a `Contrast` of two.

    Raises
    ------
    TargetError
        If the target is another, or the cosine of a code that is all zero is asked for.
    LayerError
        If the code cannot be taken apart exactly.
    """

    label: ClassVar[str] = "Patch similarity"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "What each place adds to the similarity of two pictures"
    source: ClassVar[str] = "Stylianou, Souvenir, Pless, WACV 2019, arXiv:1901.00536"
    says: ClassVar[str] = "{places} add to {target}."
    reading: ClassVar[str] = (
        "Each cell shows what it adds to the similarity; all cells sum to it exactly. "
        "A cell of a deep layer has seen more of the picture than it covers."
    )

    target: Objective | int | None = objective(
        help="the Similarity that is taken apart, or a Contrast of two"
    )

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        sides = _sides(as_objective(self.target))
        found = [(sign, decomposed(probe, image, one)) for sign, one in sides]
        values = sum(sign * one.on_a for sign, one in found)
        flat = "" if np.any(values) else "Flat: no place adds anything. All values are 0."
        yield Heatmap(
            **self.about(probe, image),
            values=np.asarray(values, np.float32),
            signed=len(sides) > 1 or bool(np.min(values) < 0),
            layer=found[0][1].layer,
            unit="share",
            scores={"score": sum(sign * one.total for sign, one in found)},
            notes=(flat,) if flat else (),
        )


def decomposed(probe: Probe, image: Image, target: Similarity) -> Decomposition:
    """Return the exact terms of the similarity of a picture to the target's reference.

    Raises
    ------
    LayerError
        If the code cannot be taken apart exactly.
    TargetError
        For the cosine of a code that is all zero.
    """
    own = cells_of(probe, image, target.layer, target.pooled)
    other = cells_of(probe, target.reference, target.layer, target.pooled)
    return taken_apart(own, other, target.metric)


def taken_apart(a: Cells, b: Cells, metric: str) -> Decomposition:
    """Return the exact terms of the similarity of two codes whose places are known."""
    return Decomposition(a.values, b.values, a.aligned, metric, a.layer)


def _sides(target: Objective | None) -> list[tuple[float, Similarity]]:
    sides = (target.plus, target.minus) if isinstance(target, Contrast) else (target, None)
    made = [
        (sign, side) for sign, side in zip((1.0, -1.0), sides, strict=True) if isinstance(side, Similarity)
    ]
    if len(made) != sum(side is not None for side in sides) or not made:
        raise TargetError(
            "PatchSimilarity takes a Similarity, or a Contrast of two, as target; "
            f"got {type(target).__name__}."
        )
    return made
