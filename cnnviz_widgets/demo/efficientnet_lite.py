"""EfficientNet-Lite0 as a functional Keras model, and how PyTorch's names map onto its layers.

Lite0 is EfficientNet-B0 (Tan and Le, ICML 2019, arXiv:1905.11946, table 1) without squeeze-and-excitation
and with ReLU6 in place of swish (R. Liu, "Higher accuracy on vision models with EfficientNet-Lite",
TensorFlow blog, 2020).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import keras
import numpy as np
from keras import layers

from ..errors import ModelError


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int
    expand: int
    filters: int


_STAGES = (
    _Stage(repeats=1, kernel=3, stride=1, expand=1, filters=16),
    _Stage(repeats=2, kernel=3, stride=2, expand=6, filters=24),
    _Stage(repeats=2, kernel=5, stride=2, expand=6, filters=40),
    _Stage(repeats=3, kernel=3, stride=2, expand=6, filters=80),
    _Stage(repeats=3, kernel=5, stride=1, expand=6, filters=112),
    _Stage(repeats=4, kernel=5, stride=2, expand=6, filters=192),
    _Stage(repeats=1, kernel=3, stride=1, expand=6, filters=320),
)


def _blocks() -> Iterator[tuple[str, _Stage, int]]:
    """Yield each block's name, stage and stride; only the first block of a stage strides."""
    for number, stage in enumerate(_STAGES, start=1):
        for repeat in range(stage.repeats):
            yield f"block{number}{'abcd'[repeat]}", stage, stage.stride if repeat == 0 else 1


def efficientnet_lite0() -> keras.Model:
    """Return the untrained network: 224x224x3 with values 0 to 255 in, 1000 probabilities out."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(image)
    x = _convolution(x, 32, 3, "stem", stride=2)
    for name, stage, stride in _blocks():
        x = _block(x, name, stage, stride)
    x = _convolution(x, 1280, 1, "top")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dense(1000, name="predictions")(x)
    return keras.Model(image, layers.Softmax(name="softmax")(x), name="EfficientNet-Lite0")


def _convolution(
    x: keras.KerasTensor, filters: int, kernel: int, name: str, stride: int = 1
) -> keras.KerasTensor:
    made = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")
    return _activated(made(x), name)


def _activated(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_activation")(x)


def _block(x: keras.KerasTensor, name: str, stage: _Stage, stride: int) -> keras.KerasTensor:
    """Return the inverted bottleneck: wider, filtered by channel, narrow again, added where shapes agree."""
    entry, width = x, x.shape[-1]
    if stage.expand > 1:
        x = _convolution(x, width * stage.expand, 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_dwconv")(x)
    x = _activated(x, name)
    x = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_project_bn")(x)
    if stride == 1 and width == stage.filters:
        x = layers.Add(name=f"{name}_add")([x, entry])
    return x


def load_state(model: keras.Model, state: Mapping[str, np.ndarray]) -> None:
    """Set every weight of `model` from PyTorch's tensors.

    Raises
    ------
    ModelError
        If a tensor is missing, one is left over, or a shape differs.
    """
    left = {name for name in state if not name.endswith("num_batches_tracked")}
    for layer_name, prefix in _pairs():
        layer = model.get_layer(layer_name)
        names = [f"{prefix}.{end}" for end in _endings(layer)]
        lacking = [name for name in names if name not in state]
        if lacking:
            raise ModelError(
                f"the weights of layer {layer_name!r} are not in the file: {', '.join(lacking)}."
            )
        for variable, name in zip(layer.weights, names, strict=True):
            variable.assign(_in_keras_order(layer, state[name]))
        left -= set(names)
    if left:
        raise ModelError(f"the file has weights that the network does not: {', '.join(sorted(left))}.")


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield each layer with weights and the name its tensors begin with."""
    yield from (("stem_conv", "_conv_stem"), ("stem_bn", "_bn0"))
    for index, (name, stage, _) in enumerate(_blocks()):
        within = f"_blocks.{index}."
        if stage.expand > 1:
            yield from (
                (f"{name}_expand_conv", f"{within}_expand_conv"),
                (f"{name}_expand_bn", f"{within}_bn0"),
            )
        yield from ((f"{name}_dwconv", f"{within}_depthwise_conv"), (f"{name}_bn", f"{within}_bn1"))
        yield from (
            (f"{name}_project_conv", f"{within}_project_conv"),
            (f"{name}_project_bn", f"{within}_bn2"),
        )
    yield from (("top_conv", "_conv_head"), ("top_bn", "_bn1"), ("predictions", "_fc"))


def _endings(layer: keras.Layer) -> tuple[str, ...]:
    if isinstance(layer, layers.BatchNormalization):
        return "weight", "bias", "running_mean", "running_var"
    return ("weight", "bias") if isinstance(layer, layers.Dense) else ("weight",)


def _in_keras_order(layer: keras.Layer, tensor: np.ndarray) -> np.ndarray:
    """Return a kernel (out, in, height, width) as (height, width, in, out), and a dense one turned over.

    A depthwise kernel is (channels, 1, height, width) here and (height, width, channels, 1) in Keras.
    """
    if tensor.ndim == 4:
        return tensor.transpose((2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0))
    return tensor.T
