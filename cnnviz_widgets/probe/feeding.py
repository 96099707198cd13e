"""The convolution that makes a layer's maps, where each channel of the one is a channel of the other."""

from __future__ import annotations

from .graph import Graph, Step
from .kernels import kernel_values
from .reach import POINTWISE, kind_of

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
