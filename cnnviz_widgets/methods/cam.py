"""CAM: the class score, place by place, in a network that averages its last maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import TargetError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import Method, register
from ..objectives import ClassScore, Contrast, Objective, Output, as_objective
from ..probe import Probe
from ..settings import objective


@register
@dataclass(frozen=True)
class CAM(Method):
    """The class score, place by place, exactly as the network adds it up.

    In a network that ends in maps A_k, their means over all places, and a dense layer with weights w, the score of
    class c is the mean over i, j of sum over k of w_kc A_k[i, j], plus its bias. The sum over k is the map. If the
    means themselves are the scores, the map is the channel of the class.

    The result is a signed `Heatmap` of the maps' size, (h, w) float32, in units of the score: its mean plus the bias,
    which is among the scores, is the logit. Nothing is cut off below 0.

    Raises
    ------
    ModelError
        If the network does not end so; Grad-CAM is then what to use.
    TargetError
        If the target is not the logit of a class, or a contrast of two.
    """

    label: ClassVar[str] = "CAM"
    family: ClassVar[str] = "Class maps"
    help: ClassVar[str] = "The class score place by place, where the network averages its last maps"
    source: ClassVar[str] = "Zhou et al., CVPR 2016, arXiv:1512.04150, eq. 1-2"
    says: ClassVar[str] = "{places} of {layer} add to the score of {target}."
    reading: ClassVar[str] = (
        "Each cell shows what it adds to the class score, blue ones take from it; the mean of all is the score "
        "without the class's bias. It is exact, but a cell sees far more of the picture than the square that it covers."
    )
    rank: ClassVar[int] = 50

    target: Objective | int | None = objective(help="the class that is explained; the top class if empty")

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        pooled = probe.pooled()
        target = probe.target(self.target, image)
        how = "yes or no" if probe.classes == 2 and probe.outputs == 1 else "" if probe.squash else "plain"
        share = _shares(target, len(pooled.bias), how)
        gradient = probe.gradient(image, target, at=pooled.layer)
        values = (gradient.values @ (pooled.weights @ share)).astype(np.float32)
        notes = () if values.any() else ("Flat: no map adds anything to this class. All values are 0.",)
        yield Heatmap(
            **self.about(probe, image),
            values=values,
            signed=True,
            layer=pooled.layer,
            unit="share",
            scores={"score": gradient.score, "bias": float(pooled.bias @ share)},
            notes=notes,
        )


def _shares(target: Objective | None, logits: int, how: str) -> np.ndarray:
    """Return how much each logit counts in the target, (n,); of a yes-or-no network its opposite stands for no."""
    shares = np.zeros(logits, np.float32)
    match target:
        case None:
            return shares
        case ClassScore(of="logit", at=None):
            single = how == "yes or no"
            shares[0 if single else target.number] = -1 if single and target.number == 0 else 1
            return shares
        case Output(indices=(index,)) if how == "plain":
            shares[index] = 1
            return shares
        case Contrast(plus=plus, minus=minus):
            sides = (_shares(as_objective(side), logits, how) for side in (plus, minus))
            return np.subtract(*sides)
    raise TargetError(
        f"CAM explains the logit of a class, e.g. ClassScore(3), or a Contrast of two; got {type(target).__name__}. "
        "Use Grad-CAM for any other target."
    )
