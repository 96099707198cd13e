"""Filter response: one kernel of the first convolution, laid on the raw pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import LayerError, SettingError
from ..explanation import FilteredPixels
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..probe import Kernel, Probe
from ..settings import layer_name, objective, whole
from .filters import first_convolution


@register
@dataclass(frozen=True)
class FilterResponse(Method):
    """What one kernel answers to the raw pixels, beside the map that the layer itself makes.

    The cross-correlation of the picture, in its own value range, with the kernel, at every pixel and with zeros around
    the picture: what a convolution of stride 1 computes, without bias, normalisation or activation. Beside it stands
    the layer's own map, which has all of those; how alike the two are at the layer's own places is the ``correlation``
    among the scores.

    The result is `FilteredPixels`, a signed `Heatmap` of the picture's size, (H, W) float32.

    Raises
    ------
    LayerError
        If the layer has no kernels that fit the picture's channels.
    SettingError
        If it has no such channel.
    """

    label: ClassVar[str] = "Filter response"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "One kernel laid on the raw pixels, beside the layer's own map"
    source: ClassVar[str] = "LeCun et al., Proceedings of the IEEE 86(11), 1998, section II"
    says: ClassVar[str] = "{places} are where the kernel finds its pattern in the raw pixels."
    reading: ClassVar[str] = (
        "Red is where the pixels look like the kernel, blue where they look like its negative. "
        "The map beside it is the layer's own, after bias, normalisation and activation."
    )
    rank: ClassVar[int] = 120

    channel: int = whole(0, low=0, control_high=63, help="which kernel of the layer")
    convolution: str | None = layer_name(help="a convolution that reads the picture; the first if empty")
    target: Objective | int | None = objective(help="the response does not depend on it")

    def default_layer(self, probe: Probe) -> str:
        """Return the first convolution."""
        return first_convolution(probe)

    def explain(self, probe: Probe, image: Image) -> Iterator[FilteredPixels]:
        """Yield one `FilteredPixels`."""
        kernel = probe.kernel(self.convolution or self.default_layer(probe))
        weights = self._weights(kernel, image)
        values = correlated(image.pixels, weights, kernel.dilation)
        own = probe.gradient(image, self.target, at=kernel.layer).values[..., self.channel]
        likeness = _likeness(values, own, kernel)
        notes: tuple[str, ...] = ()
        if likeness is None:
            notes = (f"{kernel.layer} does not read the picture itself, so the two cannot be compared.",)
        yield FilteredPixels(
            **{**self.about(probe, image), "target": ""},
            values=values,
            own=own,
            signed=True,
            unit="response",
            scores={} if likeness is None else {"correlation": likeness},
            notes=notes if values.any() else ("Flat: the kernel answers nothing. All values are 0.", *notes),
        )

    def _weights(self, kernel: Kernel, image: Image) -> np.ndarray:
        """Return the kernel asked for, (h, w, C)."""
        *_, inputs, count = kernel.values.shape
        if inputs not in (1, image.channels):
            raise LayerError(
                f"{kernel.layer} takes {inputs} channels, the picture has {image.channels}: its kernels cannot be laid "
                "on the pixels. Choose the first convolution."
            )
        if self.channel >= count:
            raise SettingError(
                f"FilterResponse.channel must be from 0 to {count - 1}, the kernels of {kernel.layer}; "
                f"got {self.channel}."
            )
        weights = kernel.by_picture[..., self.channel]
        if inputs == image.channels:
            return weights
        # a depthwise kernel reads the one input channel that is its own
        spread = np.zeros((*weights.shape[:2], image.channels), np.float32)
        spread[..., self.channel * image.channels // count] = weights[..., 0]
        return spread


def correlated(pixels: np.ndarray, weights: np.ndarray, dilation: tuple[int, int] = (1, 1)) -> np.ndarray:
    """Return the cross-correlation of (H, W, C) with (h, w, C) at every pixel, zeros around: float32 (H, W)."""
    height, width, _ = pixels.shape
    down, across = ((n - 1) * d for n, d in zip(weights.shape[:2], dilation, strict=True))
    room = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    padded = np.pad(pixels.astype(np.float64), room)
    made = np.zeros((height, width))
    for (i, j), kernel in ((place, weights[place]) for place in np.ndindex(weights.shape[:2])):
        top, left = i * dilation[0], j * dilation[1]
        made += padded[top : top + height, left : left + width] @ kernel.astype(np.float64)
    return made.astype(np.float32)


def _likeness(values: np.ndarray, own: np.ndarray, kernel: Kernel) -> float | None:
    """Return the correlation of the response with the layer's own map at the places that the layer looks at."""
    if kernel.border is None:
        return None
    picked = values
    for axis in (0, 1):
        places = _places(values.shape[axis], own.shape[axis], kernel, axis)
        inside = (places >= 0) & (places < values.shape[axis])
        picked, own = picked.take(places[inside], axis), own.compress(inside, axis)
    if not picked.std() or not own.std():
        return None
    return float(np.corrcoef(picked.ravel(), own.ravel())[0, 1])


def _places(length: int, count: int, kernel: Kernel, axis: int) -> np.ndarray:
    """Return the pixel that lies under the middle of the kernel at each of the layer's places."""
    reach = (kernel.values.shape[axis] - 1) * kernel.dilation[axis]
    stride, before = kernel.strides[axis], (kernel.border or (0, 0))[axis]
    if kernel.padding == "same":
        before += max((count - 1) * stride + reach + 1 - length - 2 * before, 0) // 2
    return np.arange(count) * stride - before + reach // 2
