"""The kernels of a convolution, all in one form, how they meet the picture, and which one makes a layer's maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import LayerError, listed
from .graphs.graph import Graph, Step
from .receptive_field import POINTWISE, kind_of

_OF_VOLUMES = {"Conv3D", "Conv3DTranspose", "ConvLSTM2D", "TimeDistributed"}
_POINTWISE = {
    "Rescaling", "Normalization", "Dropout", "Identity", "GaussianNoise", "Cast", "Multiply", "Add", "Subtract",
    "Divide", "TrueDivide", "BatchNormalization",
}  # fmt: skip


@dataclass(frozen=True)
class Kernel:
    """What a convolution multiplies with.

    Attributes
    ----------
    layer : str
        The convolution.
    values : numpy.ndarray
        float32 (h, w, C, K): one kernel for each of K output channels, over C input channels. A depthwise layer's
        kernels have C = 1; a separable layer's two parts are multiplied out.
    strides, dilation : tuple of int
        Down and across.
    padding : str
        ``same`` or ``valid``.
    border : tuple of int or None
        Pixels added above and left of the picture before the layer, if it reads the picture itself: nothing but
        scaling and padding comes before. None if it does not.
    order : tuple of int or None
        For each channel of the picture, which of the channels C it has become, as in a network that takes BGR; None if
        C are not the picture's channels, or in their own order.
    """

    layer: str
    values: np.ndarray
    strides: tuple[int, int]
    dilation: tuple[int, int]
    padding: str
    border: tuple[int, int] | None
    order: tuple[int, ...] | None = None

    @property
    def by_picture(self) -> np.ndarray:
        """The kernels with C in the order of the picture's own channels, where C are these."""
        return self.values if self.order is None else self.values[:, :, list(self.order)]


def kernel_at(graph: Graph, step: Step) -> Kernel:
    """Return the kernels of a step, or of the nearest convolution before it along its first input.

    Raises
    ------
    LayerError
        If there is none.
    """
    at: Step | None = step
    while at is not None and kernel_values(at.op) is None:
        at = graph.makers.get(at.inputs[0]) if at.inputs else None
    if at is None:
        known = [s.name for s in graph.steps if kernel_values(s.op) is not None]
        deep = any(type(s.op).__name__ in _OF_VOLUMES for s in graph.steps)
        none = "Kernels of volumes and of videos are not drawn." if deep else "The model has no convolution."
        cure = f"Choose a convolution: {listed(known)}." if known else none
        raise LayerError(f"{step.name} has no kernels, nor has any layer before it. {cure}")
    values = kernel_values(at.op)
    assert values is not None
    op = at.op
    return Kernel(
        at.name, values, _pair(op.strides), _pair(op.dilation_rate), str(op.padding), _border(graph, at)
    )


def kernel_values(op: Any) -> np.ndarray | None:
    """Return the kernels of one of Keras' two-dimensional convolutions as (h, w, C, K), or None for anything else."""
    import keras

    layers = keras.layers
    if isinstance(op, layers.Conv2DTranspose):
        return np.swapaxes(_numbers(op.kernel), 2, 3)
    if isinstance(op, layers.SeparableConv2D):
        depth, point = _numbers(op.depthwise_kernel), _numbers(op.pointwise_kernel)[0, 0]
        return np.einsum("abcm,cmk->abck", depth, point.reshape(*depth.shape[2:], -1))
    if isinstance(op, layers.DepthwiseConv2D):
        values = _numbers(op.kernel)
        return values.reshape(*values.shape[:2], 1, -1)
    return _numbers(op.kernel) if isinstance(op, layers.Conv2D) else None


def _numbers(variable: Any) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(variable), np.float32)


def _pair(value: Any) -> tuple[int, int]:
    return (int(value), int(value)) if np.ndim(value) == 0 else (int(value[0]), int(value[1]))


def _border(graph: Graph, step: Step) -> tuple[int, int] | None:
    top, left = 0, 0
    at = step
    while len(at.inputs) == 1:
        before = graph.makers.get(at.inputs[0])
        if before is None:
            return (top, left) if at.inputs[0] in graph.inputs.values() else None
        kind = type(before.op).__name__
        if kind == "ZeroPadding2D":
            (above, _), (beside, _) = before.op.padding
            top, left = top + above, left + beside
        elif kind not in _POINTWISE:
            return None
        at = before
    return None


_BY_CHANNEL = (POINTWISE - {"Dense", "EinsumDense"}) | {
    "MaxPooling2D", "AveragePooling2D", "UpSampling2D", "ZeroPadding2D", "Cropping2D",
}  # fmt: skip


def own_convolution(graph: Graph, step: Step) -> Step | None:
    """Return the step itself if it is a convolution, else the one it takes each channel from; None if several mix."""
    at: Step | None = step
    while at is not None and kernel_values(at.op) is None:
        if kind_of(at.op) not in _BY_CHANNEL or len(at.inputs) != 1:
            return None
        before = graph.makers.get(at.inputs[0])
        if before is None or _channels(graph, before) != _channels(graph, at):
            return None
        at = before
    return at


def _channels(graph: Graph, step: Step) -> int | None:
    return graph.seen_shape(step.shape or (None,))[-1]
