"""Small networks that end in a code of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

SIDE = 8


def _maps(image: Any) -> Any:
    x = layers.Conv2D(4, 3, padding="same", activation="elu", name="conv_1")(image)
    return layers.Conv2D(5, 3, strides=2, padding="same", activation="tanh", name="maps")(x)


def branch(*ends: Callable[[], Any], size: tuple[int | None, int | None] = (SIDE, SIDE)) -> keras.Model:
    """Return convolutions and then the layers given; the last one is called ``embedding``."""
    keras.utils.set_random_seed(11)
    image = keras.Input((*size, 3), name="image")
    x = _maps(image)
    for k, make in enumerate(ends):
        layer = make()
        layer.name = "embedding" if k == len(ends) - 1 else f"end_{k}"
        x = layer(x)
    model = keras.Model(image, x, name="branch")
    random = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 2, w.shape) for w in layer.get_weights()])
        if isinstance(layer, layers.Dense):
            layer.set_weights([random.normal(size=w.shape) / 4 for w in layer.get_weights()])
    return model


class Flatten(layers.Flatten):
    """A layer that says it lays maps out, and doubles them too."""

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * 2


EXACT: dict[str, tuple[Callable[[], Any], ...]] = {
    "mean": (layers.GlobalAveragePooling2D,),
    "mean that keeps its axes": (lambda: layers.GlobalAveragePooling2D(keepdims=True),),
    "average pooling over all": (lambda: layers.AveragePooling2D(4), layers.Flatten),
    "maximum": (layers.GlobalMaxPooling2D,),
    "laid out": (layers.Flatten,),
    "laid out, reshaped": (lambda: layers.Reshape((80,)),),
    "mean, dropout": (layers.GlobalAveragePooling2D, lambda: layers.Dropout(0.5)),
    "mean, dense": (layers.GlobalAveragePooling2D, lambda: layers.Dense(6)),
    "laid out, dense": (layers.Flatten, lambda: layers.Dense(6)),
    "laid out, dense, normalised": (layers.Flatten, lambda: layers.Dense(6), layers.BatchNormalization),
    "maximum, two dense": (layers.GlobalMaxPooling2D, lambda: layers.Dense(7), lambda: layers.Dense(3)),
    "mean, dense, length 1": (
        layers.GlobalAveragePooling2D,
        lambda: layers.Dense(6),
        layers.UnitNormalization,
    ),
    "laid out, length 1": (layers.Flatten, layers.UnitNormalization),
    "laid out, length 1, dense": (layers.Flatten, layers.UnitNormalization, lambda: layers.Dense(3)),
}

INEXACT: dict[str, tuple[Callable[[], Any], ...]] = {
    "dense with relu": (layers.GlobalAveragePooling2D, lambda: layers.Dense(6, activation="relu")),
    "activation": (layers.GlobalAveragePooling2D, lambda: layers.ReLU()),
    "lambda": (layers.Flatten, lambda: layers.Lambda(lambda x: x * 2)),
    "activation inside": (layers.Flatten, layers.ReLU, lambda: layers.Dense(3)),
}


def siamese() -> keras.Model:
    """Return two pictures through one branch, and the distance of their codes."""
    own = branch(layers.GlobalAveragePooling2D, lambda: layers.Dense(6))
    left, right = (keras.Input((SIDE, SIDE, 3), name=name) for name in ("left", "right"))
    apart = layers.Subtract(name="apart")([own(left), own(right)])
    return keras.Model(
        [left, right], layers.Dense(1, activation="sigmoid", name="same")(apart), name="siamese"
    )
