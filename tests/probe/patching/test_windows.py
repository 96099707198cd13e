"""Patches answered by windows in small networks built like those that people use: the same as whole pictures."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.patching.fused_layers import kind_of
from tests import models
from tests.probe.patching.common import assert_close, covered, everywhere, randomise

pytestmark = pytest.mark.usefixtures("windows_wherever_possible")
SIZE = (17, 22)


def _normalised(layer: Any, x: Any) -> Any:
    return layers.BatchNormalization()(layer(x))


def _separable(width: int, kernel: int = 3, **more: Any) -> Any:
    return layers.SeparableConv2D(width, kernel, padding="same", use_bias=False, **more)


def xception(x: Any) -> Any:
    """Separable branches beside a strided one, which read each other's maps."""
    for width in (6, 8):
        beside = _normalised(layers.Conv2D(width, 1, strides=2, padding="same", use_bias=False), x)
        x = _normalised(_separable(width), layers.ReLU()(x))
        x = _normalised(_separable(width), layers.ReLU()(x))
        x = layers.Add()([layers.MaxPooling2D(3, strides=2, padding="same")(x), beside])
    return _normalised(_separable(5), x)


def nasnet(x: Any) -> Any:
    """Cells whose inputs are of two sizes, brought together by padding, cropping and sparse pooling."""

    def shrunk(x: Any) -> Any:
        x = layers.ReLU()(x)
        near = layers.AveragePooling2D(1, strides=2)(x)
        far = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
        far = layers.AveragePooling2D(1, strides=2)(far)
        parts = [layers.Conv2D(3, 1, use_bias=False)(part) for part in (near, far)]
        return layers.BatchNormalization()(layers.Concatenate()(parts))

    first = x
    padded = layers.ZeroPadding2D(((1, 1), (1, 1)))(layers.ReLU()(x))
    second = _normalised(
        layers.SeparableConv2D(6, 3, strides=2, padding="valid", use_bias=False),
        layers.Cropping2D(((0, 1), (0, 1)))(padded) if x.shape[1] % 2 == 0 else padded,
    )
    first = shrunk(first)
    pooled = layers.AveragePooling2D(3, strides=1, padding="same")(first)
    return layers.Concatenate()(
        [first, layers.Add()([pooled, first]), _normalised(_separable(6, 5), first), second]
    )


def densenet(x: Any) -> Any:
    for _ in range(3):
        new = layers.Conv2D(8, 1, use_bias=False)(layers.ReLU()(layers.BatchNormalization()(x)))
        new = layers.Conv2D(3, 3, padding="same", use_bias=False)(
            layers.ReLU()(layers.BatchNormalization()(new))
        )
        x = layers.Concatenate()([x, new])
    return layers.AveragePooling2D(2)(layers.Conv2D(6, 1)(x))


def mobilenet(x: Any) -> Any:
    """Squeeze-and-excite, from where on whole maps run."""
    x = layers.Activation("hard_silu")(_normalised(layers.Conv2D(6, 1, use_bias=False), x))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.ReLU(6.0)(
        _normalised(layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2, use_bias=False), x)
    )
    share = layers.GlobalAveragePooling2D(keepdims=True)(x)
    share = layers.Conv2D(12, 1, activation="hard_sigmoid")(layers.Conv2D(3, 1, activation="relu")(share))
    return _normalised(layers.Conv2D(4, 1, use_bias=False), layers.Multiply()([x, share]))


def convnext(x: Any) -> Any:
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.Dense(8, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(y))
    x = layers.Add()([x, layers.Dense(x.shape[-1])(y)])
    return layers.LayerNormalization(axis=[1, 2])(
        layers.Conv2D(5, 2, strides=2)(layers.LayerNormalization()(x))
    )


def context(x: Any) -> Any:
    """A global mean that is spread out again and put beside the maps, and smooth enlarging."""
    mean = layers.UpSampling2D((5, 7), interpolation="bilinear")(
        layers.GlobalAveragePooling2D(keepdims=True)(x)
    )
    low = layers.Conv2D(3, 3, strides=(3, 3), dilation_rate=1, padding="same", activation="relu")(x)
    wide = layers.SeparableConv2D(3, 3, dilation_rate=2, depth_multiplier=2, padding="same")(low)
    high = layers.UpSampling2D(2, interpolation="bilinear")(wide)
    return layers.Flatten()(layers.GroupNormalization(3)(high)), layers.Flatten()(mean)


