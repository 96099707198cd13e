"""Names of what the call of a layer makes: alike in every kernel."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz


class Residual(layers.Layer):
    """Adds to its picture what a convolution makes of it, with an operation and a layer that `call` makes."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.inner = layers.Conv2D(3, 3, padding="same", name="inner_7")

    def call(self, x: Any) -> Any:
        x = keras.ops.relu(x + self.inner(x))
        return layers.Add()([x + 1.0, x])


class TracedResidual(Residual):
    """The same with a function of TensorFlow's, so that it is watched."""

    def call(self, x: Any) -> Any:
        return tf.nn.softplus(super().call(x))


@pytest.mark.parametrize("kind", [Residual, TracedResidual])
def test_what_a_call_makes_is_named_alike_however_much_keras_has_made_before(kind: type[Residual]) -> None:
    picture = keras.Input((8, 8, 3))
    made = layers.Dense(2)(layers.GlobalAveragePooling2D()(kind(name="block")(picture)))
    model = keras.Model(picture, made)
    names = [layer.name for layer in cnnviz.Probe(model).layers]
    assert names[:4] == ["block/inner_7", "block/add", "block/relu", "block/add#2"]
    _ = keras.Input((4,)) + 1.0
    assert [layer.name for layer in cnnviz.Probe(model).layers] == names
