"""Score-CAM: maps weighed by how much of the score is left when the picture is seen through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import LayerError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..probe import Probe
from ..resampling import resized
from ..settings import layer_name, objective, whole

BATCH = 32


@register
@dataclass(frozen=True)
class ScoreCAM(Method):
    """Where a layer's maps keep the score up when the picture is seen through them; no slopes are used.

    A map A_k, brought to the picture's size and to values from 0 to 1, is a mask H_k. The rise of the score over that
    of an empty picture, S(x H_k) - S(x 0), softmaxed over the channels, is the weight of the map, and what is shown
    is ReLU(sum over k of w_k A_k). The picture is multiplied as the network gets it, after `preprocess`: 0 is black
    for a network that takes 0 to 255, and grey for one that takes -1 to 1.

    The result is a `Heatmap` of the layer's own size, (h, w) float32, in the units of the layer: the weights sum to
    1. It is yielded after every batch of masks, the liveliest channels first (standard deviation over places); no
    more than one batch of masks exists at a time. A target without a slope will do.

    Raises
    ------
    LayerError
        If the layer has no maps, or the model has none at all.
    """

    label: ClassVar[str] = "Score-CAM"
    family: ClassVar[str] = "Class maps"
    help: ClassVar[str] = "Class map without slopes: what each map lets through is scored"
    source: ClassVar[str] = "Wang et al., CVPR Workshop 2020, arXiv:1910.01279, eq. 5-8"
    says: ClassVar[str] = "{places} of layer {layer}, shown alone, keep {target} up."
    reading: ClassVar[str] = (
        "Warm cells belong to maps through which the network still finds the target. "
        "The softmax lets a few maps decide, so the picture may hang on one or two of a thousand."
    )
    counted: ClassVar[str] = "channels"
    rank: ClassVar[int] = 40

    channels: int = whole(
        0, low=0, control_high=256, help="how many channels are tried, the liveliest first; 0 tries all"
    )
    layer: str | None = layer_name(help="layer whose maps are masks; the last one with maps if empty")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def passes(self, image: Image) -> int:
        """Return the number of masks if it is limited, else 0: it then depends on the layer, as `cost` tells."""
        return self.channels

    def cost(self, probe: Probe, image: Image) -> int:
        """Return the number of masks, plus the picture itself and the empty one."""
        channels = probe.layer(self.layer or self.default_layer(probe)).shape[-1] or 0
        return min(self.channels or channels, channels) + 2

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield a `Heatmap` after every batch of masks."""
        name = self.layer or probe.last_spatial()
        maps = probe.activations(image, name)
        if maps.ndim != 3:
            raise LayerError(probe.why_no_maps(name))
        probe.check_finite(maps, image, self.target)
        pixels = probe.prepared(image)
        score, empty = (
            float(probe.scores(picture, self.target, prepared=True)[0]) for picture in (pixels, 0 * pixels)
        )
        order = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[: self.channels or None]
        rises = np.empty(0)
        for begin in range(0, len(order), BATCH):
            part = order[begin : begin + BATCH]
            masked = masks(maps[..., part], image.size) * pixels
            found = probe.scores(masked, self.target, prepared=True) - np.float64(empty)
            rises, done = np.concatenate([rises, found]), begin + len(part)
            weights = _softmax(rises)
            values = np.maximum(maps[..., order[:done]] @ weights, 0).astype(np.float32)
            notes = (*_flat(values), *_decided(weights)) if done == len(order) else ()
            yield Heatmap(
                **self.about(probe, image), values=values, layer=name, unit="activation",
                scores={"score": score, "empty score": empty, "largest rise": float(rises.max())},
                done=done / len(order), progress=f"{done} of {len(order)}", notes=notes,
            )  # fmt: skip


def masks(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return maps (h, w, K) as masks of the picture's size from 0 to 1, (K, H, W, 1); a constant map covers all."""
    large = np.ascontiguousarray(np.moveaxis(resized(maps, size), 2, 0))
    low = large.min(axis=(1, 2), keepdims=True)
    span = large.max(axis=(1, 2), keepdims=True) - low
    large -= low
    large *= np.divide(1, span, out=np.zeros_like(span), where=span > 0)
    return large[..., None]


def _softmax(values: np.ndarray) -> np.ndarray:
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum())


def _flat(values: np.ndarray) -> tuple[str, ...]:
    return () if values.any() else ("Flat: the maps weighed add up to nothing above 0. All values are 0.",)


def _decided(weights: np.ndarray) -> tuple[str, ...]:
    if weights.size > 1 and weights.max() > 0.5:
        return (f"One channel of {weights.size} has {weights.max():.0%} of the weight.",)
    return ()