def attention(x: Any) -> Any:
    x = layers.MaxPooling2D(4)(layers.Conv2D(4, 3, padding="same")(x))
    tokens = layers.Reshape((-1, 4))(x)
    seen = layers.MultiHeadAttention(2, 2)(tokens, tokens)
    return layers.Conv2D(3, 3)(layers.Reshape(x.shape[1:])(layers.Add()([tokens, seen])))


def own_functions(x: Any) -> Any:
    """Operations of every shape between layers: constants for each place are none of the place's own."""
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = ops.clip(x, np.linspace(-1, -0.1, 4, dtype="float32"), 2.0) * 0.5
    x = x + np.random.default_rng(0).uniform(0, 1, x.shape[1:]).astype(np.float32)
    return layers.Conv2D(3, 3)(layers.Lambda(lambda x: x / (1 + ops.mean(x, 2, keepdims=True) ** 2))(x))


class Standardised(layers.Conv2D):
    """A convolution whose kernels are brought to mean zero whenever it runs, as Keras' documentation has it."""

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        return super().convolution_op(inputs, kernel - ops.mean(kernel, axis=(0, 1, 2)))


def changed_layers(x: Any) -> Any:
    x = _normalised(Standardised(4, 3, padding="same"), x)
    return layers.Conv2D(3, 3)(
        layers.Rescaling(np.linspace(0, 2, x.shape[2] * 4).reshape(1, x.shape[2], 4))(x)
    )


CELLS = (
    xception, nasnet, densenet, mobilenet, convnext, context, attention, own_functions, changed_layers,
)  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.__name__)
def test_a_cell_gives_what_whole_pictures_give(cell: Callable[[Any], Any]) -> None:
    keras.utils.set_random_seed(5)
    given = keras.Input((*SIZE, 3), name="image")
    made = cell(layers.Conv2D(4, 3, padding="same", activation="relu")(given))
    x = layers.Concatenate()(made) if isinstance(made, tuple) else made
    x = layers.GlobalAveragePooling2D()(x) if len(x.shape) == 4 else x
    model = randomise(keras.Model(given, layers.Dense(3)(x)), 0)
    probe, image, source = cnnviz.Probe(model), models.picture(*SIZE), np.random.default_rng(1)
    for size in ((3, 2), (6, 9)):
        places = everywhere(SIZE, size)
        patches = source.uniform(0, 1, (len(places), *size, 3)).astype(np.float32)
        patched = probe.patched(image, ["output"], places, size)
        assert patched.gain > 1
        (found,) = patched.answers(patches)
        assert_close(found, np.asarray(model(covered(image, patches, places), training=False)))
        assert patched.note == ""


class InTraining(keras.Model):
    """A model whose author normalises by the batch for good."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization()
        self.head = layers.Dense(3)

    def call(self, x: Any) -> Any:
        x = self.norm(self.convolution(x), training=True)
        return self.head(ops.mean(ops.relu(x), axis=(1, 2)))


def test_a_layer_in_training_mode_for_good_never_runs_on_windows() -> None:
    keras.utils.set_random_seed(0)
    model = InTraining()
    model(np.zeros((2, *SIZE, 3), np.float32))
    patched = cnnviz.Probe(model).patched(models.picture(*SIZE), ["output"], [(5, 5)], (2, 2))
    assert patched.gain == 1


def test_a_layer_that_someone_changed_is_of_no_known_kind() -> None:
    class Named(layers.Conv2D):
        def __init__(self) -> None:
            super().__init__(3, 3)

        def helped(self) -> int:
            return 1

    replaced = layers.Conv2D(3, 3)
    replaced.call = lambda x: x  # type: ignore[method-assign]
    assert kind_of(Named()) == "Conv2D"
    assert kind_of(Standardised(3, 3)) == kind_of(replaced) == kind_of(np.tanh) == ""
