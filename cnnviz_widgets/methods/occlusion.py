"""Occlusion sensitivity: how far the score falls when a patch of the picture is covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ..explanation import Explanation
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..occlusion import MAPS, SweepSettings, Swept, check_map, sweep
from ..probe import Probe, as_probe
from ..settings import choice, objective


@register
@dataclass(frozen=True)
class Occlusion(SweepSettings, Method):
    """How far the score falls when a patch of the picture is covered.

    For every position of a patch, the fall S(x) - S(x with the patch filled). A pixel shows the mean fall of the
    positions that cover it. Positions lie `stride` apart; the last one of a row or column is moved in to end at the
    border, so that every pixel is covered unless the stride is larger than the patch, or the patch is round. The sweep
    runs from coarse to fine: at most nine positions all over the picture first, then those half as far apart, down to
    one stride; each result drawn on the way uses the nearest known position for those to come.

    Where it is faster, only what a patch can reach is computed anew; then ``largest difference from them``, among the
    scores, tells how far a few positions were from whole pictures. Where falls are off by more than 1e-5 of their
    range, or that way fails, whole pictures are run, and a note says so. A map whose range is below 1e-4 of the score
    is said to be nearly flat. What one sweep found is kept: another class or another `map` runs no model, and a stride
    that shares positions with an earlier one asks only for the others.

    The result is a signed `Heatmap` of the picture's size, (H, W) float32, in units of the score. With another `map`
    it shows what else the same sweep tells, as in figure 7 of the paper: the probability of the class, the most
    probable label (a `LabelMap`, by the position whose middle is nearest), the mean activity of the strongest map in
    the last layer with maps; for a model that rebuilds its picture, the distance of the code from that of the bare
    picture, or how far the reconstruction error rises.

    Raises
    ------
    SettingError
        If the patch is larger than the picture, or the model has nothing that the map could show.
    """

    label: ClassVar[str] = "Occlusion"
    family: ClassVar[str] = "Cover"
    help: ClassVar[str] = "How far the score falls when a patch is covered"
    source: ClassVar[str] = "Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 4.2"
    says: ClassVar[str] = "{places} speak for {target}: covered, it falls."
    counted: ClassVar[str] = "places"
    reading: ClassVar[str] = (
        "Red places are those whose covering lowers the score; blue ones raise it. "
        "A patch hides context too, so try several sizes."
    )

    map: str = choice(
        "fall", MAPS, help="what is shown of the sweep; another one runs no model", advanced=True
    )
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def passes(self, image: Image) -> int:
        """Return the number of positions."""
        return self.grid(image).count

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield the map after every batch of positions, sharper each time."""
        check_map(probe, self.map)
        for swept in sweep(probe, image, self, self.target):
            yield swept.map(self.map, self.target)  # type: ignore[arg-type]

    def sweep(self, model: Any, image: Any) -> Iterator[Swept]:
        """Yield what the sweep knows after every batch: all maps can be read from it without the model.

        A bare model, and anything that `Image.load` opens, do.
        """
        probe = as_probe(model)
        fitted = probe.fit(image)
        ready = self.resolved(probe, fitted)
        yield from sweep(probe, fitted, ready, ready.target)
